import { expect, test } from "vitest";
import type { BoardState } from "../observe/index.ts";
import { isFree } from "./placement.ts";

const up: BoardState = { kind: "up" };
const board = (state: BoardState, cpu: number | null, isLinked = true) => ({
  isLinked,
  standing: { state, since: 0 },
  latest: { cpu },
});

test.each([
  ["an idle board that is up", board(up, 3), true],
  ["one just below the limit", board(up, 29.9), true],
  ["one at the limit", board(up, 30), false],
  ["one that has not measured its CPU", board(up, null), false],
  ["one without a link", board(up, 3, false), false],
  ["a silent one", board({ kind: "silent", cause: "board" }, 3), false],
  ["a draining one", board({ kind: "draining" }, 3), false],
  ["one without a sample", { ...board(up, 3), latest: null }, false],
])("%s: is it free?", (_case, candidate, expected) => {
  expect(isFree(candidate)).toBe(expected);
});
