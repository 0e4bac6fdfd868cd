import { findBuiltin } from "../builtins/table.ts";
import type { Expr, Stmt, Tree } from "../tree.ts";
import { eachStmt } from "../walk.ts";

// Built-ins whose value is a whole number, whatever they are given.
const wholeCalls: ReadonlySet<string> = new Set("LEN INT FLOOR CEIL ISQRT GCD COMB XOR TIME NODE NODES".split(" "));

/**
 * Names that never hold anything but a whole number, in whatever scope they stand: each time that one is set, it is set
 * to something that is whole as long as the others are.
 */
export function wholeNames({ functions, body }: Tree, all: Iterable<string>): ReadonlySet<string> {
  const whole = new Set(all);
  const own = new Set(functions.map(({ name }) => name));
  for (const { params } of functions) for (const param of params) whole.delete(param);
  const settings: (Stmt & { readonly kind: "assign" })[] = [];
  const collect = (stmt: Stmt): void =>
    eachStmt(stmt, null, (inner) => {
      if (inner.kind === "assign") settings.push(inner);
    });
  body.forEach(collect);
  for (const tree of functions) if (tree.body !== null) collect(tree.body);
  for (let size = -1; size !== whole.size; ) {
    size = whole.size;
    for (const { name, op, value } of settings) {
      if (op === "/" || op === "^" || !isWholeExpr(value, whole, own)) whole.delete(name);
    }
  }
  return whole;
}

/** Whether a value is always a whole number, or an error. */
function isWholeExpr(expr: Expr, whole: ReadonlySet<string>, own: ReadonlySet<string>): boolean {
  const inner = (each: Expr): boolean => isWholeExpr(each, whole, own);
  switch (expr.kind) {
    case "whole":
    case "compare":
    case "and":
    case "or":
      return true;
    case "name":
      return whole.has(expr.name) && expr.upper !== "PI";
    case "unary":
      return expr.op === "!" || inner(expr.arg);
    case "binary":
      return expr.op !== "/" && expr.op !== "^" && inner(expr.left) && inner(expr.right);
    case "choose":
      return inner(expr.yes) && inner(expr.no);
    case "call":
      return !own.has(expr.name) && wholeCalls.has(findBuiltin(expr.upper)?.name ?? "");
    default:
      return false;
  }
}
