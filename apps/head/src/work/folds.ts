import type { HeadMessage } from "@bramble/core/api";
import type { Clock, Logger, Mac, Millis, Random } from "@bramble/core/base";
import type { ChunkAnswer, FoldOrder } from "@bramble/core/work";
import { batchSize, FoldBook } from "@bramble/core/work";
import type { Roster } from "../register/roster.ts";
import { createHelpers, type Helpers } from "./helpers.ts";

/** How far the chunks of a Warble's fold are. */
export type FoldProgress = { readonly done: number; readonly total: number; readonly boards: number };

/** A run that has come to a big fold and waits. */
type FoldQuestion = {
  /** The number of the job, its lease and the board that runs it. */
  readonly job: number;
  readonly lease: string;
  readonly board: Mac;
  readonly post: string;
  /** The fold's place among those that the run has met, from 0. */
  readonly fold: number;
  readonly order: FoldOrder;
};

/** Spreads the chunks of big folds over the boards. */
export type Folds = {
  /** The board computes so many batches at a time, beside Warbles. */
  helper(board: Mac, slots: number): void;
  /** Answered by `folded` messages to the board; what no board could compute is left to it. */
  ask(question: FoldQuestion): void;
  /** A board's batch has ended. */
  chunked(board: Mac, lease: string, answers: readonly ChunkAnswer[], ms: Millis): void;
  /** The board's link is gone, and with it its batches. */
  gone(board: Mac): void;
  /** The lease is over: nobody waits under it. What is known is kept for the next one. */
  released(lease: string): void;
  /** The job has ended. */
  ended(job: number): void;
  /** Whether the board's load may be of our own making. */
  isHelping(board: Mac): boolean;
  /** Jobs whose runs wait now, by the lease that has to stand meanwhile. */
  waiting(): readonly { readonly lease: string; readonly board: Mac }[];
  progress(job: number): FoldProgress | null;
  /** Something may have become possible; and once a second. */
  look(): void;
  tick(): void;
};

/** What it is made of. */
export type FoldsParts = {
  readonly roster: Roster;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly send: (board: Mac, message: HeadMessage) => boolean;
  /** Whether placement lets the board work now. */
  readonly isFree: (board: Mac) => boolean;
  /** Warbles that run on the board, those that wait for a fold included. */
  readonly running: (board: Mac) => number;
  /** Two boards contradicted this one. */
  readonly distrusted: (board: Mac) => void;
};

/** The folds of all running Warbles, fairly: they take turns, and a board gets no more than its threads can do. */
export function createFolds(parts: FoldsParts): Folds {
  const { clock, random, log, send } = parts;
  /** By job, its newest fold last. */
  const books = new Map<number, Entry[]>();
  /** Folds that wait for chunks, the one that was served longest ago first. */
  const active = new Set<Entry>();
  const batches = new Map<string, { readonly entry: Entry; readonly board: Mac }>();
  const helpers: Helpers = createHelpers(parts, (board) => waitsOn(board));
  const started = new Set<Entry>();
  let keptChars = 0;
  let msPerStep = firstMsPerStep;

  const waitsOn = (board: Mac): number => {
    let count = 0;
    for (const { asker } of active) if (asker?.board === board) count++;
    return count;
  };

  /** As much as the board can take, from the folds in turn; one `ahead`, so that no thread waits for the wire. */
  const serve = (board: Mac, ahead: 0 | 1 = 1): void => {
    for (let room = helpers.room(board, ahead); room > 0; room--) {
      if (![...active].some((entry) => giveOne(entry, board))) return;
    }
  };

  const giveOne = (entry: Entry, board: Mac): boolean => {
    // Folds that have begun hold answers: so many at a time, the others wait.
    if (started.size >= mostStarted && !started.has(entry)) return false;
    const { book, question } = entry;
    const { order, post } = question;
    const now = clock.monotonic();
    const id = `c${random.whole(2 ** 40).toString(36)}`;
    const chunkMs = Math.max(1e-6, entry.chunkSteps * msPerStep);
    const size = batchSize({ left: book.waiting, slots: helpers.count(), chunkMs });
    const lease = { id, board, since: now, until: now + leaseMs };
    const batch = book.give(lease, size) ?? book.copy(lease, now - slowMs);
    if (batch === null) return false;
    // Far more work than was planned: the rest may as well be shared.
    const budget = Math.ceil(entry.chunkSteps * batch.count * 4);
    const { from, count } = batch;
    const isSent = send(board, { type: "chunks", lease: id, post, order: wire(order), from, count, budget, timeoutMs });
    if (!isSent) {
      book.lose(id);
      helpers.failed(board);
      return false;
    }
    started.add(entry);
    batches.set(id, { entry, board });
    helpers.gave(board, id);
    active.delete(entry);
    active.add(entry);
    return true;
  };

  const look = (): void => {
    if (active.size === 0) return;
    const boards = helpers.all();
    for (const ahead of [0, 1] as const) for (const board of boards) serve(board, ahead);
  };

  const drop = (id: string): void => {
    const batch = batches.get(id);
    if (batch === undefined) return;
    batches.delete(id);
    batch.entry.book.lose(id);
    helpers.took(batch.board, id);
  };

  /** Nothing more is to come: whoever still computes may stop. */
  const close = (entry: Entry): void => {
    active.delete(entry);
    started.delete(entry);
    keptChars -= entry.kept;
    entry.kept = 0;
    for (const { id, board } of entry.book.batches()) {
      send(board as Mac, { type: "cancel", lease: id });
      drop(id);
    }
  };

  const finish = (entry: Entry): void => {
    const { asker, question, book } = entry;
    close(entry);
    entry.isOver = true;
    entry.asker = null;
    const answers = book.answers();
    if (asker !== null) tell(asker, question.fold, answers);
    // For a board that did not hear it, or the next one that runs the job: as long as there is room.
    const size = answers.reduce((sum, answer) => sum + (answer?.value.length ?? 0), 0);
    if (keptChars + size > mostKept) books.get(question.job)?.splice(question.fold);
    else {
      entry.kept = size;
      keptChars += size;
    }
  };

  const tell = ({ lease, board }: Asker, fold: number, answers: readonly ChunkAnswer[]): void => {
    let part: ChunkAnswer[] = [];
    let size = 0;
    let total = 0;
    for (const answer of answers) {
      const length = 60 + (answer?.value.length ?? 0);
      total += length;
      // More than a link may hold unsent: the board computes the rest.
      if (total > mostTold) break;
      if (size + length > partSize) {
        send(board, { type: "folded", lease, fold, answers: part, isLast: false });
        part = [];
        size = 0;
      }
      part.push(answer);
      size += length;
    }
    send(board, { type: "folded", lease, fold, answers: part, isLast: true });
  };

  const checkEnd = (entry: Entry): void => {
    if (entry.book.isDone && active.has(entry)) finish(entry);
  };

  const tick = (): void => {
    const now = clock.monotonic();
    for (const [id, { entry }] of [...batches]) {
      const batch = entry.book.batches().find((each) => each.id === id);
      if (batch === undefined || batch.until > now) continue;
      send(batch.board as Mac, { type: "cancel", lease: id });
      drop(id);
    }
    for (const entry of [...active]) {
      if (entry.book.batches().length > 0) entry.movedAt = now;
      const isStuck = now - entry.movedAt > stuckMs;
      if (isStuck) entry.book.settleAlone();
      if (isStuck || now - entry.since > foldMs) finish(entry);
      else checkEnd(entry);
    }
    look();
  };

  return {
    helper: (board, slots) => {
      helpers.set(board, slots);
      if (active.size > 0) serve(board);
    },
    ask(question) {
      const { job, lease, board, fold, order } = question;
      const known = books.get(job) ?? [];
      books.set(job, known);
      for (const old of known.splice(fold + 1)) close(old);
      const key = JSON.stringify(order);
      const asker = { lease, board };
      const now = clock.monotonic();
      const before = known[fold];
      if (before !== undefined && before.key === key) {
        before.asker = asker;
        if (before.isOver) return tell(asker, fold, before.book.answers());
        before.since = now;
        before.movedAt = now;
        active.add(before);
      } else {
        if (before !== undefined) close(before);
        const entry: Entry = {
          ...{
            key,
            question,
            asker,
            book: new FoldBook(order, mostTold),
            kept: 0,
            chunkSteps: Math.max(1, order.steps),
          },
          ...{ isOver: false, since: now, movedAt: now },
        };
        known[fold] = entry;
        active.add(entry);
      }
      look();
      for (const entry of [...active]) checkEnd(entry);
    },
    chunked(board, id, answers, ms) {
      const batch = batches.get(id);
      if (batch === undefined || batch.board !== board) return;
      const { entry } = batch;
      batches.delete(id);
      helpers.took(board, id);
      const end = entry.book.answer(id, board, answers);
      const steps = answers.reduce((sum, answer) => sum + (answer?.steps ?? 0), 0);
      if (steps > 0 && ms > 0) {
        msPerStep += (ms / steps - msPerStep) / 4;
        entry.chunkSteps += (steps / answers.length - entry.chunkSteps) / 4;
      }
      if (answers.length === 0) helpers.failed(board);
      if (end !== null && end.disputed > 0)
        log.warn({ warble: entry.question.job, board }, "boards contradict each other");
      for (const wrong of end?.wrong ?? []) {
        if (!helpers.distrust(wrong as Mac)) continue;
        log.error({ board: wrong }, "a board computed wrongly; it gets no more chunks until it links again");
        parts.distrusted(wrong as Mac);
      }
      checkEnd(entry);
      serve(board);
      // A third board is needed, and this one is none.
      if (end !== null && end.disputed > 0) look();
    },
    gone(board) {
      for (const id of helpers.lost(board)) drop(id);
      look();
    },
    released(lease) {
      for (const entry of active) {
        if (entry.asker?.lease !== lease) continue;
        entry.asker = null;
        active.delete(entry);
        started.delete(entry);
      }
    },
    ended(job) {
      for (const entry of books.get(job) ?? []) close(entry);
      books.delete(job);
    },
    isHelping: (board) => helpers.isBusy(board),
    waiting: () => [...active].flatMap(({ asker }) => (asker === null ? [] : [asker])),
    progress(job) {
      return books.get(job)?.at(-1)?.book.progress ?? null;
    },
    look,
    tick,
  };
}

type Asker = { readonly lease: string; readonly board: Mac };
type Entry = {
  readonly key: string;
  readonly question: FoldQuestion;
  readonly book: FoldBook;
  /** Whose run waits; null while the job has no run. */
  asker: Asker | null;
  chunkSteps: number;
  isOver: boolean;
  /** Characters of its answers that are kept after its end. */
  kept: number;
  since: Millis;
  movedAt: Millis;
};

/** A guess, corrected by the first answer: a Raspberry Pi is ten times slower. */
const firstMsPerStep = 1e-4;
/** A batch is some tenths of a second of work; past this its board is lost for it. */
const leaseMs = 15_000;
const timeoutMs = 10_000;
/** A batch that is out for so long is given to one more board, when there is nothing else to do. */
const slowMs = 1_000;
/** Nobody computes anything for so long: the board that asks does the rest itself. */
const stuckMs = 3_000;
/** No fold takes longer than this to be answered. */
const foldMs = 60_000;
const partSize = 60_000;
const mostTold = 700_000;
const mostStarted = 32;
const mostKept = 16_000_000;

/** The order as the schema of the link has it. */
function wire(order: FoldOrder): Extract<HeadMessage, { type: "chunks" }>["order"] {
  return order as never;
}
