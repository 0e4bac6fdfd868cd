import type { LayoutSource } from "@bramble/core/show";
import { expect, test } from "vitest";
import { boardAt, neighbour, rectOf, viewOf } from "./view.ts";

const banks = Array.from({ length: 50 }, (_, at) => `k${at + 1}`);
const racks = [banks.slice(0, 14), banks.slice(14, 26), banks.slice(26, 38), banks.slice(38)].map((own, at) => ({
  id: `r${at + 1}`,
  label: "",
  side: at < 2 ? "front" : "back",
  banks: own,
  halves: own.map((_, n) => (n < own.length - 6 ? ("bottom" as const) : ("top" as const))),
}));
const police: LayoutSource = {
  racks,
  boards: Array.from({ length: 1050 }, (_, index) => ({
    index,
    name: `b${index}`,
    rack: "r",
    bank: banks[Math.floor(index / 21)]!,
    slot: (index % 21) + 1,
  })),
  lights: 24,
};
const desk: LayoutSource = {
  racks: [{ id: "r1", label: "", side: null, banks: ["k1"] }],
  boards: police.boards.slice(0, 5),
  lights: 0,
};

test.each([
  ["the box on a desk screen", police, { width: 1048, height: 690, dpr: 1 }],
  ["the box on a phone", police, { width: 362, height: 420, dpr: 3 }],
  ["the box on a wall", police, { width: 3000, height: 1500, dpr: 2 }],
  ["five boards on a desk screen", desk, { width: 1048, height: 690, dpr: 1.5 }],
  ["nothing at all", { racks: [], boards: [], lights: 0 }, { width: 1048, height: 690, dpr: 1 }],
])("%s fits, and all boards are equally wide", (_, source, room) => {
  const view = viewOf(source, room);
  const rects = source.boards.map(({ index }) => rectOf(view, index));
  for (const [x, y, width, height] of rects) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(room.width);
    expect(y + height).toBeLessThanOrEqual(view.height);
    expect(width).toBeGreaterThan(3);
  }
  expect(new Set(rects.map(([, , width]) => width.toFixed(3))).size).toBeLessThanOrEqual(1);
});

test("a wide room holds the whole box without scrolling", () => {
  expect(viewOf(police, { width: 1048, height: 690, dpr: 1 }).height).toBe(690);
});

test("the middle of a board finds it, a far point finds none", () => {
  const view = viewOf(police, { width: 1048, height: 690, dpr: 1 });
  for (const index of [0, 20, 21, 512, 1049]) {
    const [x, y, width, height] = rectOf(view, index);
    expect(boardAt(view, x + width / 2, y + height / 2)).toBe(index);
  }
  expect(boardAt(view, -50, -50)).toBe(-1);
});

test("arrow keys walk along a bank, into the next rack, up the banks, and stop at the edge", () => {
  const view = viewOf(police, { width: 1048, height: 690, dpr: 1 });
  expect(neighbour(view, 0, "ArrowRight")).toBe(1);
  expect(neighbour(view, 0, "ArrowLeft")).toBe(0);
  expect(neighbour(view, 0, "ArrowDown")).toBe(0);
  expect(neighbour(view, 0, "ArrowUp")).toBe(21);
  expect(neighbour(view, 20, "ArrowRight")).toBe(14 * 21);
});
