import fc from "fast-check";
import { expect, test } from "vitest";
import type { Neighbour } from "./blame.ts";
import { blame } from "./blame.ts";

const now = 1_000_000;
/** Boards of a group and a switch, of which some went silent `ago` ms before now. */
const boards = (
  from: number,
  count: number,
  group: string,
  through: string | null,
  silent: number,
  ago = 1000,
): Neighbour[] =>
  Array.from({ length: count }, (_, i) => ({
    index: from + i,
    group,
    switch: through,
    silentAt: i < silent ? now - ago : null,
  }));

test("a group that goes dark at once is named, not its boards", () => {
  const all = [...boards(0, 42, "g01", "s01", 42), ...boards(42, 42, "g02", "s02", 0)];
  expect(blame(all, now)).toEqual([{ cause: "group", id: "g01", indexes: all.slice(0, 42).map(({ index }) => index) }]);
});

test("four fifths are enough, less is not", () => {
  expect(blame(boards(0, 42, "g01", null, 34), now)).toHaveLength(1);
  expect(blame(boards(0, 42, "g01", null, 33), now)).toEqual([]);
});

test("a switch that takes several groups along is named instead of them", () => {
  const all = [...boards(0, 21, "g01", "s01", 21), ...boards(21, 21, "g02", "s01", 21)];
  expect(blame(all, now)).toMatchObject([{ cause: "switch", id: "s01" }]);
});

test("boards that were silent long before neither accuse nor acquit", () => {
  const all = [...boards(0, 10, "g01", null, 10, 60_000), ...boards(10, 10, "g01", null, 9)];
  expect(blame(all, now)[0]?.indexes).toHaveLength(9);
  expect(blame(boards(0, 10, "g01", null, 10, 60_000), now)).toEqual([]);
});

test("a board on its own outlet is nobody's group, and two are no crowd", () => {
  expect(blame(boards(0, 1, "g01", null, 1), now)).toEqual([]);
  expect(blame(boards(0, 2, "g01", "s01", 2), now)).toEqual([]);
});

test("whoever is blamed went silent within the window, and shares what is named", () => {
  const neighbour = fc.record({
    group: fc.option(fc.constantFrom("g01", "g02", "g03")),
    switch: fc.option(fc.constantFrom("s01", "s02")),
    silentAt: fc.option(fc.integer({ min: now - 6000, max: now })),
  });
  fc.assert(
    fc.property(fc.array(neighbour, { maxLength: 60 }), (made) => {
      const all = made.map((board, index) => ({ ...board, index }));
      for (const { cause, id, indexes } of blame(all, now)) {
        for (const index of indexes) {
          expect(all[index]![cause]).toBe(id);
          expect(now - all[index]!.silentAt!).toBeLessThanOrEqual(3000);
        }
        const live = all.filter((board) => board[cause] === id && board.silentAt === null).length;
        expect(indexes.length).toBeGreaterThanOrEqual(0.8 * (indexes.length + live));
      }
    }),
  );
});
