import type { BoardRow } from "@bramble/core/show";
import type { Entry } from "../register/roster.ts";

/** What the stream shows of a board. Readings of a board that is off or has failed are old news and left out. */
export function rowOf(entry: Entry): BoardRow {
  const { latest, standing, record } = entry;
  const kind = standing.state.kind;
  const isDark = kind === "off" || kind === "powering" || kind === "failed";
  const sample = isDark ? null : latest;
  const used = sample?.memoryUsedMb ?? null;
  const total = sample?.memoryTotalMb ?? null;
  return {
    state: kind,
    cpu: whole(sample?.cpu ?? null),
    memory: used === null || total === null || total <= 0 ? null : whole((100 * used) / total),
    temperatureC: half(sample?.temperatureC ?? null),
    isSimulated: record?.isSimulated ?? false,
    isWorking: entry.isWorking,
    isThrottled: ((sample?.throttled ?? 0) & 0x0f) !== 0,
  };
}

/** Do two rows look the same in the picture? */
export function isSameRow(a: BoardRow | undefined, b: BoardRow): boolean {
  return isSameStanding(a, b) && a?.cpu === b.cpu && a.memory === b.memory && a.temperatureC === b.temperatureC;
}

/** The same but for readings, which drift all the time? */
export function isSameStanding(a: BoardRow | undefined, b: BoardRow): boolean {
  return (
    a !== undefined &&
    a.state === b.state &&
    a.isSimulated === b.isSimulated &&
    a.isWorking === b.isWorking &&
    a.isThrottled === b.isThrottled
  );
}

function whole(value: number | null): number | null {
  return value === null ? null : Math.min(100, Math.max(0, Math.round(value)));
}

function half(value: number | null): number | null {
  return value === null ? null : Math.min(120, Math.max(0, Math.round(value * 2) / 2));
}
