import type { StateKind } from "@bramble/core/observe";
import { stateKinds } from "@bramble/core/observe";
import type { Columns } from "../live/columns.ts";
import { rowFlags, unknown } from "../live/columns.ts";

/** What the colour of a board tells. */
export type ColourBy = "temperature" | "cpu" | "memory" | "state";

/** All ways to colour, in the order of the switch. */
export const colourings: readonly {
  readonly id: ColourBy;
  readonly label: string;
  readonly low: string;
  readonly high: string;
}[] = [
  { id: "temperature", label: "Heat", low: "30 °C", high: "80 °C" },
  { id: "cpu", label: "CPU", low: "0 %", high: "100 %" },
  { id: "memory", label: "Memory", low: "0 %", high: "100 %" },
  { id: "state", label: "State", low: "", high: "" },
];

/** Bits of a look's third byte. */
export const lookFlags = { dim: 1, selected: 2, pointed: 4, hot: 8, working: 16, throttled: 32 } as const;

/** From here on a board is drawn larger: the warning limit of the firmware. */
const hotC = 70;

/** How full a waking board is drawn; the level of each state before `up`. */
export const wakeLevels: readonly number[] = [0, 0.16, 0.36, 0.6, 0.84];

/** What a person chose to see. */
export type Choice = {
  readonly colourBy: ColourBy;
  /** Only these states at full strength; empty means all. */
  readonly only: ReadonlySet<StateKind>;
  readonly selected: number;
  readonly pointed: number;
};

/** The four bytes a painter needs of each board: state, value on the ramp (255: not known), flags, spare. */
export function writeLooks(columns: Columns, choice: Choice, into: Uint8Array): void {
  const isWanted = stateKinds.map((kind) => choice.only.size === 0 || choice.only.has(kind));
  for (let index = 0; index < columns.count; index++) {
    const state = columns.state[index] ?? 0;
    const half = columns.temperature[index] ?? unknown;
    const isHot = half !== unknown && half >= hotC * 2 && state >= 5;
    const flags = columns.flags[index] ?? 0;
    into[index * 4] = state;
    into[index * 4 + 1] = shareOf(columns, choice.colourBy, index);
    into[index * 4 + 2] =
      (isWanted[state] ? 0 : lookFlags.dim) |
      (choice.selected === index ? lookFlags.selected : 0) |
      (choice.pointed === index ? lookFlags.pointed : 0) |
      (isHot ? lookFlags.hot : 0) |
      (flags & rowFlags.working ? lookFlags.working : 0) |
      (flags & rowFlags.throttled ? lookFlags.throttled : 0);
  }
}

/** Where a board stands on the ramp of a colouring, 0 to 254; 255 when not known. */
function shareOf(columns: Columns, by: ColourBy, index: number): number {
  const scaled = (byte: number | undefined, low: number, high: number): number =>
    byte === undefined || byte === unknown
      ? unknown
      : Math.max(0, Math.min(254, Math.round(((byte - low) / (high - low)) * 254)));
  switch (by) {
    case "temperature":
      return scaled(columns.temperature[index], 60, 160);
    case "cpu":
      return scaled(columns.cpu[index], 0, 100);
    case "memory":
      return scaled(columns.memory[index], 0, 100);
    case "state":
      return unknown;
  }
}
