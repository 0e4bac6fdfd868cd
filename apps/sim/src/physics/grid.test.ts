import { readFileSync } from "node:fs";
import { parseCluster } from "@bramble/core/cluster";
import fc from "fast-check";
import { expect, test } from "vitest";
import { powerGrid } from "./grid.ts";

function example(name: string) {
  const text = readFileSync(new URL(`../../../../examples/${name}.yaml`, import.meta.url), "utf8");
  const parsed = parseCluster(text);
  if (parsed.kind !== "ok") throw new Error(parsed.problems[0]?.message);
  return parsed.cluster;
}

const box = example("police-box");
const garage = example("police-box-garage");

test("an outlet of the box brings its 42 boards and no others", () => {
  const grid = powerGrid(box, false);
  const changed = grid.turn("pdu1.3", true);
  expect(changed.map((index) => box.boards[index]!.group)).toEqual(Array(42).fill("g03"));
  expect(box.boards.filter((board) => grid.hasPower(board.index))).toHaveLength(42);
  expect(grid.turn("pdu1.3", true)).toEqual([]);
});

test("a board behind two outlets in series has power only while both are on", () => {
  const inner = garage.outlets.find((outlet) => outlet.behind !== null && outlet.boards.length > 0)!;
  const outer = garage.outlets.find((outlet) => outlet.id === inner.behind)!;
  const one = garage.boards.find((board) => board.name === inner.boards[0])!.index;
  const grid = powerGrid(garage, false);
  expect(grid.turn(inner.id, true)).toEqual([]);
  expect(grid.turn(outer.id, true)).toContain(one);
  expect(grid.hasPower(one)).toBe(true);
  expect(grid.turn(inner.id, false)).toHaveLength(inner.boards.length);
  expect(grid.hasPower(one)).toBe(false);
});

test("what is never switched off is on from the start, and an unknown outlet moves nothing", () => {
  const grid = powerGrid(box, false);
  expect(grid.isOn("pdu0.5")).toBe(true);
  expect(grid.turn("pdu99.1", true)).toEqual([]);
});

test("after any order of switching a board has power exactly when all its outlets are on", () => {
  const ids = garage.outlets.map((outlet) => outlet.id);
  const turns = fc.array(fc.tuple(fc.constantFrom(...ids), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(turns, fc.boolean(), (moves, allOn) => {
      const grid = powerGrid(garage, allOn);
      const powered = new Set(garage.boards.filter((board) => grid.hasPower(board.index)).map((board) => board.index));
      for (const [outlet, on] of moves) {
        for (const index of grid.turn(outlet, on)) if (!powered.delete(index)) powered.add(index);
      }
      for (const board of garage.boards) {
        const path = garage.outlets.filter((outlet) => outlet.boards.includes(board.name));
        const isFed = path.every((outlet) => grid.isOn(outlet.id));
        expect(grid.hasPower(board.index)).toBe(isFed);
        expect(powered.has(board.index)).toBe(isFed);
      }
    }),
    { numRuns: 15 },
  );
});
