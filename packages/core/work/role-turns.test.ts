import fc from "fast-check";
import { expect, test } from "vitest";
import { type Mac, mac } from "../base/index.ts";
import { RoleTurns } from "./role-turns.ts";

const board = (n: number): Mac => mac(`b8:27:eb:00:00:${n.toString(16).padStart(2, "0")}`);
const limits = { boards: 3, octets: 100, turnMs: 1000 };

test("boards fetch in the order in which they asked, so many at once", () => {
  const turns = new RoleTurns(limits);
  for (const n of [1, 2, 3, 4, 5]) turns.ask(board(n), 10);
  expect(turns.next(0)).toEqual([1, 2, 3].map(board));
  expect(turns.next(0)).toEqual([]);
  turns.end(board(2));
  expect(turns.next(0)).toEqual([board(4)]);
  expect([turns.fetching, turns.waiting]).toEqual([3, 1]);
});

test("a board that says nothing has had its turn, and a board that is gone leaves the line", () => {
  const turns = new RoleTurns({ ...limits, boards: 1 });
  for (const n of [1, 2, 3]) turns.ask(board(n), 10);
  expect(turns.next(0)).toEqual([board(1)]);
  expect(turns.firstEnd()).toBe(1000);
  turns.end(board(2));
  expect(turns.next(999)).toEqual([]);
  expect(turns.next(1000)).toEqual([board(3)]);
  turns.leave(board(3));
  expect(turns.fetching).toBe(1);
  turns.end(board(3));
  expect(turns.firstEnd()).toBeNull();
});

test("a role larger than all octets together still goes to one board", () => {
  const turns = new RoleTurns(limits);
  for (const n of [1, 2]) turns.ask(board(n), 1000);
  expect(turns.next(0)).toEqual([board(1)]);
});

test("whatever boards ask, never too many fetch, and all who ask get a turn", () => {
  const step = fc.record({
    n: fc.nat(9),
    octets: fc.integer({ min: 1, max: 60 }),
    act: fc.constantFrom("ask", "end", "wait"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const turns = new RoleTurns(limits);
      const sizes = new Map<Mac, number>();
      const open = new Map<Mac, number>();
      const owed = new Set<Mac>();
      let now = 0;
      const begin = () => {
        for (const [each, until] of open) if (until <= now) open.delete(each);
        for (const each of turns.next(now)) {
          open.set(each, now + limits.turnMs);
          owed.delete(each);
        }
        expect(open.size).toBeLessThanOrEqual(limits.boards);
        expect(turns.fetching).toBe(open.size);
      };
      for (const { n, octets, act } of steps) {
        if (act === "wait") now += 300;
        else if (act === "end") {
          turns.end(board(n));
          open.delete(board(n));
          owed.delete(board(n));
        } else {
          turns.ask(board(n), octets);
          sizes.set(board(n), octets);
          owed.add(board(n));
        }
        begin();
      }
      for (let turn = 0; turn < 20; turn++) {
        now += limits.turnMs;
        begin();
      }
      expect([...owed]).toEqual([]);
    }),
  );
});
