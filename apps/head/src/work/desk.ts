import type { HeadMessage } from "@bramble/core/api";
import type { Clock, Logger, Mac, Millis, Random, Timer } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { BoardRecord } from "@bramble/core/register";
import type { ChunkAnswer, FoldOrder, Lease, LostLease, Outcome } from "@bramble/core/work";
import { isFree, nameOfUser, outcomeOfError, type WorkQueue } from "@bramble/core/work";
import type { Bus } from "../bus.ts";
import type { Roster } from "../register/roster.ts";
import type { Claimed, WorkStore } from "../store/work.ts";
import { createFolds, type FoldProgress } from "./folds.ts";
import type { WorkLimits } from "./limits.ts";

/** What the links tell the work room. */
export type Desk = {
  /**
   * The board can take this many Warbles now; 0 withdraws. `held`: all leases that it holds, when it says so. `chunks`:
   * how many batches of chunks it computes at a time.
   */
  ready(board: BoardRecord, slots: number, held?: readonly string[], chunks?: number): void;
  /** A run of the board has come to a big fold and waits for `folded`. */
  fold(board: BoardRecord, lease: string, fold: number, order: FoldOrder): void;
  /** A batch of chunks has ended on the board. */
  chunked(board: BoardRecord, lease: string, answers: readonly ChunkAnswer[], ms: number): void;
  /**
   * Resolves once the result is durable, or once it is known that the lease is no longer this board's: then `taken` is
   * the answer. Rejects when the store cannot write: no `taken`; the board sends it again.
   */
  result(board: BoardRecord, lease: string, outcome: Outcome, ms: number): Promise<void>;
  /** The board's link is gone. */
  gone(board: BoardRecord): void;
};

/** A job that has ended, durably. */
export type Ended = {
  readonly number: number;
  readonly user: string;
  readonly state: "done" | "failed";
  /** The board's name. */
  readonly board: string | null;
  readonly outcome: Outcome;
};

/** The part of the room that gives leases to boards and takes their results. */
export type LeaseDesk = Desk &
  AsyncDisposable & {
    /** Something may have become possible: a post, a cooler board. */
    look(): void;
    /** How long a job at that place of the queue will wait, as the last runs went. */
    waitMs(place: number): Millis;
    /** End a job that is queued or runs: `failed`, class CANCELLED. False when it has ended. */
    cancel(job: number): Promise<boolean>;
    /** How far the chunks of the job's newest fold are; null when it has none. */
    progress(job: number): FoldProgress | null;
  };

/** What the desk is made of. */
export type DeskParts = {
  readonly queue: WorkQueue;
  readonly store: WorkStore;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly send: (board: Mac, message: HeadMessage) => boolean;
  readonly ended: (ended: Ended) => void;
  /** May this board, by name, be given no work now, because its group may be cycled yet? */
  readonly isHeld?: (board: string) => boolean;
  readonly limits: WorkLimits;
};

/** The desk over a queue that already knows what the store holds. */
export function createDesk({
  queue,
  store,
  roster,
  bus,
  clock,
  random,
  log,
  send,
  ended,
  isHeld = () => false,
  limits,
}: DeskParts): LeaseDesk {
  const settling = new Map<string, Promise<void>>();
  /** Leases on their way to the store, of which no board can know. */
  const claiming = new Set<string>();
  const working = new Map<Mac, number>();
  const tasks = new Set<Promise<void>>();
  let isClosed = false;
  let isLooking = false;
  let pause: Timer | null = null;
  let meanMs = 200;

  const isPlaceable = (board: Mac): boolean => {
    const entry = roster.byMac(board);
    return entry !== null && isFree(entry, limits.cpuLimit) && !isHeld(entry.name);
  };
  const folds = createFolds({
    ...{ roster, clock, random, log, send },
    isFree: isPlaceable,
    running: (board) => working.get(board) ?? 0,
    distrusted(board) {
      const message = "computed a part of a SUM wrongly, as two others say: it gets no more until it links again";
      bus.emit("event", { kind: "board.wrong", level: "warn", board: nameOf(board), message });
    },
  });

  const nameOf = (board: Mac): string | null => roster.byMac(board)?.name ?? null;

  const own = (task: Promise<void>): void => {
    tasks.add(task);
    void task.finally(() => tasks.delete(task));
  };

  /** At most one look waits, however many boards were measured at once. */
  const look = (): void => {
    if (isLooking || isClosed || pause !== null || queue.counts().queued === 0 || queue.slots() === 0) return;
    isLooking = true;
    queueMicrotask(() => {
      isLooking = false;
      if (!isClosed && pause === null) give();
    });
  };

  const give = (): void => {
    const leases: Lease[] = [];
    const canTake = (board: Mac): boolean => {
      if (isPlaceable(board)) return true;
      // Busy with chunks, which go behind: a fold keeps no post waiting.
      const entry = roster.byMac(board);
      return entry?.isLinked === true && isUp(entry) && !isHeld(entry.name) && folds.isHelping(board);
    };
    for (;;) {
      const lease = queue.assign(canTake, (job, attempt) => leaseName(job.number, attempt, random), clock.monotonic());
      if (lease === null) break;
      leases.push(lease);
    }
    if (leases.length > 0) own(claim(leases));
  };

  const claim = async (leases: readonly Lease[]): Promise<void> => {
    let claimed: readonly Claimed[];
    const ahead = clock.now() - clock.monotonic();
    for (const { id } of leases) claiming.add(id);
    try {
      claimed = await store.claim(
        leases.map((lease) => ({
          number: lease.job,
          lease: lease.id,
          mac: lease.board,
          board: nameOf(lease.board) ?? lease.board,
          attempt: lease.attempt,
          until: Math.round(lease.until + ahead),
        })),
      );
    } catch (thrown) {
      log.error({ leases: leases.length, error: messageOf(thrown) }, "leases not stored, trying again soon");
      for (const lease of leases) queue.unclaimed(lease.id);
      pause ??= clock.after(storePauseMs, () => {
        pause = null;
        look();
      });
      return;
    } finally {
      for (const { id } of leases) claiming.delete(id);
    }
    leases.forEach((lease, at) => {
      deliver(lease, claimed[at]!);
    });
    look();
  };

  const deliver = (lease: Lease, { post, seed, saved, data }: Claimed): void => {
    const isSent = send(lease.board, {
      type: "run",
      lease: lease.id,
      post,
      user: nameOfUser(lease.user),
      saved,
      data,
      seed,
      nowMs: clock.now(),
      timeoutMs: limits.wallMs,
      spread: true,
    });
    if (isSent) {
      noteWorking(lease.board, 1);
      return;
    }
    queue.undelivered(lease.id);
    own(requeue([lease]));
  };

  /** The next claim would overwrite the lease anyway: this only keeps what people read true. */
  const requeue = async (leases: readonly Lease[]): Promise<void> => {
    try {
      await store.requeue(leases.map(({ job, id }) => ({ number: job, lease: id })));
    } catch (thrown) {
      log.warn({ leases: leases.length, error: messageOf(thrown) }, "return to the queue not stored");
    }
  };

  const noteWorking = (board: Mac, change: 1 | -1): void => {
    const before = working.get(board) ?? 0;
    const now = Math.max(0, before + change);
    if (now === 0) working.delete(board);
    else working.set(board, now);
    if (before === 0 || now === 0) bus.emit("work.changed", { board: nameOf(board), isWorking: now > 0 });
  };

  const settle = async (lease: Lease, state: "done" | "failed", outcome: Outcome, ms: number | null): Promise<void> => {
    const at = clock.now();
    let isFirst: boolean;
    try {
      isFirst = await store.end({ number: lease.job, lease: lease.id, state, outcome, at, ms });
    } catch (thrown) {
      queue.untake(lease.id);
      throw thrown;
    }
    queue.settle(lease.id);
    folds.ended(lease.job);
    noteWorking(lease.board, -1);
    if (ms !== null) meanMs += (Math.min(ms, limits.wallMs) - meanMs) / 16;
    if (isFirst) ended({ number: lease.job, user: lease.user, state, board: nameOf(lease.board), outcome });
    look();
    folds.look();
  };

  const fail = async (lease: Lease): Promise<void> => {
    const message = `${lease.attempt} boards in a row were lost or gave no result in time; post it again.`;
    try {
      await settle(lease, "failed", outcomeOfError({ class: "LOST", pos: 1, message }), null);
    } catch (thrown) {
      log.warn({ warble: lease.job, error: messageOf(thrown) }, "failure not stored, trying again");
    }
  };

  const cancel = async (job: number): Promise<boolean> => {
    const outcome = outcomeOfError({ class: "CANCELLED", pos: 1, message: "Its poster took it back." });
    const lease = queue.leaseOf(job);
    if (lease === null) {
      const user = store.find(job)?.user;
      if (user === undefined || !queue.withdraw(job)) return false;
      try {
        if (!(await store.withdraw(job, outcome, clock.now()))) return false;
      } catch (thrown) {
        queue.post({ number: job, user });
        throw thrown;
      }
      ended({ number: job, user, state: "failed", board: null, outcome });
      return true;
    }
    // On its way to a board: nothing can be taken back until it is stored.
    if (claiming.has(lease.id)) {
      await Promise.allSettled([...tasks]);
      return cancel(job);
    }
    if (queue.take(lease.id, lease.board) === null) return false;
    send(lease.board, { type: "cancel", lease: lease.id });
    await settle(lease, "failed", outcome, null);
    return true;
  };

  const tick = (): void => {
    for (const { lease, board } of folds.waiting()) {
      // It waits for us: only a board that is gone loses it.
      const entry = roster.byMac(board);
      if (entry?.isLinked === true && isUp(entry)) queue.prolong(lease, clock.monotonic() + limits.queue.leaseMs);
    }
    const lost = queue.expire(clock.monotonic());
    for (const entry of lost) tellLoss(entry);
    const again = lost.filter(({ kind }) => kind === "again").map(({ lease }) => lease);
    for (const lease of again) noteWorking(lease.board, -1);
    if (again.length > 0) own(requeue(again));
    for (const { lease, kind } of lost) if (kind === "exhausted") own(fail(lease));
    look();
    folds.tick();
  };

  const tellLoss = ({ lease, kind }: LostLease): void => {
    folds.released(lease.id);
    send(lease.board, { type: "cancel", lease: lease.id });
    const { job, attempt, board } = lease;
    log.warn(
      { warble: job, board: nameOf(board), attempt },
      kind === "again" ? "lease lost, again elsewhere" : "lease lost for good",
    );
  };

  const ticking = clock.every(tickMs, tick);
  const lookAgain = (): void => {
    look();
    folds.look();
  };
  const endings = [bus.on("samples.stored", lookAgain), bus.on("board.standing", lookAgain)];

  return {
    ready(board, slots, held, chunks) {
      if (chunks !== undefined) folds.helper(board.mac, chunks);
      if (held !== undefined) {
        const back = queue.holds(board.mac, new Set([...held, ...claiming]), clock.monotonic());
        for (const { id } of back) folds.released(id);
        if (back.length > 0) own(requeue(back));
      }
      queue.ready(board.mac, slots);
      look();
    },
    async result(board, id, outcome, ms) {
      const pending = settling.get(id);
      if (pending !== undefined) return pending;
      const lease = queue.take(id, board.mac);
      if (lease === null) return;
      const task = settle(lease, "done", bounded(outcome, limits.resultChars), ms);
      settling.set(id, task);
      try {
        await task;
      } finally {
        settling.delete(id);
      }
    },
    fold(board, id, fold, order) {
      const lease = queue.held(id, board.mac);
      const post = lease === null ? null : (store.find(lease.job)?.post ?? null);
      if (lease === null || post === null) send(board.mac, { type: "cancel", lease: id });
      else folds.ask({ job: lease.job, lease: id, board: board.mac, post, fold, order });
    },
    chunked(board, id, answers, ms) {
      folds.chunked(board.mac, id, answers, ms);
    },
    cancel,
    progress: (job) => folds.progress(job),
    gone(board) {
      queue.gone(board.mac, clock.monotonic());
      folds.gone(board.mac);
    },
    look,
    waitMs(place) {
      const { leased } = queue.counts();
      return Math.ceil((place / Math.max(1, leased + queue.slots())) * meanMs);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      ticking.cancel();
      pause?.cancel();
      for (const end of endings) end();
      await Promise.allSettled([...tasks, ...settling.values()]);
    },
  };
}

function isUp({ standing }: { readonly standing: { readonly state: { readonly kind: string } } }): boolean {
  return standing.state.kind === "up";
}

const tickMs = 1000;
const storePauseMs = 1000;

function leaseName(job: number, attempt: number, random: Random): string {
  return `${job}.${attempt}.${random.whole(2 ** 32).toString(36)}`;
}

/** What may be kept of a board's word: nothing is saved by a program that failed, and no result is larger than the bound. */
function bounded(outcome: Outcome, chars: number): Outcome {
  const whole = outcome.error === null ? outcome : { ...outcome, saves: {}, data: {} };
  let size = 0;
  for (const line of whole.out) size += line.length + 3;
  for (const effect of whole.effects) {
    for (const part of effect) size += typeof part === "string" ? part.length + 3 : 8;
  }
  const isTooMany = [whole.saves, whole.data].some((values) => Object.keys(values).length > maxNames);
  if (size <= chars && !isTooMany) return whole;
  const message = isTooMany
    ? `more than ${maxNames} names saved at once`
    : `the result has more than ${chars} characters`;
  return { ...outcomeOfError({ class: "OUTPUT", pos: 1, message }), steps: whole.steps };
}

const maxNames = 64;
