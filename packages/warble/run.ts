import { type Checked, check } from "./check.ts";
import { compile } from "./compile.ts";
import type { Environment, RunResult } from "./environment.ts";
import { Failure, positionOf, type Remark, type WarbleError, type Warning } from "./errors.ts";
import { lex } from "./lex.ts";
import { type Limits, publicLimits } from "./limits.ts";
import { Machine } from "./machine.ts";
import { parseTokens } from "./parse.ts";
import { decodePost, holdsProgram, openPost } from "./post.ts";
import { Suspension } from "./spread.ts";
import type { Tier } from "./tier.ts";

/** A post that was read: its program as plain data, or why it has none. */
export type ParseResult =
  | { readonly program: Checked; readonly warnings: readonly Warning[] }
  | { readonly error: WarbleError };

/** Read a post without running it: lex, parse and check. Never throws. */
export function parse(post: string, limits: Limits = publicLimits): ParseResult {
  const prepared = prepare(post, limits);
  if ("error" in prepared) return prepared;
  return { program: prepared.program, warnings: warningsOf(prepared.text, prepared.program.remarks) };
}

/** Whether a text is meant as a Warble: it has a `#pi{` or starts with `{`, whatever may be wrong with the rest. */
export function isWarble(text: string): boolean {
  return holdsProgram(text);
}

/**
 * Run a post. Pure: the same arguments give the same result on every board, at any time, whatever the post; it never
 * throws. Wall time is watched by the host, from outside (see `timeError`).
 */
export function run(post: string, environment: Environment, limits: Limits = publicLimits): RunResult {
  return runIn("both", post, environment, limits);
}

/** Run a post in a tier of our choice; all give the same. */
export function runIn(tier: Tier, post: string, environment: Environment, limits: Limits): RunResult {
  return runOn(new Machine(limits, environment, tier), post);
}

/** `run` on a machine whose host may have more in mind. @throws Suspension when the machine spreads folds and met one. */
export function runOn(machine: Machine, post: string): RunResult {
  const { limits } = machine;
  const prepared = prepare(post, limits);
  if ("error" in prepared) {
    return { out: [], effects: [], error: prepared.error, warnings: [], steps: 0, saves: {}, data: {} };
  }
  const { text, program } = prepared;
  let error: WarbleError | null = null;
  try {
    compile(program, machine)();
  } catch (thrown) {
    if (thrown instanceof Suspension) throw thrown;
    error = errorOf(thrown, text);
  }
  machine.flush();
  let { remarks } = program;
  if (machine.remarks !== null)
    remarks = [...remarks, ...Array.from(machine.remarks, ([message, at]) => ({ at, message }))];
  const { saves, data } = error === null ? machine.kept() : { saves: {}, data: {} };
  return {
    out: machine.out,
    effects: machine.effects,
    error,
    warnings: warningsOf(text, remarks),
    steps: limits.steps - Math.max(0, machine.fuel),
    saves,
    data,
  };
}

/** The text of a post and its program, checked; or why it has none. */
export function prepare(
  post: string,
  limits: Limits,
): { readonly text: string; readonly program: Checked } | { readonly error: WarbleError } {
  try {
    const { text, open } = openPost(post, limits.postLength);
    const parsed = parseTokens(lex(text, open));
    return { text, program: check(parsed.tree, parsed.remarks) };
  } catch (thrown) {
    return { error: errorOf(thrown, decodeAgain(post, limits)) };
  }
}

/** The text that positions count in; a post too long to decode counts from its start. */
function decodeAgain(post: string, limits: Limits): string {
  try {
    return decodePost(post, limits.postLength);
  } catch {
    return "";
  }
}

function errorOf(thrown: unknown, text: string): WarbleError {
  if (thrown instanceof Failure) {
    return { class: thrown.class, pos: positionOf(text, thrown.at), message: thrown.message };
  }
  // The stack and the largest bigint have their own bounds in the engine; ours are lower, these are the last wall.
  if (thrown instanceof RangeError) {
    const isStack = /call stack|recursion/i.test(thrown.message);
    return { class: isStack ? "DEPTH" : "MEMORY", pos: 1, message: "The program needs more memory than it may have." };
  }
  return {
    class: "RANGE",
    pos: 1,
    message: `Warble itself stumbled here, which is a mistake of ours: ${String(thrown)}`,
  };
}

function warningsOf(text: string, remarks: readonly Remark[]): Warning[] {
  return remarks.length === 0 ? [] : remarks.map(({ at, message }) => ({ pos: positionOf(text, at), message }));
}
