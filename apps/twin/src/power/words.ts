import type { PostPowerPlanBody, PowerPlanAnswer, PowerPlanSummary } from "@bramble/core/api";
import { span, whole } from "../parts/words.ts";

/** What is asked of boards. */
export type Action = PostPowerPlanBody["action"];

/** What a person says for an action, in the command line's own words. */
export const verbs: Readonly<Record<Action, string>> = { on: "up", off: "down", cycle: "cycle" };

/** The same as the label of a button. */
export const labels: Readonly<Record<Action, string>> = { on: "Bring up", off: "Take down", cycle: "Cycle" };

/** Who asked for a plan. */
export const askers: Readonly<Record<PowerPlanSummary["by"], string>> = {
  operator: "an operator",
  schedule: "a schedule",
  "cut-out": "a cut-out",
};

/** `1 board`, `1 050 boards`. */
export function count(n: number, what: string): string {
  return `${whole(n)} ${what}${n === 1 ? "" : "s"}`;
}

/** `1 064 W`; small figures with a tenth. */
export function watts(value: number): string {
  return value < 100 && !Number.isInteger(value) ? `${value.toFixed(1)} W` : `${whole(value)} W`;
}

/** `8.9 A` of so many watts. */
export function amps(value: number, volts: number): string {
  const current = volts > 0 ? value / volts : 0;
  return `${current < 10 ? current.toFixed(1) : whole(current)} A`;
}

/** `93 %`. */
export function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** How far a plan is: `wave 3 of 25, 84 of 1 050 boards up, about 6 min left`. */
export function progressInWords(
  plan: Pick<PowerPlanAnswer, "action" | "wave" | "waves" | "up" | "boards" | "leftMs" | "endedAt">,
): string {
  const { action, wave, waves, up, boards, leftMs, endedAt } = plan;
  const reached =
    action === "off"
      ? `${whole(boards - up)} of ${count(boards, "board")} dark`
      : `${whole(up)} of ${count(boards, "board")} up`;
  return [
    ...(waves > 0 && wave > 0 ? [`wave ${wave} of ${waves}`] : []),
    reached,
    ...(leftMs === null || leftMs < 1000 || endedAt !== null ? [] : [`about ${span(leftMs)} left`]),
  ].join(", ");
}

/** How many of its boards are as the plan wants them. */
export function reached({ action, up, boards }: Pick<PowerPlanAnswer, "action" | "up" | "boards">): number {
  return action === "off" ? boards - up : up;
}
