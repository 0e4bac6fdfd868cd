import type { StateKind } from "@bramble/core/observe";
import { stateKinds } from "@bramble/core/observe";
import type { BoardRow } from "@bramble/core/show";

/** A byte of a column that is not known. */
export const unknown = 255;

/** Bits of `flags`. */
export const rowFlags = { simulated: 1, working: 2, throttled: 4 } as const;

/** The newest row of every board, a byte each in columns, so that a thousand boards cost a few kilobytes and no garbage. */
export type Columns = {
  readonly count: number;
  /** Index into `stateKinds`. */
  readonly state: Uint8Array;
  /** Percent. */
  readonly cpu: Uint8Array;
  /** Percent. */
  readonly memory: Uint8Array;
  /** Half degrees Celsius. */
  readonly temperature: Uint8Array;
  readonly flags: Uint8Array;
  /** When the state last changed, monotonic ms; -1e9 for what we found already so. */
  readonly changed: Float64Array;
};

/** Columns for `count` boards, with the rows of `from` kept. */
export function columnsOf(count: number, from?: Columns): Columns {
  const made: Columns = {
    count,
    state: new Uint8Array(count),
    cpu: new Uint8Array(count).fill(unknown),
    memory: new Uint8Array(count).fill(unknown),
    temperature: new Uint8Array(count).fill(unknown),
    flags: new Uint8Array(count),
    changed: new Float64Array(count).fill(-1e9),
  };
  if (from === undefined) return made;
  for (const name of ["state", "cpu", "memory", "temperature", "flags", "changed"] as const)
    made[name].set(from[name].subarray(0, count));
  return made;
}

/** Write one row. @returns true when the board's state is another than before. */
export function writeRow(columns: Columns, index: number, row: BoardRow, atMs: number): boolean {
  const state = Math.max(0, stateKinds.indexOf(row.state));
  const isNew = columns.state[index] !== state;
  columns.state[index] = state;
  columns.cpu[index] = byteOf(row.cpu);
  columns.memory[index] = byteOf(row.memory);
  columns.temperature[index] = byteOf(row.temperatureC === null ? null : row.temperatureC * 2);
  columns.flags[index] =
    (row.isSimulated ? rowFlags.simulated : 0) |
    (row.isWorking ? rowFlags.working : 0) |
    (row.isThrottled ? rowFlags.throttled : 0);
  if (isNew) columns.changed[index] = atMs;
  return isNew;
}

/** One board read back from its columns. */
export function readRow(columns: Columns, index: number): BoardRow {
  const value = (column: Uint8Array): number | null => {
    const byte = column[index] ?? unknown;
    return byte === unknown ? null : byte;
  };
  const half = value(columns.temperature);
  const flags = columns.flags[index] ?? 0;
  return {
    state: stateOf(columns, index),
    cpu: value(columns.cpu),
    memory: value(columns.memory),
    temperatureC: half === null ? null : half / 2,
    isSimulated: (flags & rowFlags.simulated) !== 0,
    isWorking: (flags & rowFlags.working) !== 0,
    isThrottled: (flags & rowFlags.throttled) !== 0,
  };
}

/** The state of one board. */
export function stateOf(columns: Columns, index: number): StateKind {
  return stateKinds[columns.state[index] ?? 0] ?? "off";
}

/** Boards by state, in the order of `stateKinds`. */
export function countStates(columns: Columns): readonly number[] {
  const counts = stateKinds.map(() => 0);
  for (const state of columns.state) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function byteOf(value: number | null): number {
  return value === null ? unknown : Math.max(0, Math.min(254, Math.round(value)));
}
