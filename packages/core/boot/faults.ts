import type { Millis } from "../base/index.ts";
import type { Circumstances } from "./diagnose.ts";
import { faultsOfAsking } from "./faults-asking.ts";
import { faultsOfLoading } from "./faults-loading.ts";
import { faultsOfStarting } from "./faults-starting.ts";
import type { Lane } from "./lane.ts";
import { tookOf } from "./lane.ts";
import type { BootStep } from "./steps.ts";

/** One row of the table: a way in which a boot goes wrong, how it is known, and what a person does about it. */
export type Fault = {
  readonly id: string;
  /** Of a board that stopped, of one still on its way, or of one that was up and is gone. */
  readonly when: "stopped" | "booting" | "gone";
  /** Where it must stand; null: anywhere. */
  readonly steps: readonly (BootStep | "power")[] | null;
  test(lane: Lane, around: Circumstances, now: Millis): boolean;
  cause(lane: Lane, around: Circumstances, now: Millis): string;
  advice(lane: Lane, around: Circumstances): string;
  /** Where this is known from. */
  readonly source: string;
};

/** Every fault that has a name. Of each step's rows the first that fits is told; the last of them always fits. */
export const faults: readonly Fault[] = [
  {
    id: "told",
    when: "stopped",
    steps: null,
    test: (lane) => whyOf(lane) !== null,
    cause: (lane) => `It says so itself: ${whyOf(lane)}.`,
    advice: () => "Its own console says more; then start it anew by cycling its power.",
    source: "the board",
  },
  {
    id: "boot-loop",
    when: "stopped",
    steps: null,
    test: ({ attemptsSincePower }) => attemptsSincePower >= loopsFrom,
    cause: ({ attemptsSincePower }) => `It began anew ${attemptsSincePower} times since its power came.`,
    advice: () =>
      "Mostly its supply is too weak or its cable too thin: measure 5 V at the board while it starts. If that is well, try another board in its place, then another image.",
    source: "Raspberry Pi documentation, power supply",
  },
  {
    id: "duplicate-address",
    when: "stopped",
    steps: null,
    test: ({ declined }) => declined !== null,
    cause: ({ declined }) => `It found its address ${declined} in use by another and refused it (DHCPDECLINE).`,
    advice: ({ declined }) =>
      `Find who has it: \`ip neigh show ${declined}\` on the head tells the MAC. Most often it was set by hand, or a second DHCP server gave it out.`,
    source: "RFC 2131, section 4.3.3",
  },
  ...faultsOfAsking,
  ...faultsOfLoading,
  ...faultsOfStarting,
  {
    id: "loop-begins",
    when: "booting",
    steps: null,
    test: ({ attemptsSincePower }) => attemptsSincePower >= loopsFrom,
    cause: ({ attemptsSincePower }) => `It has begun anew ${attemptsSincePower} times since its power came.`,
    advice: () => "Watch whether this time it comes up. If not: measure 5 V at the board, then try another image.",
    source: "Raspberry Pi documentation, power supply",
  },
  {
    id: "slow",
    when: "booting",
    steps: null,
    test: (lane, around, now) => slowness(lane, around, now) !== null,
    cause(lane, around, now) {
      const { usualMs, tookMs, resends } = slowness(lane, around, now)!;
      const lost = resends === 0 ? "" : `; ${resends} blocks had to be sent again`;
      return `It has been at this step for ${seconds(tookMs)}, its neighbours passed it in ${seconds(usualMs)}${lost}.`;
    },
    advice: () =>
      "It still goes on: leave it alone for now. If it is slow each time, change its cable, then its port on the switch.",
    source: "compared with its neighbours",
  },
];

const loopsFrom = 3;

/** How much longer than its neighbours it takes at this step, if that is worth telling. */
function slowness(
  lane: Lane,
  { neighbours, pace }: Circumstances,
  now: Millis,
): { readonly usualMs: Millis; readonly tookMs: Millis; readonly resends: number } | null {
  if (lane.at === null) return null;
  const { [lane.at]: step } = lane.steps;
  const usualMs = neighbours.stepMs[lane.at];
  const tookMs = tookOf(step, now);
  if (usualMs === undefined || tookMs === null) return null;
  const { resends } = step;
  return tookMs > 3 * usualMs + Math.max(pace.leastMs, 5000 / pace.speed) ? { usualMs, tookMs, resends } : null;
}

function whyOf({ state }: Lane): string | null {
  return state.kind === "stopped" ? state.why : null;
}

function seconds(ms: Millis): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
