import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchSize, type ChunkAnswer } from "./fold.ts";
import { FoldBook } from "./fold-book.ts";

const truth = (chunk: number): ChunkAnswer => ({ value: String(chunk), steps: 10, cells: 0, made: 0 });
const truths = (from: number, count: number): ChunkAnswer[] => Array.from({ length: count }, (_, i) => truth(from + i));
const lie = (chunk: number, by: string): ChunkAnswer => ({ ...truth(chunk)!, value: `no ${by}` });
const lease = (id: string, board: string, since = 0) => ({ id, board, since, until: since + 100 });
const endless = 1e9;

describe("a book of one fold", () => {
  test("gives out each chunk once, in order, and is done when all are answered", () => {
    const book = new FoldBook({ chunks: 5, fuel: endless });
    expect(book.give(lease("a", "b1"), 2)).toMatchObject({ from: 0, count: 2 });
    expect(book.give(lease("b", "b2"), 9)).toMatchObject({ from: 2, count: 3 });
    expect(book.give(lease("c", "b3"), 9)).toBeNull();
    expect(book.waiting).toBe(0);
    book.answer("b", "b2", truths(2, 3));
    expect(book.progress).toEqual({ done: 3, total: 5, boards: 1 });
    expect(book.isDone).toBe(false);
    book.answer("a", "b1", truths(0, 2));
    expect(book.isDone).toBe(true);
    expect(book.answers()).toEqual(truths(0, 5));
  });

  test("what a board lost, or did not come to, waits again", () => {
    const book = new FoldBook({ chunks: 6, fuel: endless });
    book.give(lease("a", "b1"), 3);
    book.give(lease("b", "b2"), 3);
    book.lose("a");
    book.lose("a");
    expect(book.waiting).toBe(3);
    book.answer("b", "b2", truths(3, 1));
    expect(book.waiting).toBe(5);
    expect(book.give(lease("c", "b3"), 9)).toMatchObject({ from: 4, count: 2 });
    expect(book.give(lease("d", "b3"), 9)).toMatchObject({ from: 0, count: 3 });
  });

  test("an answer under a lease that is no more, or another's, changes nothing", () => {
    const book = new FoldBook({ chunks: 2, fuel: endless });
    book.give(lease("a", "b1"), 2);
    expect(book.answer("a", "b2", truths(0, 2))).toBeNull();
    book.lose("a");
    expect(book.answer("a", "b1", truths(0, 2))).toBeNull();
    expect(book.progress.done).toBe(0);
  });

  test("after a chunk that ends in an error no later one is needed", () => {
    const book = new FoldBook({ chunks: 100, fuel: endless });
    book.give(lease("a", "b1"), 10);
    book.give(lease("b", "b2"), 10);
    book.answer("b", "b2", [truth(10), null]);
    expect(book.progress).toMatchObject({ done: 1, total: 11 });
    expect(book.give(lease("c", "b2"), 10)).toBeNull();
    book.answer("a", "b1", truths(0, 10));
    expect(book.isDone).toBe(true);
    expect(book.answers()).toEqual(truths(0, 11));
  });

  test("past the steps left no chunk is needed", () => {
    const book = new FoldBook({ chunks: 100, fuel: 35 });
    book.give(lease("a", "b1"), 10);
    book.answer("a", "b1", truths(0, 10));
    expect(book.isDone).toBe(true);
    expect(book.answers()).toEqual(truths(0, 3));
  });

  test("past the room for values what is known has to do", () => {
    const book = new FoldBook({ chunks: 100, fuel: endless }, 10);
    book.give(lease("a", "b1"), 2);
    book.give(lease("b", "b2"), 50);
    book.answer("b", "b2", truths(2, 9));
    expect(book.isDone).toBe(false);
    book.answer("b", "b2", []);
    book.answer("a", "b1", truths(0, 2));
    expect(book.isDone).toBe(true);
    expect(book.answers()).toEqual(truths(0, 11));
  });

  test("a slow board's chunks are given to one other, once nothing else waits", () => {
    const book = new FoldBook({ chunks: 4, fuel: endless });
    book.give(lease("a", "b1", 0), 2);
    expect(book.copy(lease("x", "b2", 50), 40)).toBeNull();
    book.give(lease("b", "b2", 30), 2);
    expect(book.copy(lease("x", "b1", 50), 20)).toBeNull();
    expect(book.copy(lease("x", "b2", 50), 20)).toMatchObject({ from: 0, count: 2 });
    expect(book.copy(lease("y", "b3", 50), 20)).toBeNull();
    book.answer("x", "b2", truths(0, 2));
    expect(book.answer("a", "b1", truths(0, 2))).toEqual({ wrong: [], disputed: 0 });
    book.answer("b", "b2", truths(2, 2));
    expect(book.copy(lease("z", "b3", 99), 99)).toBeNull();
  });

  test("two answers that differ are settled by a third board, and the wrong one is named", () => {
    const book = new FoldBook({ chunks: 2, fuel: endless });
    book.give(lease("a", "b1"), 1);
    book.give(lease("b", "b1"), 1);
    book.copy(lease("c", "b2"), 0);
    book.answer("a", "b1", [lie(0, "b1")]);
    expect(book.answer("c", "b2", [truth(0)])).toEqual({ wrong: [], disputed: 1 });
    expect(book.give(lease("d", "b1"), 1)).toBeNull();
    expect(book.give(lease("e", "b2"), 1)).toBeNull();
    expect(book.give(lease("f", "b3"), 1)).toMatchObject({ from: 0, count: 1 });
    expect(book.answer("f", "b3", [truth(0)])).toEqual({ wrong: ["b1"], disputed: 0 });
    book.answer("b", "b1", truths(1, 1));
    expect(book.answers()).toEqual(truths(0, 2));
  });

  test("what nobody can settle is left to the board that runs the program", () => {
    const book = new FoldBook({ chunks: 2, fuel: endless });
    book.give(lease("a", "b1"), 2);
    book.copy(lease("b", "b2"), 0);
    book.answer("a", "b1", [lie(0, "b1"), truth(1)]);
    book.answer("b", "b2", truths(0, 2));
    expect(book.isDone).toBe(false);
    book.settleAlone();
    expect(book.isDone).toBe(true);
    expect(book.answers()).toEqual([null, truth(1)]);
  });

  test("a board that lies about an error does not cut off what is needed", () => {
    const book = new FoldBook({ chunks: 6, fuel: endless });
    book.give(lease("a", "b1"), 1);
    book.give(lease("b", "b2"), 5);
    book.copy(lease("c", "b3"), 0);
    book.answer("a", "b1", [null]);
    expect(book.isDone).toBe(true);
    book.lose("b");
    expect(book.answer("c", "b3", truths(0, 1))?.disputed).toBe(1);
    expect(book.isDone).toBe(false);
    expect(book.waiting).toBe(6);
    book.give(lease("d", "b2"), 1);
    expect(book.answer("d", "b2", truths(0, 1))?.wrong).toEqual(["b1"]);
    expect(book.give(lease("e", "b2"), 9)).toMatchObject({ from: 1, count: 5 });
  });
});

test("in any order of gifts, answers, losses, copies and lies the fold is the same", () => {
  type Event = { readonly kind: number; readonly board: number; readonly size: number; readonly at: number };
  const event: fc.Arbitrary<Event> = fc.record({
    kind: fc.nat(9),
    board: fc.nat(4),
    size: fc.integer({ min: 1, max: 5 }),
    at: fc.nat(100),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.option(fc.nat(20), { nil: -1 }),
      fc.constantFrom(endless, 77),
      fc.option(fc.nat(4), { nil: -1 }),
      fc.array(event, { maxLength: 80 }),
      (chunks, failing, fuel, liar, events) => {
        const book = new FoldBook({ chunks, fuel });
        const real = (chunk: number): ChunkAnswer => (chunk === failing ? null : truth(chunk));
        let serial = 0;
        let doubted = false;
        const give = (board: number, size: number): boolean =>
          book.give(lease(`${serial++}`, `b${board}`), size) !== null;
        const answer = (id: string, board: string, from: number, count: number): void => {
          const all = Array.from({ length: count }, (_, i) =>
            board === `b${liar}` && (from + i) % 3 === 0 ? lie(from + i, board) : real(from + i),
          );
          const end = all.indexOf(null);
          const said = book.answer(id, board, end < 0 ? all : all.slice(0, end + 1));
          for (const name of said?.wrong ?? []) expect(name).toBe(`b${liar}`);
          if ((said?.disputed ?? 0) > 0) doubted = true;
        };
        const check = (): void => {
          const out = book.batches().reduce((sum, { count }) => sum + count, 0);
          const { done, total } = book.progress;
          // Copies are out twice and what came out useless is neither; nothing is ever missing.
          expect(done + book.waiting + out).toBeGreaterThanOrEqual(total);
          expect(done).toBeLessThanOrEqual(total);
        };
        for (const { kind, board, size, at } of events) {
          const batches = book.batches();
          const batch = batches[at % Math.max(1, batches.length)];
          if (kind < 4) give(board, size);
          else if (kind === 4) book.copy(lease(`${serial++}`, `b${board}`), 0);
          else if (batch === undefined) continue;
          else if (kind === 5) book.lose(batch.id);
          else answer(batch.id, batch.board, batch.from, Math.min(size, batch.count));
          check();
        }
        for (let round = 0; !book.isDone && round < 500; round++) {
          for (let board = 0; board < 8; board++) give(board, 3);
          for (const { id, board, from, count } of book.batches()) answer(id, board, from, count);
          check();
        }
        expect(book.isDone).toBe(true);
        const useful = Math.min(chunks, failing < 0 ? chunks : failing, Math.floor(fuel / 10));
        const answers = book.answers();
        const isTrue = answers.every(
          (said, chunk) => said === null || JSON.stringify(said) === JSON.stringify(real(chunk)),
        );
        // A lie that nobody checked stands; all others have been found.
        if (liar < 0) {
          expect(answers).toEqual(truths(0, useful));
          expect(doubted).toBe(false);
        } else if (isTrue) expect(answers.length).toBeGreaterThanOrEqual(useful);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["one board, much work: as much as may be at once", { left: 5000, slots: 1, chunkMs: 0.1 }, 2500],
  ["a large chunk is given alone", { left: 50, slots: 4, chunkMs: 900 }, 1],
  ["many boards share what there is", { left: 1000, slots: 10, chunkMs: 3 }, 50],
  ["small chunks are not given in crumbs", { left: 1000, slots: 1000, chunkMs: 1 }, 20],
  ["no more than is left", { left: 3, slots: 1, chunkMs: 0.001 }, 3],
  ["no batch keeps a board for long", { left: 100_000, slots: 2, chunkMs: 2 }, 200],
  ["boards without a slot are none", { left: 10, slots: 0, chunkMs: 30 }, 5],
])("%s", (_what, parts, size) => {
  expect(batchSize(parts)).toBe(size);
});
