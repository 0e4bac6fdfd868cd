import type { LaneBrief } from "@bramble/core/boot";
import { bootSteps } from "@bramble/core/boot";
import { describe, expect, test } from "vitest";
import { cellsOf, columns, extras, longestOf, sentence, sortLanes, standing } from "./lanes.ts";
import { rowHeight, rowsInSight } from "./window.ts";
import { boardsInWords, bytesInWords, time } from "./words.ts";

const lane = (changes: Partial<LaneBrief>): LaneBrief => ({
  ...{ board: "b0001", state: "booting", at: "kernel", attempt: 1, percent: 43, bytes: 1_200_000, resends: 0 },
  ...{ tookMs: 12_300, stepMs: { discover: 400, kernel: 5000 }, fault: null },
  ...changes,
});

describe("a lane as cells", () => {
  test("passed steps have their time, unseen ones a dash, the one under way its percent, the rest nothing", () => {
    const cells = cellsOf(lane({}), { discover: 800, kernel: 5000 });
    expect(cells.map(({ kind }) => kind).join(" ")).toBe(
      "passed passed unseen unseen unseen unseen now ahead ahead ahead ahead",
    );
    expect(cells[1]).toEqual({ kind: "passed", share: 0.5, text: "400 ms" });
    expect(cells[6]).toEqual({ kind: "now", share: 0.43, text: "43 %" });
  });

  test("percents are told of large files only, else the time so far", () => {
    expect(cellsOf(lane({ at: "config", percent: 43, stepMs: { config: 700 } }), {})[5]).toMatchObject({
      text: "700 ms",
    });
  });

  test("a board that has power and was not heard waits in the first column", () => {
    expect(cellsOf(lane({ state: "waiting", at: null, stepMs: {} }), {})[0]).toMatchObject({
      kind: "now",
      text: "waits",
    });
  });

  test("one that stopped has its mark where it stopped, and nothing after", () => {
    const cells = cellsOf(lane({ state: "stopped", percent: null }), {});
    expect(cells.findIndex(({ kind }) => kind === "stopped")).toBe(6);
    expect(cells.slice(7).every(({ kind }) => kind === "ahead")).toBe(true);
  });

  test("one that is up has passed all, with the whole boot under up", () => {
    const stepMs = Object.fromEntries(bootSteps.map((step) => [step, 100]));
    const cells = cellsOf(lane({ state: "up", at: "registered", stepMs }), {});
    expect(cells.every(({ kind }) => kind === "passed")).toBe(true);
    expect(cells.at(-1)).toMatchObject({ text: "12 s" });
    expect(cells).toHaveLength(columns.length);
  });

  test("one of which nothing is known has no cells", () => {
    const cells = cellsOf(lane({ state: "idle", at: null, stepMs: {} }), {});
    expect(cells.every(({ kind }) => kind === "ahead")).toBe(true);
  });
});

test("the scale is the longest of each column, in steps that change seldom", () => {
  const lanes = [
    lane({ stepMs: { discover: 420, kernel: 5200 } }),
    lane({ stepMs: { discover: 90 } }),
    lane({ state: "up", at: "registered", tookMs: 12_300, stepMs: {} }),
  ];
  expect(longestOf(lanes)).toEqual({ discover: 500, kernel: 7000, registered: 15_000 });
  expect(longestOf([])).toEqual({});
});

test("lanes are ordered by place, by time, or those that stopped before those in trouble", () => {
  const lanes = [
    lane({ board: "up", state: "up", tookMs: 9000 }),
    lane({ board: "slow", fault: "slow", tookMs: 99_000 }),
    lane({ board: "stopped", state: "stopped", tookMs: 20 }),
    lane({ board: "idle", state: "idle", tookMs: null }),
  ];
  const names = (order: Parameters<typeof sortLanes>[1]): string =>
    sortLanes(lanes, order)
      .map(({ board }) => board)
      .join(" ");
  expect(names("place")).toBe("up slow stopped idle");
  expect(names("slowest")).toBe("slow up stopped idle");
  expect(names("stopped")).toBe("stopped slow up idle");
});

test.each([
  ["on its way", {}, "kernel 43 %"],
  ["slow", { fault: "slow" }, "kernel 43 %, slow"],
  ["stopped", { state: "stopped", fault: "kernel-cut" }, "stopped at kernel: kernel cut"],
  ["stopped without a known cause", { state: "stopped" }, "stopped at kernel"],
  ["silent with power", { state: "waiting", at: null }, "has power, not heard yet"],
  ["silent for too long", { state: "waiting", at: null, fault: "never-asked" }, "not heard yet: never asked"],
  ["up", { state: "up", at: "registered" }, "up in 12 s"],
  ["up and gone", { state: "up", at: "registered", fault: "gone-silent" }, "up in 12 s; gone silent"],
  ["up before the head", { state: "up", attempt: 0, tookMs: null }, "up, its boot was not seen"],
  ["without power", { state: "idle", at: null }, "not booting"],
  ["cut off", { state: "idle" }, "no power; was at kernel"],
] as const)("a board that is %s says so in words", (_, changes, words) => {
  expect(standing(lane(changes))).toBe(words);
});

test("a sentence tells what eyes see in the row", () => {
  expect(sentence(lane({ resends: 3, attempt: 2 }))).toBe(
    "b0001, kernel 43 %, after 12 s, 1.2 MB, 3 sent again, boot 2",
  );
  expect(extras(lane({ resends: 3 }))).toBe("1.2 MB  ↻ 3");
  expect(extras(lane({ state: "idle" }))).toBe("");
});

test("numbers are told in the largest unit that fits", () => {
  expect([0, 994, 995, 9949, 9950, 179_999, 180_000].map(time)).toEqual([
    ...["0 ms", "994 ms", "1.0 s", "9.9 s", "10 s", "180 s", "3 min"],
  ]);
  expect([999, 1000, 999_499, 999_500, 1e9].map(bytesInWords)).toEqual(["999 B", "1 kB", "999 kB", "1.0 MB", "1.0 GB"]);
  expect([1, 42].map(boardsInWords)).toEqual(["1 board", "42 boards"]);
});

test("a group of 42 fits a desk screen, rows are never too small to read, a phone's are for fingers", () => {
  expect(rowHeight(660, false)).toBe(15);
  expect(rowHeight(900, false)).toBe(21);
  expect(rowHeight(200, false)).toBe(15);
  expect(rowHeight(3000, false)).toBe(24);
  expect(rowHeight(660, true)).toBeGreaterThanOrEqual(44);
});

test("of a thousand rows only those in sight are drawn", () => {
  const sight = { height: 630, each: 15, count: 1050 };
  expect(rowsInSight({ ...sight, top: 0 })).toEqual({ from: 0, to: 48 });
  expect(rowsInSight({ ...sight, top: 15 * 500 })).toEqual({ from: 494, to: 548 });
  expect(rowsInSight({ ...sight, top: 15 * 1050 })).toEqual({ from: 1043, to: 1050 });
  expect(rowsInSight({ ...sight, top: 15 * 500, count: 3 })).toEqual({ from: 0, to: 3 });
});
