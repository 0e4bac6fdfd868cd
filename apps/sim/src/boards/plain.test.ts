import { expect, test } from "vitest";
import { firstPlaces, plainCluster } from "./plain.ts";

test.each([1, 20, 21, 22, 1050, 3000])(
  "a plain cluster of %i boards has that many, in banks of 21, without outlets",
  (count) => {
    const cluster = plainCluster(count);
    expect(cluster.boards).toHaveLength(count);
    expect(cluster.boards.every((board, index) => board.index === index && board.slot >= 1 && board.slot <= 21)).toBe(
      true,
    );
    expect(new Set(cluster.boards.map((board) => board.name)).size).toBe(count);
    expect(cluster.outlets).toEqual([]);
  },
);

test("the first places of a cluster keep their index, and its banks keep what is left of them", () => {
  const few = firstPlaces(plainCluster(50), 25);
  expect(few.boards.map((board) => board.index)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  expect(few.banks.map((bank) => bank.boards.length)).toEqual([21, 4, 0]);
});
