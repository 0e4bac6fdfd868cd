import fc from "fast-check";
import { expect, test } from "vitest";
import { maxAheadMs, settleTimes, withinRanges } from "./range.ts";
import type { Sample } from "./sample.ts";

const now = Date.UTC(2026, 0, 1);
const sample = (at: number, cpu: number | null = 5): Sample => ({
  ...{ at, cpu, load: null, memoryUsedMb: null, memoryTotalMb: null, diskUsedGb: null, diskTotalGb: null },
  ...{ temperatureC: null, throttled: null, rxKbps: null, txKbps: null, uptimeS: null, processes: [] },
});

test.each([[-0.1], [100.1], [1e12], [Number.NaN], [Number.POSITIVE_INFINITY]])(
  "a CPU of %s percent was not measured",
  (cpu) => {
    expect(withinRanges(sample(now, cpu)).cpu).toBeNull();
  },
);

test("a sample whose readings are possible stays the same object", () => {
  for (const cpu of [0, 100, null]) {
    const possible = sample(now, cpu);
    expect(withinRanges(possible)).toBe(possible);
  }
});

test("no sample ends up in the future, and distances are kept", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e11 }), { minLength: 1 }), (offsets) => {
      const samples = offsets.map((offset) => sample(now + offset));
      const { samples: settled, movedMs } = settleTimes(samples, now);
      expect(Math.max(...settled.map(({ at }) => at))).toBeLessThanOrEqual(now + maxAheadMs);
      for (const [i, { at }] of settled.entries()) expect(at).toBe(Math.max(0, samples[i]!.at - movedMs));
    }),
  );
});

test("a clock that is a little ahead is let be", () => {
  const samples = [sample(now + maxAheadMs)];
  expect(settleTimes(samples, now)).toEqual({ samples, movedMs: 0 });
});
