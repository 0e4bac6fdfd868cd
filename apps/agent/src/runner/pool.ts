import { Worker } from "node:worker_threads";
import type { Clock, Millis, Timer } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Outcome } from "@bramble/core/work";
import type { FoldRunner, Runner, RunRequest } from "./runner.ts";
import { type FromThread, type ThreadEnd, type ToThread, threadKind } from "./thread-messages.ts";

/** What a pool of workers is made of. */
export type PoolParts = {
  readonly clock: Clock;
  /** Threads at most; each starts when it is first needed. */
  readonly workers: number;
  /** What one agent may have running; default: as many as there are threads. */
  readonly slots?: number;
  /** The module that a thread runs; it must end in `serveWarbles()` when `isWarbleThread()`. Default: `thread.ts` beside this file. */
  readonly entry?: URL;
  /** Heap of one thread; what needs more is ended with class MEMORY. */
  readonly memoryMb?: number;
  /** A thread that had nothing to do for so long is ended; the next run starts another. */
  readonly idleMs?: Millis;
  /** Runs that wait for a thread; more are turned away. */
  readonly maxQueue?: number;
};

/**
 * Threads that run Warbles, watched from outside: a run that overstays its wall time, or outgrows its memory, is ended
 * with its thread, and the next run gets a new one. The caller's thread only passes messages.
 */
export function createWorkerPool(parts: PoolParts): Runner {
  return new WorkerPool(parts);
}

type Job = {
  readonly message: ToThread;
  readonly done: (end: ThreadEnd) => void;
  readonly failed: (reason: unknown) => void;
};

type Seat = { thread: Worker | null; isReady: boolean; job: Job | null; timer: Timer | null };

class WorkerPool implements Runner {
  readonly slots: number;
  readonly #parts: PoolParts;
  readonly #seats: Seat[];
  readonly #queue: Job[] = [];
  /** Chunks of other boards' folds: begun only when no run waits. */
  readonly #behind: Job[] = [];
  readonly folds: FoldRunner;
  #isClosed = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.slots = parts.slots ?? parts.workers;
    this.#seats = Array.from({ length: parts.workers }, () => ({
      thread: null,
      isReady: false,
      job: null,
      timer: null,
    }));
    this.folds = {
      slots: this.slots,
      run: async (request, answers, signal) => {
        const end = await this.#do({ kind: "run", request, answers }, signal);
        return end.kind === "chunks" ? unexpected() : end;
      },
      chunks: async (request, signal) => {
        const end = await this.#do({ kind: "chunks", request }, signal);
        return { answers: end.kind === "chunks" ? end.answers : [], ms: end.ms };
      },
    };
  }

  async run(request: RunRequest, signal: AbortSignal): Promise<{ outcome: Outcome; ms: number }> {
    const end = await this.#do({ kind: "run", request, answers: null }, signal);
    return end.kind === "done" ? { outcome: end.outcome, ms: end.ms } : unexpected();
  }

  #do(message: ToThread, signal: AbortSignal): Promise<ThreadEnd> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#isClosed) return reject(new ClusterError("work.closed", "the runner is closed"));
      const queue = message.kind === "run" ? this.#queue : this.#behind;
      if (queue.length >= (this.#parts.maxQueue ?? 4096)) {
        return reject(new ClusterError("work.full", `${queue.length} runs wait already`));
      }
      const onAbort = (): void => this.#abort(job, signal.reason);
      const settle = (): void => signal.removeEventListener("abort", onAbort);
      const job: Job = {
        message,
        done: (end) => {
          settle();
          resolve(end);
        },
        failed: (reason) => {
          settle();
          reject(reason);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      queue.push(job);
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const reason = new ClusterError("work.closed", "the runner is closed");
    for (const job of [...this.#queue.splice(0), ...this.#behind.splice(0)]) job.failed(reason);
    await Promise.all(this.#seats.map((seat) => this.#clear(seat, (job) => job.failed(reason))));
  }

  #next(): void {
    const queue = this.#queue.length > 0 ? this.#queue : this.#behind;
    if (queue.length === 0 || this.#isClosed) return;
    const isFree = (seat: Seat): boolean => seat.job === null;
    // A warm thread first, so that a quiet board keeps only one.
    const seat = this.#seats.find((s) => isFree(s) && s.thread !== null) ?? this.#seats.find(isFree);
    if (seat === undefined) return;
    seat.job = queue.shift()!;
    seat.timer?.cancel();
    if (seat.thread === null) this.#start(seat);
    else if (seat.isReady) this.#begin(seat);
  }

  #start(seat: Seat): void {
    const { clock, entry, memoryMb = 128 } = this.#parts;
    const thread = new Worker(entry ?? new URL("./thread.ts", import.meta.url), {
      workerData: { kind: threadKind },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
      env: {},
    });
    seat.thread = thread;
    seat.isReady = false;
    thread.on("message", (message: FromThread) => {
      if (seat.thread === thread) this.#hear(seat, message);
    });
    thread.on("error", (error: Error & { code?: string }) => {
      if (seat.thread === thread) this.#crash(seat, error);
    });
    thread.on("exit", (code) => {
      if (seat.thread === thread) this.#crash(seat, new Error(`the thread ended by itself with ${code}`));
    });
    seat.timer = clock.after(startMs, () => this.#crash(seat, new Error("the thread did not start in time")));
  }

  #begin(seat: Seat): void {
    const { message } = seat.job!;
    const { timeoutMs } = message.request;
    seat.timer?.cancel();
    seat.timer = this.#parts.clock.after(timeoutMs, () => {
      void this.#clear(seat, (job) => job.done(stopped("TIME", timeMessage, timeoutMs)));
      this.#next();
    });
    seat.thread!.postMessage(message);
  }

  #hear(seat: Seat, message: FromThread): void {
    seat.timer?.cancel();
    if (message.kind === "ready") {
      seat.isReady = true;
      if (seat.job !== null) this.#begin(seat);
      else this.#rest(seat);
      return;
    }
    const job = seat.job;
    seat.job = null;
    if (message.kind === "failed") job?.failed(new ClusterError("work.crash", message.message));
    else job?.done(message);
    this.#rest(seat);
    this.#next();
  }

  #rest(seat: Seat): void {
    seat.timer = this.#parts.clock.after(this.#parts.idleMs ?? 60_000, () => void this.#clear(seat, () => {}));
  }

  #crash(seat: Seat, error: Error & { code?: string }): void {
    const isMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    void this.#clear(seat, (job) => {
      if (isMemory) job.done(stopped("MEMORY", memoryMessage, 0));
      else job.failed(new ClusterError("work.crash", messageOf(error), { cause: error }));
    });
    this.#next();
  }

  #abort(job: Job, reason: unknown): void {
    const queue = job.message.kind === "run" ? this.#queue : this.#behind;
    const place = queue.indexOf(job);
    if (place >= 0) {
      queue.splice(place, 1);
      job.failed(reason);
      return;
    }
    const seat = this.#seats.find((s) => s.job === job);
    if (seat === undefined) return;
    if (job.message.kind === "chunks") {
      // A batch is short and watched: its thread stays warm for the next run.
      job.failed(reason);
      return;
    }
    void this.#clear(seat, (ended) => ended.failed(reason));
    this.#next();
  }

  /** Empties a seat: its thread is ended whatever it does, its job is told. */
  async #clear(seat: Seat, tell: (job: Job) => void): Promise<void> {
    const { thread, job } = seat;
    seat.timer?.cancel();
    seat.timer = null;
    seat.thread = null;
    seat.isReady = false;
    seat.job = null;
    if (job !== null) tell(job);
    await thread?.terminate();
  }
}

/** What is said of a program that had to be ended from outside. */
function stopped(errorClass: "TIME" | "MEMORY", message: string, ms: Millis): ThreadEnd {
  const error = { class: errorClass, pos: 1, message };
  return { kind: "done", outcome: { out: [], effects: [], error, warnings: [], steps: 0, saves: {}, data: {} }, ms };
}

function unexpected(): never {
  throw new ClusterError("work.crash", "the thread answered another question");
}

const timeMessage = "The program took longer than the wall time that it may have.";
const memoryMessage = "The program needed more memory than it may have.";
/** A Raspberry Pi under load needs seconds to start a thread. */
const startMs = 30_000;
