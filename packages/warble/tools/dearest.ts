import { findFold } from "../builtins/table.ts";
import { positionOf, type WarbleError } from "../errors.ts";
import type { Expr, Stmt, Tree } from "../tree.ts";
import { eachExpr, eachStmt } from "../walk.ts";

/** The part of a program where most of its steps go. */
export type Dearest = {
  /** Where it begins, as a 1-based position in the post. */
  readonly pos: number;
  /** A loop, a SUM (or PROD or MAP), or a function. */
  readonly what: string;
  /** How many of the steps, from 0 to 1, as far as some looks at the running program tell. */
  readonly share: number;
};

/** Positions from `first` to below `last`. */
type Part = { readonly what: string; readonly first: number; readonly last: number };

// Each look runs the program again up to there: a long program is looked at less often.
const looks = 24;
const fewLooks = 8;
const manySteps = 1_000_000;

/**
 * The part of the program with most of its steps, or null when it has no part that could be repeated. The program is
 * stopped at regular steps of its way: what it was doing then is what it does most.
 *
 * @param stopAt runs the program with so many steps and gives the error that ended it.
 */
export function dearestOf(
  text: string,
  tree: Tree,
  steps: number,
  stopAt: (steps: number) => WarbleError | null,
): Dearest | null {
  const parts = partsOf(text, tree);
  if (parts.length === 0 || steps < 2) return null;
  const count = Math.min(steps, steps > manySteps ? fewLooks : looks);
  const seen = new Map<Part, number>();
  for (let look = 0; look < count; look++) {
    const error = stopAt(Math.floor(((look + 0.5) * steps) / count));
    const part = error?.class === "STEPS" ? innermost(parts, error.pos) : undefined;
    if (part !== undefined) seen.set(part, (seen.get(part) ?? 0) + 1);
  }
  let dearest: Dearest | null = null;
  for (const [{ what, first }, times] of seen) {
    if (times / count > (dearest?.share ?? 0)) dearest = { pos: first, what, share: times / count };
  }
  return dearest;
}

function innermost(parts: readonly Part[], pos: number): Part | undefined {
  let found: Part | undefined;
  for (const part of parts) {
    if (pos < part.first || pos >= part.last) continue;
    if (found === undefined || part.last - part.first <= found.last - found.first) found = part;
  }
  return found;
}

/** What can be repeated: loops, folds and functions. */
function partsOf(text: string, { functions, body }: Tree): Part[] {
  const parts: Part[] = [];
  const add = (what: string, { start, end }: { readonly start: number; readonly end: number }): void => {
    parts.push({ what, first: positionOf(text, start), last: positionOf(text, end) });
  };
  const visitExpr = (expr: Expr): void => {
    const fold = expr.kind === "call" ? findFold(expr.upper) : undefined;
    if (fold !== undefined) add(`the ${fold}`, expr);
  };
  const visit = (stmt: Stmt): void => {
    if (stmt.kind === "for" || stmt.kind === "while") add(`the ${stmt.kind.toUpperCase()}`, stmt);
  };
  for (const stmt of body) eachStmt(stmt, visitExpr, visit);
  for (const tree of functions) {
    add(`the function ${tree.name}`, tree);
    if (tree.expr !== null) eachExpr(tree.expr, visitExpr);
    if (tree.body !== null) eachStmt(tree.body, visitExpr, visit);
  }
  return parts;
}
