import { type Environment, format, type Limits, type Rewritten, type RunResult, run, shrink } from "../../index.ts";
import type { Complaint } from "./sound.ts";

/** Ends where a program that costs a little less may come a little further. */
const atLimits: ReadonlySet<string> = new Set(["STEPS", "MEMORY", "OUTPUT", "DEPTH"]);
/** What a shrunk program may cost more, once. */
const fewSteps = 200;

/** What `format` or `shrink` made of a post that does something else than the post did, or null. */
export function complaintAboutRewritten(
  post: string,
  result: RunResult,
  environment: Environment,
  limits: Limits,
): Complaint | null {
  // The tools read longer posts, to make them shorter.
  if (result.error?.class === "LONG") return null;
  const formatted = format(post);
  const shrunk = shrink(post);
  if ("error" in formatted || "error" in shrunk) return sameRefusal(result, formatted, shrunk);
  if (shrunk.length > shrunk.lengthBefore) return { kind: "shrink-grows", detail: shrunk.post };
  const roomy = { ...limits, postLength: 100_000 };
  const laidOut = run(formatted.post, environment, roomy);
  if (essence(laidOut) !== essence(result) || laidOut.steps !== result.steps) {
    return { kind: "format-differs", detail: `${formatted.post}: ${essence(laidOut)} ≠ ${essence(result)}` };
  }
  if (atLimits.has(result.error?.class ?? "") || result.steps + fewSteps > limits.steps) return null;
  const shorter = run(shrunk.post, environment, roomy);
  if (essence(shorter) !== essence(result) || shorter.steps > result.steps + fewSteps) {
    return { kind: "shrink-differs", detail: `${shrunk.post}: ${essence(shorter)} ≠ ${essence(result)}` };
  }
  return null;
}

/** A post that cannot be read is refused by both, with the class that running it has. */
function sameRefusal(result: RunResult, formatted: Rewritten, shrunk: Rewritten): Complaint | null {
  const classes = [formatted, shrunk].map((one) => ("error" in one ? one.error.class : "none"));
  const wanted = result.error?.class ?? "none";
  if (classes.every((one) => one === wanted)) return null;
  return { kind: "tools-refuse", detail: `format ${classes[0]}, shrink ${classes[1]}, run ${wanted}` };
}

/** All that a run did, save where in the post and what it cost. */
function essence({ out, effects, error, saves, data }: RunResult): string {
  return JSON.stringify([out, effects, error?.class ?? null, saves, data]);
}
