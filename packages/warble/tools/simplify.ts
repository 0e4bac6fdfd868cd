import { type Checked, check } from "../check.ts";
import type { FunctionTree, Stmt, Tree } from "../tree.ts";
import { eachExpr, eachStmt } from "../walk.ts";
import { factsOf, type ProgramFacts } from "./facts.ts";
import type { Style } from "./pieces.ts";
import { type Rewriting, rewriteFunction, rewriteStmt } from "./rewrite.ts";
import { sameTree } from "./same.ts";
import { simplifyExpr } from "./simplify-expr.ts";
import { namesSet, simplifyList, simplifyStmt } from "./simplify-stmt.ts";

// Each pass makes the program smaller; a post is done after three or four.
const mostPasses = 20;

/** The program with every rule applied until none helps: the same output, effects and errors for no more steps. */
export function simplify(program: Checked, isAscii: boolean): Checked {
  let current = program;
  for (let pass = 0; pass < mostPasses; pass++) {
    const facts = factsOf(current);
    const next = simplifyOnce(current, facts, { isShort: true, isAscii, hasPi: facts.hasPi, functions: facts.names });
    if (sameTree(next, current.tree)) break;
    current = check(next, []);
  }
  return current;
}

function simplifyOnce(program: Checked, facts: ProgramFacts, style: Style): Tree {
  const by: Rewriting = {
    expr: (expr) => simplifyExpr(expr, style),
    stmt: (stmt) => simplifyStmt(stmt, facts),
  };
  const { tree } = program;
  const called = calledFrom(tree);
  const functions = tree.functions
    .filter(({ name }) => called.has(name))
    .map((each) => simplifyFunction(rewriteFunction(each, by), facts));
  const body = simplifyList(
    tree.body.map((stmt) => rewriteStmt(stmt, by)),
    facts,
  );
  return { functions, body: withoutZeros(body, facts) };
}

/** `f(n){RETURN x}` is `f(n)=x`, and a last RETURN without a value says nothing. */
function simplifyFunction(tree: FunctionTree, facts: ProgramFacts): FunctionTree {
  if (tree.body?.kind !== "block") return tree;
  const list = [...tree.body.body];
  const { isCommand } = facts.functions.get(tree.name)!;
  const last = list.at(-1);
  if (last?.kind === "return" && last.value === null && isCommand) list.pop();
  const [only] = list;
  if (list.length === 1 && only?.kind === "return" && only.value !== null) {
    return { ...tree, expr: only.value, body: null };
  }
  const { locals } = facts.functions.get(tree.name)!;
  const isOwn = (name: string): boolean => locals.has(name) && !tree.params.includes(name);
  return { ...tree, body: { ...tree.body, body: dropZeros(list, isOwn) } };
}

/** Names start at 0: `x=0` says nothing where x was never set before. */
function withoutZeros(body: readonly Stmt[], facts: ProgramFacts): Stmt[] {
  const times = new Map<string, number>();
  for (const stmt of body) {
    eachStmt(stmt, null, (inner) => {
      if (inner.kind === "assign") times.set(inner.name, (times.get(inner.name) ?? 0) + 1);
    });
  }
  // A name that only functions set besides would become their own.
  const isSafe = (name: string): boolean =>
    !facts.setByFunctions.has(name) && (!facts.inFunctions.has(name) || times.get(name)! > 1);
  return dropZeros(body, (name) => {
    if (!isSafe(name)) return false;
    times.set(name, times.get(name)! - 1);
    return true;
  });
}

/** Without each `x=0` that stands before anything that could have set x, where `mayDrop` allows it. */
function dropZeros(list: readonly Stmt[], mayDrop: (name: string) => boolean): Stmt[] {
  const set = new Set<string>();
  const isIdle = (stmt: Stmt): boolean => {
    if (stmt.kind !== "assign" || stmt.op !== "" || stmt.value.kind !== "whole" || stmt.value.value !== 0) return false;
    return !set.has(stmt.name) && stmt.name.toUpperCase() !== "PI" && mayDrop(stmt.name);
  };
  const out: Stmt[] = [];
  for (const stmt of list) {
    if (isIdle(stmt)) continue;
    if (stmt.kind === "for") {
      const first = stmt.first.filter((each) => {
        const isDropped = isIdle(each);
        for (const name of namesSet(each)) set.add(name);
        return !isDropped;
      });
      out.push({ ...stmt, first });
    } else out.push(stmt);
    for (const name of namesSet(stmt)) set.add(name);
  }
  return out;
}

/** The functions that the program can come to call. */
function calledFrom(tree: Tree): Set<string> {
  const called = new Set<string>();
  const byName = new Map(tree.functions.map((each) => [each.name, each]));
  const visit = (stmt: Stmt): void =>
    eachStmt(
      stmt,
      (expr) => {
        if (expr.kind === "call") enter(expr.name);
      },
      () => {},
    );
  const enter = (name: string): void => {
    const found = byName.get(name);
    if (found === undefined || called.has(name)) return;
    called.add(name);
    if (found.body !== null) visit(found.body);
    if (found.expr !== null) {
      eachExpr(found.expr, (expr) => {
        if (expr.kind === "call") enter(expr.name);
      });
    }
  };
  tree.body.forEach(visit);
  return called;
}
