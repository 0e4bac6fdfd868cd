import { fakeClock, seededRandom } from "@bramble/core/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { retryDelay } from "../../apps/agent/src/link/backoff.ts";

/* The thousand boards of a head that was killed come back soon, but not as one. */

const boards = 1050;
/** A steady second of so many boards: a ping each, a sample of a fifth of them. */
const steady = boards + boards / 5;

/** When each board's attempts fall, in ms after the kill, until one succeeds: the head answers again from `downMs` on. */
async function attempts(downMs: number, seed: number): Promise<{ tries: number[]; linked: number[] }> {
  const clock = fakeClock();
  const tries: number[] = [];
  const linked: number[] = [];
  for (let board = 0; board < boards; board++) {
    const random = seededRandom(`${seed}-${board}`);
    const retry = (failures: number): void => {
      clock.after(retryDelay(failures, random), () => {
        tries.push(clock.monotonic());
        if (clock.monotonic() >= downMs) linked.push(clock.monotonic());
        else retry(failures + 1);
      });
    };
    retry(0);
  }
  while (linked.length < boards) await clock.advance(5000);
  return { tries, linked };
}

/** The most that fall into any one second. */
function busiest(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  for (let last = 0, first = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= 1000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

test("after a head was away for at most three seconds all boards are back within ten, no second twice as busy", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 3000 }), fc.nat(), async (downMs, seed) => {
      const { tries, linked } = await attempts(downMs, seed);
      expect(Math.max(...linked)).toBeLessThanOrEqual(10_000);
      // An attempt that succeeds is three frames: the request, the hello and the first word that it is ready.
      expect(busiest(tries) + 2 * busiest(linked)).toBeLessThanOrEqual(2 * steady);
    }),
    { numRuns: 50, examples: [[2658, 0]] },
  );
});
