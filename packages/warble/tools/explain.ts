import { builtins, findBuiltin, findFold } from "../builtins/table.ts";
import { defaultEnvironment, type Environment, type RunResult } from "../environment.ts";
import { positionOf, type WarbleError } from "../errors.ts";
import { type Limits, publicLimits } from "../limits.ts";
import { run } from "../run.ts";
import type { Expr, Tree } from "../tree.ts";
import { eachExpr, eachStmt } from "../walk.ts";
import { type Dearest, dearestOf } from "./dearest.ts";
import { describe } from "./describe.ts";
import { lengthOf } from "./pieces.ts";
import { readPost, toolLimits } from "./read.ts";

/** One line of a program, what it does, and its 1-based position in the post. */
export type ExplainedLine = {
  readonly pos: number;
  /** How deep it stands inside loops, choices and functions. */
  readonly depth: number;
  /** The line as `format` writes it, without what stands inside. */
  readonly source: string;
  readonly words: string;
};

/** How much of one limit a program used. */
export type Use = { readonly what: string; readonly used: number; readonly most: number };

/** A program in words, and what it cost. */
export type Explanation = {
  readonly lines: readonly ExplainedLine[];
  /** The built-ins that it calls: their signatures and what they do. */
  readonly calls: readonly { readonly signature: string; readonly summary: string }[];
  /** What it did when it was run to find out what it costs; its warnings say what was forgiven. */
  readonly result: RunResult;
  /** Every limit that it touched, the one used up most first. */
  readonly uses: readonly Use[];
  /** Where most of its steps went, if there is a loop, a SUM or a function. */
  readonly dearest: Dearest | null;
};

/**
 * Say in words what a post does, line by line, and what it costs: it is run for that, a few times with fewer steps to
 * find the dearest loop. Never throws; a post may have up to 4000 characters.
 */
export function explain(
  post: string,
  environment: Environment = defaultEnvironment,
  limits: Limits = publicLimits,
): Explanation | { readonly error: WarbleError } {
  const read = readPost(post);
  if ("error" in read) return read;
  const { text, program } = read;
  const long = { ...limits, postLength: Math.max(limits.postLength, toolLimits.postLength) };
  const result = run(post, environment, long);
  return {
    lines: describe(program).map(({ at, ...line }) => ({ pos: positionOf(text, at), ...line })),
    calls: callsIn(program.tree),
    result,
    uses: usesOf(result, lengthOf(text), limits),
    dearest: dearestOf(text, program.tree, result.steps, (steps) => run(post, environment, { ...long, steps }).error),
  };
}

function callsIn({ functions, body }: Tree): Explanation["calls"] {
  const own = new Set(functions.map(({ name }) => name));
  const called = new Set<string>();
  const visit = (expr: Expr): void => {
    if (expr.kind !== "call" || own.has(expr.name)) return;
    called.add(findFold(expr.upper) ?? findBuiltin(expr.upper)!.name);
  };
  for (const stmt of body) eachStmt(stmt, visit, () => {});
  for (const tree of functions) {
    if (tree.expr !== null) eachExpr(tree.expr, visit);
    if (tree.body !== null) eachStmt(tree.body, visit, () => {});
  }
  return builtins.filter(({ name }) => called.has(name)).map(({ signature, summary }) => ({ signature, summary }));
}

function usesOf(result: RunResult, length: number, limits: Limits): Use[] {
  const bytes = result.out.reduce((sum, line) => sum + new TextEncoder().encode(line).length + 1, 0);
  const slept = result.effects.reduce((sum, [name, seconds]) => (name === "SLEEP" ? sum + Number(seconds) : sum), 0);
  const uses: Use[] = [
    { what: "steps", used: result.steps, most: limits.steps },
    { what: "characters of the post", used: length, most: limits.postLength },
    { what: "bytes of output", used: bytes, most: limits.outputBytes },
    { what: "effects", used: result.effects.length, most: limits.effects },
    { what: "seconds of SLEEP", used: slept, most: limits.sleepSeconds },
  ];
  return uses.filter(({ used }) => used > 0).sort((a, b) => b.used / b.most - a.used / a.most);
}
