import fc from "fast-check";
import { expect, test } from "vitest";
import type { LayoutSource, Rect } from "./layout.ts";
import { box, layoutSourceOf, sizes, unfold } from "./layout.ts";

/** Racks of 21-board banks, the first `bottom` of each in its lower half, with `strangers` boards nobody placed. */
function sourceOf(
  racks: readonly { side: string; bottom: number; top: number }[],
  slots: number,
  strangers: number,
): LayoutSource {
  let bank = 0;
  let index = 0;
  const boards: LayoutSource["boards"][number][] = [];
  const made = racks.map(({ side, bottom, top }, at) => {
    const banks = Array.from({ length: bottom + top }, () => `k${++bank}`);
    for (const id of banks)
      for (let slot = 1; slot <= slots; slot++, index++)
        boards.push({ index, name: `b${index + 1}`, rack: `r${at}`, bank: id, slot });
    return {
      id: `r${at}`,
      label: `rack ${at}`,
      side,
      banks,
      halves: banks.map((_, n) => (n < bottom ? ("bottom" as const) : ("top" as const))),
    };
  });
  for (let n = 0; n < strangers; n++, index++)
    boards.push({ index, name: `x-${n}`, rack: null, bank: null, slot: null });
  return { racks: made, boards, lights: 24 };
}

const policeBox = sourceOf(
  [
    { side: "front", bottom: 8, top: 6 },
    { side: "front", bottom: 6, top: 6 },
    { side: "back", bottom: 6, top: 6 },
    { side: "back", bottom: 6, top: 6 },
  ],
  21,
  1,
);

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width - 1e-9 &&
  b.x < a.x + a.width - 1e-9 &&
  a.y < b.y + b.height - 1e-9 &&
  b.y < a.y + a.height - 1e-9;

function anyOverlap(rects: readonly Rect[]): boolean {
  const sorted = [...rects].sort((a, b) => a.y - b.y);
  return sorted.some((a, at) => {
    for (let next = at + 1; next < sorted.length && sorted[next]!.y < a.y + a.height; next++)
      if (overlap(a, sorted[next]!)) return true;
    return false;
  });
}

test.each([
  ["the police box", policeBox, 1051],
  ["a desk of five", sourceOf([{ side: "front", bottom: 1, top: 0 }], 5, 0), 5],
  [
    "two racks of 42",
    sourceOf(
      [
        { side: "front", bottom: 2, top: 0 },
        { side: "back", bottom: 2, top: 0 },
      ],
      21,
      0,
    ),
    84,
  ],
  ["nothing at all", { racks: [], boards: [], lights: 0 } satisfies LayoutSource, 0],
  ["strangers only", sourceOf([], 0, 30), 30],
])("every board of %s has a place of its own", (_, source, count) => {
  const page = unfold(source);
  expect(page.boards.map((board) => board.index)).toEqual(Array.from({ length: count }, (_, index) => index));
  expect(anyOverlap(page.boards)).toBe(false);
  expect(box(source).map((board) => board.index)).toEqual(page.boards.map((board) => board.index));
});

test("no two boards overlap and all lie on the page, whatever the racks", () => {
  const racks = fc.array(
    fc.record({
      side: fc.constantFrom("front", "back", "left", "right", "attic"),
      bottom: fc.nat(4),
      top: fc.nat(3),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(
      racks,
      fc.integer({ min: 1, max: 22 }),
      fc.nat(30),
      fc.integer({ min: 1, max: 5 }),
      (shape, slots, strangers, columns) => {
        const source = sourceOf(shape, slots, strangers);
        const page = unfold(source, { columns, bankHeight: 0.06 });
        expect(page.boards).toHaveLength(source.boards.length);
        expect(anyOverlap(page.boards)).toBe(false);
        for (const { x, y, width, height } of page.boards) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(page.width + 1e-9);
          expect(y + height).toBeLessThanOrEqual(page.height + 1e-9);
        }
        expect(unfold(source, { columns, bankHeight: 0.06 })).toEqual(page);
      },
    ),
    { numRuns: 60 },
  );
});

test("in the box no two boards are nearer than a board is wide", () => {
  const placed = box(policeBox);
  const cells = new Set(placed.map(({ x, y, z }) => [x, y, z].map((metres) => Math.round(metres / 0.005)).join()));
  expect(cells.size).toBe(placed.length);
  const nearest = placed.reduce((least, one, at) => {
    for (const other of placed.slice(at + 1))
      least = Math.min(least, Math.hypot(one.x - other.x, one.y - other.y, one.z - other.z));
    return least;
  }, Number.POSITIVE_INFINITY);
  expect(nearest).toBeGreaterThan(sizes.board);
});

test("the gap between the halves is at one height across a row of racks", () => {
  const tops = unfold(policeBox).racks.map((rack) => rack.banks.find((bank) => bank.id === rack.banks.at(-6)!.id)!.y);
  expect(new Set(tops.map((y) => y.toFixed(6))).size).toBe(1);
});

test("two boards that claim one slot, a slot of no bank and an absurd slot all stand with the others", () => {
  const base = sourceOf([{ side: "front", bottom: 1, top: 0 }], 2, 0);
  const odd = (index: number, bank: string, slot: number) => ({ index, name: `o${index}`, rack: "r0", bank, slot });
  const page = unfold({ ...base, boards: [...base.boards, odd(2, "k1", 1), odd(3, "nowhere", 1), odd(4, "k1", 1e9)] });
  expect(page.boards.map((board) => board.bank)).toEqual(["k1", "k1", null, null, null]);
  expect(page.others).not.toBeNull();
});

test("a cluster's layout has its halves, its lamp's lights and its strangers last", () => {
  const source = layoutSourceOf(
    {
      racks: [{ id: "r1", label: "front left", side: "front", banks: ["k01", "k02"] }],
      banks: [
        { id: "k01", half: "bottom" },
        { id: "k02", half: "top" },
      ],
      boards: [{ index: 0, name: "b0001", rack: "r1", bank: "k01", slot: 1 }],
      devices: [{ kind: "neopixel-lamp", count: 24 }],
    },
    [{ index: 1, name: "x-00beef" }],
  );
  expect(source.racks[0]!.halves).toEqual(["bottom", "top"]);
  expect(source.lights).toBe(24);
  expect(source.boards.at(-1)).toEqual({ index: 1, name: "x-00beef", rack: null, bank: null, slot: null });
});

test("a cluster of odd parts still has a layout: no lamp, an empty bank, a side that is none", () => {
  const source = layoutSourceOf({
    racks: [{ id: "r1", label: "one", side: "roof", banks: ["k1", "k9"] }],
    banks: [{ id: "k1", half: null }],
    boards: [{ index: 0, name: "b1", rack: "r1", bank: "k1", slot: 1 }],
    devices: [{ kind: "fans", count: 3 }],
  });
  expect(source).toMatchObject({ lights: 0, racks: [{ halves: [null, null] }] });
  expect(unfold(source).lights).toEqual([]);
  expect(unfold(source).boards).toHaveLength(1);
  expect(box(source)).toMatchObject([{ index: 0, turn: 0 }]);
  expect(unfold({ ...source, boards: [] }).racks[0]?.banks).toHaveLength(2);
  expect(box({ ...source, boards: [] })).toEqual([]);
});

test("the first light of a cluster says how many the lamp has", () => {
  const devices = [
    { kind: "fans", count: 3 },
    { kind: "pixels", count: 24 },
  ];
  expect(layoutSourceOf({ racks: [], banks: [], boards: [], devices }).lights).toBe(24);
  expect(layoutSourceOf({ racks: [], banks: [], boards: [], devices: [{ kind: "lamp", count: null }] }).lights).toBe(0);
});
