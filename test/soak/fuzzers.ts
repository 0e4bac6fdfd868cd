import { Worker } from "node:worker_threads";
import { subjectOf } from "../../packages/warble/test/fuzz/subject.ts";
import type { Finding, FromFuzz, FuzzTask, Slowest } from "./messages.ts";

/** What the threads have found so far. */
export type Tally = {
  ran: number;
  slowest: Slowest;
  peakBytes: number;
  readonly findings: Finding[];
};

// Of the whole process, so that a machine that is busy elsewhere makes no hang of a slow thread.
const hangCpuMs = 60_000;
const lookMs = 250;

/**
 * Fuzz on `threads` threads from `seed` on, watched from outside: a program that never ends and one that takes a thread
 * down with it become findings, and the thread is replaced.
 */
export function startFuzzers(
  threads: number,
  seed: number,
  found: (finding: Finding) => void,
): Tally & AsyncDisposable {
  const tally: Tally = { ran: 0, slowest: { ms: 0, seed, post: "" }, peakBytes: 0, findings: [] };
  const add = (finding: Finding): void => {
    tally.findings.push(finding);
    found(finding);
  };
  const seats = Array.from({ length: threads }, (_, i) => new Seat(seed + i, threads, tally, add));
  const timer = setInterval(() => {
    tally.peakBytes = Math.max(tally.peakBytes, process.memoryUsage.rss());
    for (const seat of seats) seat.look();
  }, lookMs);
  return Object.assign(tally, {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(seats.map((seat) => seat.close()));
    },
  });
}

class Seat {
  readonly #stride: number;
  readonly #tally: Tally;
  readonly #add: (finding: Finding) => void;
  readonly #place = new Float64Array(new SharedArrayBuffer(16));
  #thread: Worker;
  #movedAt = cpuMs();
  #count = 0;

  constructor(seed: number, stride: number, tally: Tally, add: (finding: Finding) => void) {
    this.#stride = stride;
    this.#tally = tally;
    this.#add = add;
    this.#thread = this.#start(seed);
  }

  /** End the thread's program when it has not come to an end for too long. */
  look(): void {
    if (this.#place[1] !== this.#count) {
      this.#count = this.#place[1]!;
      this.#movedAt = cpuMs();
    } else if (cpuMs() - this.#movedAt > hangCpuMs) {
      this.#replace("hangs", `no end after ${hangCpuMs} ms of the process`);
    }
  }

  async close(): Promise<void> {
    this.#thread.removeAllListeners();
    await this.#thread.terminate();
  }

  #start(firstSeed: number): Worker {
    const task: FuzzTask = { firstSeed, stride: this.#stride, place: this.#place };
    const thread = new Worker(new URL("./fuzz.child.ts", import.meta.url), {
      workerData: task,
      // As on a board (apps/agent/src/runner/pool.ts).
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    });
    thread.on("message", (message: FromFuzz) => {
      if (message.kind === "finding") return this.#add(message.finding);
      this.#tally.ran += message.ran;
      if (message.slowest.ms > this.#tally.slowest.ms) this.#tally.slowest = message.slowest;
    });
    thread.on("error", (error: Error & { code?: string }) => {
      this.#replace(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "out-of-memory" : "kills-thread", error.stack ?? "");
    });
    this.#movedAt = cpuMs();
    return thread;
  }

  #replace(kind: string, detail: string): void {
    void this.close();
    const seed = this.#place[0]!;
    const { post } = subjectOf(seed);
    this.#add({ seed, kind, detail, post, minimal: post });
    this.#thread = this.#start(seed + this.#stride);
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
