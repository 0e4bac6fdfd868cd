import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "./random.ts";

const take = (seed: number | string, count = 20): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

test("the same seed gives the same stream, another seed another", () => {
  expect(take(7)).toEqual(take("7"));
  expect(take(7)).not.toEqual(take(8));
});

test("a fork is fixed by its label and does not disturb its parent", () => {
  const parent = seededRandom(1);
  const fork = parent.fork("b0001");
  expect(fork.next()).toBe(seededRandom(1).fork("b0001").next());
  expect(fork.next()).not.toBe(seededRandom(1).fork("b0002").next());
  expect(parent.next()).toBe(take(1)[0]);
});

test("numbers stay in their range", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 1_000_000 }), (seed, below) => {
      const random = seededRandom(seed);
      for (let i = 0; i < 20; i++) {
        const whole = random.whole(below);
        expect(Number.isInteger(whole) && whole >= 0 && whole < below).toBe(true);
      }
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1)).toBe(true);
    }),
  );
});

test("a stream is spread evenly enough to be used as chance", () => {
  const random = seededRandom("spread");
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) tenths[random.whole(10)]!++;
  for (const count of tenths) expect(count).toBeGreaterThan(850);
});
