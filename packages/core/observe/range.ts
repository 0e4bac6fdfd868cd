import type { Millis } from "../base/index.ts";
import type { Readings, Sample } from "./sample.ts";

/** What a reading can be at all; beyond it the board's instrument is broken or somebody is lying. */
export const readingRanges: Readonly<Record<keyof Readings, readonly [least: number, most: number]>> = {
  cpu: [0, 100],
  load: [0, 100_000],
  memoryUsedMb: [0, 1e9],
  memoryTotalMb: [0, 1e9],
  diskUsedGb: [0, 1e9],
  diskTotalGb: [0, 1e9],
  temperatureC: [-60, 200],
  throttled: [0, 4_294_967_295],
  rxKbps: [0, 1e9],
  txKbps: [0, 1e9],
  uptimeS: [0, 1e10],
};

/** The sample with every impossible reading taken out (`null`: not measured); the same object when all are possible. */
export function withinRanges(sample: Sample): Sample {
  let kept: Sample | null = null;
  for (const key of keys) {
    const value = sample[key];
    if (value === null) continue;
    const [least, most] = readingRanges[key];
    if (value >= least && value <= most) continue;
    kept = { ...(kept ?? sample), [key]: null };
  }
  return kept ?? sample;
}

/** Samples of one board with times that can be, and by how much they had to be moved. */
export type SettledTimes = { readonly samples: readonly Sample[]; readonly movedMs: Millis };

/** How far ahead of the head's a board's clock may be. */
export const maxAheadMs: Millis = 5 * 60_000;

/**
 * Samples of one board whose clock may be wrong: when the newest lies more than five minutes in the head's future, all are
 * moved so that the newest is now. Nothing is lost, and the board's own distances are kept.
 */
export function settleTimes(samples: readonly Sample[], now: Millis): SettledTimes {
  const newest = samples.reduce((most, { at }) => Math.max(most, at), 0);
  if (newest <= now + maxAheadMs) return { samples, movedMs: 0 };
  const movedMs = newest - now;
  return { samples: samples.map((sample) => ({ ...sample, at: Math.max(0, sample.at - movedMs) })), movedMs };
}

const keys = Object.keys(readingRanges) as (keyof Readings)[];
