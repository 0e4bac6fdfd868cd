import { seededRandom } from "@bramble/core/base";
import { bootSteps } from "@bramble/core/boot";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planBoot } from "./told-boot.ts";

const healthy = { part: 0, stopAt: null };

test("a boot goes through all steps in order, at the pace of a real board", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { moments, stops } = planBoot(seededRandom(seed), healthy);
      expect(stops).toBeNull();
      expect(moments.map(({ step }) => step)).toEqual(bootSteps.slice(0, -1));
      const total = moments.reduce((sum, { afterMs }) => sum + afterMs, 0);
      expect(total).toBeGreaterThan(16_000);
      expect(total).toBeLessThan(48_000);
    }),
  );
});

test("the part of boots that fail is the part asked for, each at a step and the same from the same seed", () => {
  const plans = Array.from({ length: 1050 }, (_, board) =>
    planBoot(seededRandom(`1/${board}`), { part: 0.1, stopAt: null }),
  );
  const failed = plans.filter(({ stops }) => stops !== null);
  expect(failed.length).toBeGreaterThan(75);
  expect(failed.length).toBeLessThan(135);
  expect(new Set(failed.map(({ stops }) => stops!.at)).size).toBeGreaterThan(3);
  for (const { moments, stops } of failed) expect(moments.at(-1)!.step).toBe(stops!.at);
  expect(planBoot(seededRandom("1/3"), { part: 0.1, stopAt: null })).toEqual(plans[3]);
});

test.each([...bootSteps])("a board told to stop at %s goes no further", (step) => {
  const { moments, stops } = planBoot(seededRandom(5), { part: 0, stopAt: step });
  expect(stops?.at).toBe(step);
  if (step !== "registered") expect(moments.at(-1)!.step).toBe(step);
});

test("a few boards ask for their lease again and again", () => {
  const offers = Array.from({ length: 400 }, (_, seed) => planBoot(seededRandom(seed), healthy).moments[1]!.afterMs);
  const late = offers.filter((ms) => ms > 4_000).length;
  expect(late).toBeGreaterThan(20);
  expect(late).toBeLessThan(90);
});
