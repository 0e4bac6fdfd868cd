import type { StateKind } from "@bramble/core/observe";
import type { BoardRow } from "@bramble/core/show";

/** What each state means to a reader, in a few words. */
export const stateWords: Readonly<Record<StateKind, string>> = {
  off: "no power, as asked",
  powering: "power is on, nothing heard yet",
  leasing: "asks for an address",
  loading: "loads its system",
  starting: "starts its agent",
  up: "alive and ready",
  silent: "no longer heard",
  failed: "did not come up",
  draining: "finishes, takes no new work",
  maintenance: "set aside by a person",
};

/** A board in a sentence: its state and what else stands out. */
export function describe(row: BoardRow): string {
  const extra = [
    row.isWorking ? "runs a Warble" : "",
    row.isThrottled ? "throttled" : "",
    row.isSimulated ? "" : "a real board",
  ];
  return [`${row.state}, ${stateWords[row.state]}`, ...extra].filter((word) => word !== "").join(" · ");
}

/** Its readings in one line. */
export function figures(row: BoardRow): string {
  return [
    row.temperatureC === null ? null : `${row.temperatureC.toFixed(1)} °C`,
    row.cpu === null ? null : `CPU ${row.cpu} %`,
    row.memory === null ? null : `memory ${row.memory} %`,
  ]
    .filter((part) => part !== null)
    .join("  ·  ");
}

/** A span in the largest fitting unit: `8 s`, `3 min`, `2 h`, `5 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A whole number with thin spaces between thousands. */
export function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** The time of day, to the second, in the reader's own zone. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString([], { hour12: false });
}
