import { type Environment, type Limits, parse, type RunResult, run, type WarbleError } from "../../index.ts";
import { runIn } from "../../tiers.ts";
import { complaintAboutRewritten } from "./rewritten.ts";

/** What is wrong with a program: in one word, and told. */
export type Complaint = { readonly kind: string; readonly detail: string };

/**
 * What must hold for any post whatsoever, or the first thing that does not: no throw, the same twice, everything counted
 * within its limit, every position inside the post, `parse` of one mind with `run`, the tiers of one mind, and
 * the same done by what `format` and `shrink` make of it.
 */
export function complaintAbout(post: string, environment: Environment, limits: Limits): Complaint | null {
  try {
    const result = run(post, environment, limits);
    return (
      unsound(post, result, limits) ??
      differs("not-repeated", result, run(post, environment, limits)) ??
      differs("tier", result, runIn("closures", post, environment, limits)) ??
      differs("eager-tier", result, runIn("eager", post, environment, limits)) ??
      unlikeParse(post, result, limits) ??
      complaintAboutRewritten(post, result, environment, limits) ??
      wrongSteps(post, result, environment, limits)
    );
  } catch (thrown) {
    return { kind: "throws", detail: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }
}

function unsound(post: string, result: RunResult, limits: Limits): Complaint | null {
  const { out, effects, error, warnings, steps, saves, data } = result;
  const told = (kind: string, what: unknown): Complaint => ({
    kind,
    detail: JSON.stringify(what)?.slice(0, 500) ?? "",
  });
  if (!(Number.isSafeInteger(steps) && steps >= 0 && steps <= limits.steps)) return told("steps", steps);
  if (effects.length > limits.effects) return told("effects", effects.length);
  const logged = effects.map((effect) => (effect[0] === "LOG" ? String(effect[1]) : ""));
  // A last line that PUT began has no line end of its own.
  const written = [...out.map((line) => `${line}\n`), ...logged].reduce(
    (sum, text) => sum + utf8.encode(text).length,
    0,
  );
  if (written > limits.outputBytes + 1) return told("output", written);
  for (const line of out) if (typeof line !== "string" || line.includes("\n")) return told("line", line);
  for (const effect of effects) {
    for (const value of effect) if (!isPlain(value)) return told("effect", [effect[0], String(value)]);
  }
  const length = [...post.normalize("NFC")].length + 1;
  for (const warning of [...warnings, ...(error === null ? [] : [error])]) {
    if (!(Number.isSafeInteger(warning.pos) && warning.pos >= 1 && warning.pos <= length))
      return told("position", warning);
    if (!isSentence(warning.message)) return told("sentence", warning);
  }
  if (error === null) return null;
  if (!classes.has(error.class)) return told("class", error);
  if (error.message.includes("stumbled")) return told("stumbles", error);
  // The engine's own walls stand behind ours: whoever reaches them found a hole in ours.
  if (error.message === "The program needs more memory than it may have.") return told("last-wall", error);
  return Object.keys(saves).length + Object.keys(data).length > 0 ? told("saved-in-spite", saves) : null;
}

function differs(kind: string, a: RunResult, b: RunResult): Complaint | null {
  const [one, two] = [JSON.stringify(a), JSON.stringify(b)];
  if (one === two) return null;
  let at = 0;
  while (one[at] === two[at]) at++;
  const from = Math.max(0, at - 60);
  return { kind, detail: `${one.slice(from, at + 120)} ≠ ${two.slice(from, at + 120)}` };
}

function unlikeParse(post: string, result: RunResult, limits: Limits): Complaint | null {
  const parsed = parse(post, limits);
  if ("error" in parsed) {
    return sameError(parsed.error, result.error) && result.steps === 0 && result.out.length === 0
      ? null
      : { kind: "parse-differs", detail: `${JSON.stringify(parsed.error)} ≠ ${JSON.stringify(result.error)}` };
  }
  const told = JSON.stringify(result.warnings.slice(0, parsed.warnings.length));
  if (told !== JSON.stringify(parsed.warnings)) return { kind: "parse-warns-otherwise", detail: told };
  return result.error !== null && readErrors.has(result.error.class)
    ? { kind: "read-error-late", detail: JSON.stringify(result.error) }
    : null;
}

/** A program that ended well does the same with just the steps that it took, and runs out of them with one less. */
function wrongSteps(post: string, result: RunResult, environment: Environment, limits: Limits): Complaint | null {
  const { error, steps } = result;
  if (error !== null || steps === 0) return null;
  const enough = differs("exact-steps", result, run(post, environment, { ...limits, steps }));
  if (enough !== null) return enough;
  const short = run(post, environment, { ...limits, steps: steps - 1 }).error;
  return short?.class === "STEPS" ? null : { kind: "one-step-less", detail: JSON.stringify(short) };
}

function sameError(a: WarbleError, b: WarbleError | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0));
}

/** One line of printable text that ends like a sentence or shows what to write. */
function isSentence(message: string): boolean {
  return message.length > 10 && message.length < 600 && !/\p{Cc}/u.test(message);
}

const utf8 = new TextEncoder();
/** Errors that are found before anything runs. A list from outside that changes in a fold is found later: PURE is none. */
const readErrors: ReadonlySet<string> = new Set(["NOTWARBLE", "LONG", "SYNTAX", "NAME"]);
const classes: ReadonlySet<string> = new Set(
  "NOTWARBLE LONG SYNTAX NAME ARGS TYPE INDEX DIV0 DOMAIN RANGE PURE DEPTH STEPS MEMORY OUTPUT".split(" "),
);
