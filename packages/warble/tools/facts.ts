import { findFold } from "../builtins/table.ts";
import type { Checked, FunctionFacts } from "../check.ts";
import type { Expr, Stmt } from "../tree.ts";
import { eachExpr, eachStmt } from "../walk.ts";
import { wholeNames } from "./whole-names.ts";

/** What the shrinking rules ask about a whole program. */
export type ProgramFacts = {
  readonly functions: ReadonlyMap<string, FunctionFacts>;
  readonly names: ReadonlySet<string>;
  /** Names of top level that some function sets. */
  readonly setByFunctions: ReadonlySet<string>;
  /** How often each name stands somewhere, in the order of the program: set, read, as a parameter, bound by a SUM. */
  readonly mentions: ReadonlyMap<string, number>;
  /** Names that functions mention at all. */
  readonly inFunctions: ReadonlySet<string>;
  /** Names that hold whole numbers only. */
  readonly whole: ReadonlySet<string>;
  /** `PI` is the number everywhere, and no variable of any case. */
  readonly hasPi: boolean;
};

/** The facts of a program that was checked. */
export function factsOf({ tree, functions, globals }: Checked): ProgramFacts {
  const mentions = new Map<string, number>();
  const inFunctions = new Set<string>();
  const setByFunctions = new Set<string>();
  let hasPi = true;
  const mention = (name: string): void => void mentions.set(name, (mentions.get(name) ?? 0) + 1);
  const give = (name: string): void => {
    if (name.toUpperCase() === "PI") hasPi = false;
  };
  const visitor = (into: (name: string) => void) => ({
    expr: (expr: Expr): void => {
      if (expr.kind === "name") into(expr.name);
      const bound = expr.kind === "call" && findFold(expr.upper) !== undefined ? expr.args[0] : undefined;
      if (bound?.kind === "name") give(bound.name);
    },
    stmt: (stmt: Stmt): void => {
      if (stmt.kind !== "assign") return;
      into(stmt.name);
      give(stmt.name);
    },
  });
  const atTop = visitor(mention);
  const inside = visitor((name) => {
    mention(name);
    inFunctions.add(name);
  });
  for (const stmt of tree.body) eachStmt(stmt, atTop.expr, atTop.stmt);
  for (const { params, expr, body } of tree.functions) {
    for (const param of params) {
      mention(param);
      give(param);
      inFunctions.add(param);
    }
    if (expr !== null) eachExpr(expr, inside.expr);
    if (body === null) continue;
    eachStmt(body, inside.expr, (stmt) => {
      inside.stmt(stmt);
      if (stmt.kind === "assign" && globals.has(stmt.name) && !params.includes(stmt.name)) {
        setByFunctions.add(stmt.name);
      }
    });
  }
  const whole = wholeNames(tree, mentions.keys());
  return { functions, names: new Set(functions.keys()), setByFunctions, mentions, inFunctions, whole, hasPi };
}
