import { expect, test } from "vitest";
import type { BoardLine } from "./lines.ts";
import { nextOrder, sortLines } from "./lines.ts";

const line = (name: string, cpu: number | null, state: BoardLine["state"] = "up"): BoardLine => ({
  name,
  state,
  place: "",
  temperature: null,
  cpu,
  memory: null,
});

test("numbers sort from the highest first, and what is not known comes last both ways", () => {
  const lines = [line("a", 5), line("b", null), line("c", 50)];
  const order = nextOrder({ by: "name", isDown: false }, "cpu");
  expect(sortLines(lines, order).map(({ name }) => name)).toEqual(["c", "a", "b"]);
  expect(sortLines(lines, nextOrder(order, "cpu")).map(({ name }) => name)).toEqual(["a", "c", "b"]);
});

test("states sort in the order of a board's life", () => {
  const lines = [line("a", 1, "silent"), line("b", 1, "off"), line("c", 1, "up")];
  expect(sortLines(lines, { by: "state", isDown: false }).map(({ state }) => state)).toEqual(["off", "up", "silent"]);
});
