import type { Sample } from "@bramble/core/observe";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createArrears } from "./arrears.ts";
import { quietSample } from "./rig.ts";

test("whatever the store refuses and when, an answer speaks of everything that came before it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ fails: fc.boolean(), isAwaited: fc.boolean() }), { maxLength: 40 }),
      async (script) => {
        const durable = new Set<number>();
        let fails = false;
        const arrears = createArrears(async (samples: readonly Sample[]) => {
          const isRefused = fails;
          await Promise.resolve();
          if (isRefused) throw new Error("the disk is full");
          for (const { at } of samples) durable.add(at);
        }, 100);
        const answers: Promise<void>[] = [];
        for (const [n, step] of script.entries()) {
          fails = step.fails;
          const answer = arrears.store([quietSample(n)]).then(
            () => expect([...Array(n + 1).keys()].filter((at) => !durable.has(at))).toEqual([]),
            () => {},
          );
          answers.push(answer);
          if (step.isAwaited) await answer;
        }
        await Promise.all(answers);
        fails = false;
        await arrears.store([quietSample(script.length)]);
        expect(durable.size).toBe(script.length + 1);
      },
    ),
  );
});

test("it keeps no more than it may, and says so", async () => {
  const arrears = createArrears(() => Promise.reject(new Error("the disk is full")), 3);
  for (const at of [1, 2, 3, 3]) await expect(arrears.store([quietSample(at)])).rejects.toThrow("full");
  expect(arrears.isFull()).toBe(false);
  await expect(arrears.store([quietSample(4)])).rejects.toThrow("full");
  expect(arrears.isFull()).toBe(true);
});
