import type { Millis } from "../base/index.ts";
import type { ChunkAnswer, ChunkRange, FoldOrder } from "./fold.ts";

/** Chunks that one board computes now, under a lease with an end. */
export type Batch = ChunkRange & {
  readonly id: string;
  readonly board: string;
  readonly since: Millis;
  readonly until: Millis;
};

/** What came of a board's answer. */
export type Answered = {
  /** Boards whose answer to some chunk two others have contradicted. */
  readonly wrong: readonly string[];
  /** Chunks on which boards contradict each other and which a third has to settle. */
  readonly disputed: number;
};

/**
 * Who computes which chunk of one fold, and what is known. No clock, no socket. It keeps, in any order of calls: a chunk
 * waits, is out, or is answered; what a lost board had waits again; what no run of the program could use is not given
 * out; two answers to one chunk must be equal, else a third board is asked and the two that agree are right.
 */
export class FoldBook {
  readonly #chunks: number;
  readonly #fuel: number;
  /** Settled answers. */
  readonly #answers = new Map<number, ChunkAnswer>();
  readonly #said = new Map<number, Vote[]>();
  readonly #disputes = new Set<number>();
  readonly #batches = new Map<string, Batch>();
  readonly #boards = new Set<string>();
  /** Chunks from here on were never out; those before it that wait again. */
  #fresh = 0;
  #again: ChunkRange[] = [];
  /** Chunks below this are worth computing. */
  #useful: number;
  #settled = 0;
  /** Chunks answered without a gap from the first, and their steps. */
  #prefix = 0;
  #prefixSteps = 0;
  readonly #mostChars: number;
  #chars = 0;

  /** @param mostChars characters of values to keep at a time; past it what is known has to do. */
  constructor({ chunks, fuel }: Pick<FoldOrder, "chunks" | "fuel">, mostChars = Number.POSITIVE_INFINITY) {
    this.#chunks = chunks;
    this.#useful = chunks;
    this.#fuel = fuel;
    this.#mostChars = mostChars;
  }

  /** Whether every chunk that can be of use is answered. */
  get isDone(): boolean {
    return this.#settled >= this.#useful;
  }

  /** Chunks answered, chunks in all, boards that have helped. */
  get progress(): { readonly done: number; readonly total: number; readonly boards: number } {
    const done = Math.min(this.#settled, this.#useful);
    return { done, total: Math.min(this.#useful, this.#chunks), boards: this.#boards.size };
  }

  /** Chunks that nobody computes now. */
  get waiting(): number {
    let count = Math.max(0, this.#useful - this.#fresh) + this.#disputes.size;
    for (const { from, count: length } of this.#again) count += Math.max(0, Math.min(length, this.#useful - from));
    return count;
  }

  /** The answers, in order; null where the board that runs the program has to compute the chunk. */
  answers(): ChunkAnswer[] {
    return Array.from({ length: Math.min(this.#useful, this.#chunks) }, (_, chunk) => this.#answers.get(chunk) ?? null);
  }

  /** Give a board at most `size` waiting chunks, a disputed one first; null when there is nothing for it. */
  give(lease: Omit<Batch, keyof ChunkRange>, size: number): Batch | null {
    const range = this.#dispute(lease.board) ?? this.#take(Math.max(1, size));
    return range === null ? null : this.#hold({ ...lease, ...range });
  }

  /** Give a board what another one has had since before `since`, when nothing waits any more; twice at most. */
  copy(lease: Omit<Batch, keyof ChunkRange>, since: Millis): Batch | null {
    if (this.isDone || this.waiting > 0) return null;
    const batches = [...this.#batches.values()];
    const slow = batches.find(
      (batch) =>
        batch.since <= since &&
        batch.board !== lease.board &&
        this.#isWanted(batch) &&
        !batches.some(
          (other) => other !== batch && other.from < batch.from + batch.count && batch.from < other.from + other.count,
        ),
    );
    return slow === undefined ? null : this.#hold({ ...lease, from: slow.from, count: slow.count });
  }

  /** The answers of a batch, maybe fewer than asked; what is missing waits again. Null: no such batch of that board. */
  answer(id: string, board: string, answers: readonly ChunkAnswer[]): Answered | null {
    const batch = this.#batches.get(id);
    if (batch === undefined || batch.board !== board) return null;
    this.#batches.delete(id);
    const told = answers.slice(0, batch.count);
    if (told.length > 0) this.#boards.add(board);
    const wrong: string[] = [];
    let disputed = 0;
    told.forEach((answer, at) => {
      const end = this.#hear(batch.from + at, board, answer);
      wrong.push(...end.wrong);
      if (end.isDisputed) disputed++;
    });
    this.#back({ from: batch.from + told.length, count: batch.count - told.length });
    if (this.#chars > this.#mostChars) this.#shorten(this.#prefix);
    return { wrong: [...new Set(wrong)], disputed };
  }

  /** A batch that will not be answered: its chunks wait again. */
  lose(id: string): void {
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    this.#batches.delete(id);
    this.#back(batch);
  }

  /** Everything that is out. */
  batches(): readonly Batch[] {
    return [...this.#batches.values()];
  }

  /** Give up on what is disputed and nobody can settle: the board that runs the program does. */
  settleAlone(): void {
    for (const chunk of [...this.#disputes]) {
      this.#disputes.delete(chunk);
      this.#settle(chunk, null, false);
    }
  }

  #hold(batch: Batch): Batch {
    this.#batches.set(batch.id, batch);
    return batch;
  }

  #isWanted({ from, count }: ChunkRange): boolean {
    for (let chunk = from; chunk < Math.min(from + count, this.#useful); chunk++) {
      if (!this.#answers.has(chunk)) return true;
    }
    return false;
  }

  #dispute(board: string): ChunkRange | null {
    for (const chunk of this.#disputes) {
      if (chunk >= this.#useful) this.#disputes.delete(chunk);
      else if (!this.#said.get(chunk)!.some((vote) => vote.board === board)) {
        this.#disputes.delete(chunk);
        return { from: chunk, count: 1 };
      }
    }
    return null;
  }

  #take(size: number): ChunkRange | null {
    for (;;) {
      const range = this.#again.pop();
      if (range === undefined) break;
      const length = Math.min(range.count, this.#useful - range.from);
      if (length <= 0) continue;
      const count = Math.min(size, length);
      if (count < length) this.#again.push({ from: range.from + count, count: length - count });
      return { from: range.from, count };
    }
    const count = Math.min(size, this.#useful - this.#fresh);
    if (count <= 0) return null;
    this.#fresh += count;
    return { from: this.#fresh - count, count };
  }

  /** Chunks that somebody had and that nobody has answered or has now wait again. */
  #back({ from, count }: ChunkRange): void {
    for (let chunk = from; chunk < from + count; chunk++) {
      if (this.#answers.has(chunk) || chunk >= this.#useful || this.#isOut(chunk)) continue;
      // Said but not settled: boards contradict each other.
      if (this.#said.has(chunk)) this.#disputes.add(chunk);
      else {
        const last = this.#again.at(-1);
        if (last !== undefined && last.from + last.count === chunk) {
          this.#again[this.#again.length - 1] = { from: last.from, count: last.count + 1 };
        } else this.#again.push({ from: chunk, count: 1 });
      }
    }
  }

  #isOut(chunk: number): boolean {
    for (const { from, count } of this.#batches.values()) if (chunk >= from && chunk < from + count) return true;
    return false;
  }

  #hear(chunk: number, board: string, answer: ChunkAnswer): { readonly wrong: string[]; readonly isDisputed: boolean } {
    const votes = this.#said.get(chunk) ?? [];
    // Nobody agrees with himself.
    if (votes.some((vote) => vote.board === board)) return { wrong: [], isDisputed: false };
    const key = JSON.stringify(answer);
    const agreeing = votes.filter((vote) => vote.key === key);
    votes.push({ board, key });
    this.#said.set(chunk, votes);
    if (votes.length === 1) this.#settle(chunk, answer, true);
    else if (agreeing.length === 0) {
      // Two that differ, or three: somebody else has to say.
      this.#unsettle(chunk);
      if (!this.#isOut(chunk)) this.#disputes.add(chunk);
      return { wrong: [], isDisputed: true };
    } else if (!this.#answers.has(chunk)) {
      this.#disputes.delete(chunk);
      this.#settle(chunk, answer, true);
      return { wrong: votes.filter((vote) => vote.key !== key).map((vote) => vote.board), isDisputed: false };
    }
    return { wrong: [], isDisputed: false };
  }

  #settle(chunk: number, answer: ChunkAnswer, isKnown: boolean): void {
    if (this.#answers.has(chunk)) return;
    this.#answers.set(chunk, answer);
    if (chunk < this.#useful) this.#settled++;
    this.#chars += answer?.value.length ?? 0;
    // After a chunk that fails no other is needed; a dispute given up says nothing of the ones after it.
    if (answer === null && isKnown) this.#shorten(chunk);
    for (;;) {
      const next = this.#answers.get(this.#prefix);
      if (next === undefined || next === null) break;
      this.#prefixSteps += next.steps;
      if (this.#prefixSteps > this.#fuel) {
        this.#shorten(this.#prefix);
        return;
      }
      this.#prefix++;
    }
  }

  #unsettle(chunk: number): void {
    const answer = this.#answers.get(chunk);
    if (answer === undefined) return;
    this.#answers.delete(chunk);
    // What a wrong answer has cut off may be needed after all: begin to count anew.
    this.#useful = this.#chunks;
    this.#settled = 0;
    this.#prefix = 0;
    this.#prefixSteps = 0;
    this.#chars = 0;
    const known = [...this.#answers];
    this.#answers.clear();
    for (const [each, said] of known) this.#settle(each, said, true);
    // What nobody needed a moment ago was dropped when it came back: all that is missing waits again.
    this.#again = [];
    this.#back({ from: 0, count: this.#fresh });
  }

  #shorten(useful: number): void {
    if (useful >= this.#useful) return;
    this.#useful = useful;
    this.#settled = 0;
    for (const chunk of this.#answers.keys()) if (chunk < useful) this.#settled++;
  }
}

type Vote = { readonly board: string; readonly key: string };
