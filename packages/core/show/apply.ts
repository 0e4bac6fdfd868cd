import type { Delta, Snapshot } from "./frame.ts";

/** A delta that does not fit the picture: ask for `?from=<picture>` or wait for a snapshot. */
export type Gap = { readonly kind: "gap"; readonly picture: number; readonly base: number };

/**
 * The picture after `delta`, or a gap when the delta stands on another sequence. The picture given is not changed.
 * A row just after the last one adds a board (a stranger that appeared).
 */
export function applyDelta(picture: Snapshot, delta: Delta): Snapshot | Gap {
  if (delta.base !== picture.sequence) return { kind: "gap", picture: picture.sequence, base: delta.base };
  const rows = [...picture.rows];
  for (const { index, row } of delta.rows) {
    if (index > rows.length) return { kind: "gap", picture: picture.sequence, base: delta.base };
    rows[index] = row;
  }
  return {
    kind: "snapshot",
    sequence: delta.sequence,
    at: delta.at,
    rows,
    lights: delta.lights ?? picture.lights,
    counters: delta.counters ?? picture.counters,
  };
}
