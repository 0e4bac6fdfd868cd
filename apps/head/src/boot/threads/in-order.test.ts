import { fakeClock } from "@bramble/core/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createInOrder } from "./in-order.ts";

function rig() {
  const clock = fakeClock();
  const told: { at: number; nth: number }[] = [];
  return {
    clock,
    told,
    news: createInOrder({ clock, lagMs: 70, tell: (one: (typeof told)[number]) => told.push(one) }),
  };
}

test("what two threads tell in batches is told in the order in which it happened", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(40), fc.boolean()), { maxLength: 200 }), async (events) => {
      const { clock, told, news } = rig();
      const batches = [[], []] as { at: number; nth: number }[][];
      for (const [nth, [pause, which]] of events.entries()) {
        await clock.advance(pause);
        batches[Number(which)]!.push({ at: clock.now(), nth });
        for (const batch of batches)
          if (batch.length > 0 && clock.now() - batch[0]!.at >= 20) news.add(batch.splice(0));
      }
      for (const batch of batches) news.add(batch);
      await clock.advance(200);
      expect(told).toHaveLength(events.length);
      expect(told.every(({ at }, i) => i === 0 || at >= told[i - 1]!.at)).toBe(true);
      expect(clock.pending()).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test("news wait for the time of a batch and no longer; the end tells what waits", async () => {
  const { clock, told, news } = rig();
  news.add([{ at: clock.now(), nth: 0 }]);
  await clock.advance(69);
  expect(told).toEqual([]);
  await clock.advance(2);
  expect(told).toHaveLength(1);
  news.add([{ at: clock.now() + 1e9, nth: 1 }]);
  news[Symbol.dispose]();
  expect(told).toHaveLength(2);
  expect(clock.pending()).toBe(0);
});

test("a flood is told rather than kept", () => {
  const { clock, told, news } = rig();
  news.add(Array.from({ length: 20_001 }, (_, nth) => ({ at: clock.now(), nth })));
  expect(told).toHaveLength(20_001);
});
