import type { Millis, Random } from "@bramble/core/base";
import { type BootStep, bootSteps } from "@bramble/core/boot";

/** One step of a boot: when it begins, counted from the beginning of the step before (the first: from power on). */
type BootMoment = { readonly step: BootStep; readonly afterMs: Millis };

/** A boot from power on to the start of the agent, or to where it stops. */
export type BootPlan = {
  readonly moments: readonly BootMoment[];
  /** Null: it comes up. Otherwise it begins this step and goes no further; `told` is what it can still say of it. */
  readonly stops: { readonly at: BootStep; readonly told: string | null } | null;
};

/** What may go wrong with a boot: the part of boots that fail, and a step that a person chose. */
export type BootFaults = { readonly part: number; readonly stopAt: BootStep | null };

/**
 * How a board boots under a head without boot servers, where it can only tell its steps, at real scale: leasing 2 to 6 s, loading 6 to 15 s, starting 8 to 15 s;
 * every eighth board asks for its lease again and again before it takes one. A failed board stays so until its power is cycled.
 */
export function planBoot(random: Random, faults: BootFaults): BootPlan {
  const stopAt = stopOf(random, faults);
  const isLate = random.chance(lateriser);
  const moments: BootMoment[] = [];
  for (const [step, least, most] of spans) {
    const late = isLate && step === "offer" ? 4_000 + 8_000 * random.next() : 0;
    moments.push({ step, afterMs: least + (most - least) * random.next() + late });
    if (step === stopAt) return { moments, stops: { at: step, told: lastWords[step] ?? null } };
  }
  return { moments, stops: stopAt === "registered" ? { at: stopAt, told: null } : null };
}

/** The step at which a boot stops, by a person's choice or by chance; null: it comes up. */
export function stopOf(random: Random, faults: BootFaults): BootStep | null {
  const fails = random.chance(faults.part);
  const weighed = random.next();
  return faults.stopAt ?? (fails ? stopFor(weighed) : null);
}

/** Each step and the least and most milliseconds before it begins. The last begins when the agent starts. */
const spans: readonly (readonly [BootStep, number, number])[] = [
  ["discover", 1_200, 2_600],
  ["offer", 600, 2_400],
  ["bootcode", 200, 700],
  ["start", 500, 1_200],
  ["config", 400, 900],
  ["kernel", 300, 800],
  ["initrd", 3_500, 7_000],
  ["root", 2_000, 5_000],
  ["agent", 8_000, 14_000],
];

const lateriser = 1 / 8;

/** Where failing boots stop, by share: most never get a word out, or die while they load. */
const stops: readonly (readonly [BootStep, number])[] = [
  ["discover", 0.35],
  ["bootcode", 0.1],
  ["start", 0.05],
  ["kernel", 0.2],
  ["initrd", 0.1],
  ["root", 0.15],
  ["agent", 0.05],
];

function stopFor(weighed: number): BootStep {
  let sum = 0;
  for (const [step, share] of stops) {
    sum += share;
    if (weighed < sum) return step;
  }
  return "discover";
}

/** Firmware cannot speak of its failure; from the initial RAM disk on there is somebody who can. */
const lastWords: Partial<Record<BootStep, string>> = {
  initrd: "no root image within the time",
  root: "mount of the root timed out",
  agent: "the agent's service did not start",
};

/** The steps that the firmware tells the head; from `agent` on the link speaks. */
export const toldSteps: ReadonlySet<BootStep> = new Set(bootSteps.slice(0, bootSteps.indexOf("agent")));
