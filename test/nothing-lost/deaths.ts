import { existsSync, readFileSync } from "node:fs";

/**
 * Where in a step a head dies:
 * - `begun`: the journal says that the step runs, and nothing of it is done;
 * - `intended`: it says that an outlet is to be switched, and the PDU has not been asked;
 * - `switched`: the PDU has switched and read back, and the journal does not know yet;
 * - `ended`: the journal says that the step is over, and nothing of the next one.
 */
export type Moment = (typeof moments)[number];

/** In the order in which they come. */
export const moments = ["begun", "intended", "switched", "ended"] as const;

/** One death of a head. */
export type Death = { readonly step: string; readonly moment: Moment };

/** `each`: at every moment of every step; `in-turn`: once a step, at its kind's moments in turn. */
export type Fate = "each" | "in-turn";

/** The moments of a step of a bring-up: one that switches nothing, or only when something is wrong, knows two. */
export function momentsOf(step: string): readonly Moment[] {
  return isSwitch(step) ? moments : ["begun", "ended"];
}

/** Must a head die now, after these deaths of the heads before it? */
export function isDue(fate: Fate, { step, moment }: Death, before: readonly Death[]): boolean {
  const here = before.filter((death) => death.step === step);
  if (fate === "each") return !here.some((death) => death.moment === moment);
  const known = momentsOf(step);
  const alike = before.filter((death) => isSwitch(death.step) === isSwitch(step)).length;
  return here.length === 0 && (moment === "ended" || moment === known[alike % known.length]);
}

function isSwitch(step: string): boolean {
  return step.startsWith("on:");
}

/** The deaths that are written in this file, one a line. */
export function readDeaths(file: string): Death[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.flatMap((line) => {
    const [moment, step] = [moments.find((each) => line.startsWith(`${each} `)), line.split(" ")[1]];
    return moment === undefined || step === undefined ? [] : [{ step, moment }];
  });
}
