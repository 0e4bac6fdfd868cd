import { findBuiltin, findFold } from "../builtins/table.ts";
import type { Expr, FunctionTree, Tree } from "../tree.ts";
import { shortestPoint } from "./literals.ts";
import { rewriteFunction, rewriteStmt } from "./rewrite.ts";

/** Whether two trees are one program, however their built-ins and numbers are spelt and wherever functions stand. */
export function sameProgram(a: Tree, b: Tree): boolean {
  return sameTree(canonical(a), canonical(b));
}

/** Whether two trees are the same but for the places of their nodes. */
export function sameTree(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const left = Object.entries(a).filter(([key]) => !places.has(key));
  const right = new Map(Object.entries(b).filter(([key]) => !places.has(key)));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameTree(value, right.get(key)));
}

const places: ReadonlySet<string> = new Set(["start", "end", "at", "sign"]);

function canonical(tree: Tree): Tree {
  const own = new Set(tree.functions.map(({ name }) => name));
  const by = { expr: (expr: Expr) => canonicalExpr(expr, own), stmt: <T>(stmt: T): T => stmt };
  const byName = (a: FunctionTree, b: FunctionTree): number => (a.name < b.name ? -1 : 1);
  return {
    functions: tree.functions.map((each) => rewriteFunction(each, by)).sort(byName),
    body: tree.body.map((stmt) => rewriteStmt(stmt, by)),
  };
}

function canonicalExpr(expr: Expr, own: ReadonlySet<string>): Expr {
  switch (expr.kind) {
    case "call": {
      const name = own.has(expr.name)
        ? expr.name
        : (findBuiltin(expr.upper)?.name ?? findFold(expr.upper) ?? expr.name);
      return { ...expr, name, upper: "" };
    }
    case "name":
      return expr.upper === "PI" ? { ...expr, name: "PI" } : { ...expr, upper: "" };
    case "point":
      return { ...expr, digits: shortestPoint(expr.digits) };
    default:
      return expr;
  }
}
