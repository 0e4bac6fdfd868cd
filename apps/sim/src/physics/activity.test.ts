import fc from "fast-check";
import { expect, test } from "vitest";
import { activityAt } from "./activity.ts";
import { chanceAt, seedOf } from "./chance.ts";

test("at any moment most boards are idle, and a few are in a burst", () => {
  const cpus = Array.from({ length: 1050 }, (_, board) => activityAt(1, board, 1_000_000).cpu);
  expect(cpus.filter((cpu) => cpu < 6).length).toBeGreaterThan(950);
  const bursts = cpus.filter((cpu) => cpu > 10).length;
  expect(bursts).toBeGreaterThan(8);
  expect(bursts).toBeLessThan(90);
});

test("the same seed, board and moment do the same, and never more than all cores", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20_000), fc.double({ min: 0, max: 1e12, noNaN: true }), (seed, board, at) => {
      const activity = activityAt(seedOf(seed), board, at);
      expect(activityAt(seedOf(seed), board, at)).toEqual(activity);
      expect(activity.cpu).toBeGreaterThanOrEqual(0);
      expect(activity.cpu).toBeLessThanOrEqual(100);
      expect(activity.burst?.cpu ?? 0).toBeLessThanOrEqual(activity.cpu);
    }),
  );
});

test("chance is spread evenly over boards and moments", () => {
  let sum = 0;
  let below = 0;
  for (let board = 0; board < 100; board++) {
    for (let moment = 0; moment < 100; moment++) {
      const value = chanceAt(42, board, 3, moment);
      sum += value;
      if (value < 0.1) below++;
    }
  }
  expect(sum / 10_000).toBeCloseTo(0.5, 1);
  expect(below).toBeGreaterThan(850);
  expect(below).toBeLessThan(1150);
});
