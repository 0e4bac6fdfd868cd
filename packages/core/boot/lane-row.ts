import type { Millis } from "../base/index.ts";
import type { Lane, LaneState } from "./lane.ts";
import { bootTook, orderOfStep, tookOf } from "./lane.ts";
import type { BootStep } from "./steps.ts";
import { bootSteps } from "./steps.ts";

/** The states of a lane, in the order of the rows (only append). */
export const laneStates = ["idle", "waiting", "booting", "up", "stopped"] as const satisfies LaneState["kind"][];

/**
 * A lane as the list tells it, some 60 octets a board, so that a page may ask for a thousand each second. Times are in
 * hundredths of a second.
 */
export type LaneRow = readonly [
  board: string,
  /** Index of `laneStates`. */
  state: number,
  /** Index of `bootSteps`; -1 before the first. */
  at: number,
  attempt: number,
  /** Of the file on its way in the step it is at; -1 without. */
  percent: number,
  kilobytes: number,
  resends: number,
  /** The whole boot, or so far; -1 when none was seen. */
  took: number,
  /** Of each step from the first to the one it is at; -1 where it was not seen. */
  steps: readonly number[],
  /** The fault's id, see the table; empty when nothing is wrong. */
  fault: string,
];

/** A lane in words, read from its row. */
export type LaneBrief = {
  readonly board: string;
  readonly state: LaneState["kind"];
  readonly at: BootStep | null;
  readonly attempt: number;
  readonly percent: number | null;
  readonly bytes: number;
  readonly resends: number;
  readonly tookMs: Millis | null;
  readonly stepMs: Readonly<Partial<Record<BootStep, Millis>>>;
  readonly fault: string | null;
};

/** The row of a board's lane. */
export function packLane(board: string, lane: Lane, fault: string | null, now: Millis): LaneRow {
  const last = lane.at === null ? -1 : orderOfStep(lane.at);
  const steps = bootSteps.map((step) => lane.steps[step]);
  return [
    ...([board, laneStates.indexOf(lane.state.kind), last, lane.attempt] as const),
    (lane.at === null || lane.state.kind === "up" ? null : lane.steps[lane.at].percent) ?? -1,
    Math.ceil(steps.reduce((sum, { bytes }) => sum + bytes, 0) / 1024),
    steps.reduce((sum, { resends }) => sum + resends, 0),
    hundredths(bootTook(lane, now)),
    steps.slice(0, last + 1).map((step) => hundredths(tookOf(step, now))),
    fault ?? "",
  ];
}

/** What a row says. */
export function unpackLane([
  board,
  state,
  at,
  attempt,
  percent,
  kilobytes,
  resends,
  took,
  steps,
  fault,
]: LaneRow): LaneBrief {
  const seen = steps.flatMap((each, i) => (each < 0 ? [] : [[bootSteps[i], each * 10] as const]));
  return {
    ...{ board, attempt, resends, percent: percent < 0 ? null : percent, fault: fault === "" ? null : fault },
    state: laneStates[state] ?? "idle",
    at: bootSteps[at] ?? null,
    bytes: kilobytes * 1024,
    tookMs: took < 0 ? null : took * 10,
    stepMs: Object.fromEntries(seen),
  };
}

function hundredths(ms: Millis | null): number {
  return ms === null ? -1 : Math.round(ms / 10);
}
