import fc from "fast-check";
import { expect, test } from "vitest";
import { plainCluster } from "../boards/plain.ts";
import { type HeatInput, heatOf } from "./heat.ts";

const cluster = plainCluster(63);
const always = (load: number): HeatInput => ({
  hasPower: () => true,
  load: () => load,
  hasFans: true,
  forced: () => null,
});
const settle = (input: HeatInput, seed = 7) => {
  const heat = heatOf(cluster, seed);
  heat.step(600_000, input);
  heat.step(600_000, input);
  return cluster.boards.map((board) => heat.of(board.index));
};

test("an idle cluster settles where idle boards are, a busy one just over its limits", () => {
  const idle = settle(always(0.03));
  const busy = settle(always(1));
  expect(Math.min(...idle)).toBeGreaterThan(35);
  expect(Math.max(...idle)).toBeLessThan(60);
  expect(Math.max(...busy)).toBeGreaterThan(80);
  expect(Math.max(...busy)).toBeLessThan(95);
});

test("a board without power cools to the air around it", () => {
  const off = settle({ ...always(1), hasPower: () => false });
  for (const celsius of off) expect(celsius).toBeLessThan(32);
});

test("higher banks are warmer, and a caddy with a fan is cooler than one between two fans", () => {
  const idle = settle(always(0.5));
  const mean = (from: number) => idle.slice(from, from + 21).reduce((sum, one) => sum + one, 0) / 21;
  expect(mean(42)).toBeGreaterThan(mean(0) + 2);
  const means = (slots: number[]) => slots.reduce((sum, slot) => sum + idle[slot - 1]!, 0) / slots.length;
  expect(means([3, 8, 13, 18])).toBeGreaterThan(means([6, 11, 16]) + 2);
});

test("without fans every board is warmer, and an idle one still lives", () => {
  const [turning, still] = [settle(always(0.03)), settle({ ...always(0.03), hasFans: false })];
  for (const [board, celsius] of still.entries()) expect(celsius).toBeGreaterThan(turning[board]! + 2);
  expect(Math.max(...still)).toBeLessThan(75);
});

test("a forced board reaches its temperature and warms its neighbours", () => {
  const calm = settle(always(0.03));
  const hot = settle({ ...always(0.03), forced: (board) => (board === 10 ? 90 : null) });
  expect(hot[10]).toBeCloseTo(90, 0);
  expect(hot[9]!).toBeGreaterThan(calm[9]! + 1);
  expect(hot[40]).toBeCloseTo(calm[40]!, 1);
});

const loads = fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 63, maxLength: 63 });
const spans = fc.array(fc.integer({ min: 1, max: 120_000 }), { minLength: 1, maxLength: 12 });

test("heat is bounded, the same for the same history, and never falls when any load rises", () => {
  fc.assert(
    fc.property(loads, spans, fc.nat(62), fc.double({ min: 0, max: 1, noNaN: true }), (load, steps, which, more) => {
      const run = (extra: number): number[] => {
        const heat = heatOf(cluster, 3);
        for (const ms of steps) {
          heat.step(ms, { ...always(0), load: (board) => load[board]! + (board === which ? extra : 0) });
        }
        return cluster.boards.map((board) => heat.of(board.index));
      };
      const [plain, again, warmer] = [run(0), run(0), run(more)];
      expect(again).toEqual(plain);
      for (const [board, celsius] of plain.entries()) {
        expect(celsius).toBeGreaterThan(15);
        expect(celsius).toBeLessThan(110);
        expect(warmer[board]!).toBeGreaterThanOrEqual(celsius - 1e-9);
      }
    }),
    { numRuns: 40 },
  );
});
