import type { Millis } from "../base/index.ts";
import { type Fault, faults } from "./faults.ts";
import type { Lane } from "./lane.ts";
import { dueAt, type LanePace, quietMs } from "./lane-deadlines.ts";
import type { BootStep } from "./steps.ts";

/** How the other boards behind the same outlet or switch do. */
export type Neighbours = {
  readonly boards: number;
  /** Those of them that have power now, and those that have asked since it came. */
  readonly powered: number;
  readonly asked: number;
  readonly up: number;
  /** Median time of each step, of those that have passed it. */
  readonly stepMs: Readonly<Partial<Record<BootStep, Millis>>>;
};

/** What is known beside the lane. */
export type Circumstances = {
  readonly neighbours: Neighbours;
  /** `pi3b`, as the cluster file or the board says; null when neither does. */
  readonly model: string | null;
  /** Address of another DHCP server that was heard on the network. */
  readonly rogue: string | null;
  /** When it said goodbye, or fell silent with its power on, after it was up; null otherwise. */
  readonly goneSince: Millis | null;
  readonly pace: LanePace;
};

/** Why a board goes no further, or is slow, in words for somebody who sees it for the first time. */
export type Diagnosis = {
  /** Where it stands; `power` before its first sign. */
  readonly step: BootStep | "power";
  /** The fault's id: `never-asked`, `rom-gave-up`, … */
  readonly fault: string;
  readonly cause: string;
  readonly advice: string;
  /** Where this is known from. */
  readonly source: string;
};

/**
 * The likely cause of what a lane shows: of a board that stopped, or is past its deadline, or is slow, or was up and is
 * gone. Null when nothing is wrong.
 */
export function diagnose(lane: Lane, now: Millis, around: Circumstances): Diagnosis | null {
  const when = momentOf(lane, now, around);
  if (when === null) return null;
  const step = when === "gone" ? "power" : (lane.at ?? "power");
  const fault = faults.find(
    (each) => each.when === when && (each.steps?.includes(step) ?? true) && each.test(lane, around, now),
  );
  if (fault === undefined) return null;
  const [cause, advice] = [fault.cause(lane, around, now), fault.advice(lane, around)];
  return { step, fault: fault.id, cause, advice, source: fault.source };
}

function momentOf(lane: Lane, now: Millis, { goneSince, pace }: Circumstances): Fault["when"] | null {
  const due = dueAt(lane, pace);
  if (lane.state.kind === "stopped" || (due !== null && now >= due)) return "stopped";
  if (lane.state.kind === "booting") return "booting";
  const patience = Math.max(pace.leastMs, quietMs.power / pace.speed);
  return lane.state.kind === "up" && goneSince !== null && now - goneSince >= patience ? "gone" : null;
}
