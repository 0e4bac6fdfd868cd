import type { Expr, FunctionTree, Stmt, Tree } from "../tree.ts";
import type { ProgramFacts } from "./facts.ts";
import { lengthOf } from "./pieces.ts";
import { type Rewriting, rewriteFunction, rewriteStmt } from "./rewrite.ts";

const letters = [..."abcdfghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ_"];
const reserved: ReadonlySet<string> = new Set(["if", "pi"]);

/** The program with names of one letter for its variables and functions; a name of one letter stays as it is. */
export function rename(tree: Tree, facts: ProgramFacts): Tree {
  const variables = shortNames([...facts.mentions.keys()], (name) => name.toUpperCase() === "PI");
  // P is a PRINT; a function of that name would take it away.
  const functions = shortNames([...facts.names], () => false, "P");
  const nameOf = (name: string): string => variables.get(name)!;
  const by: Rewriting = {
    expr: (expr) => renameExpr(expr, nameOf, functions),
    stmt: (stmt) => renameStmt(stmt, nameOf),
  };
  return {
    functions: tree.functions.map((each): FunctionTree => {
      const { name, params } = each;
      return { ...rewriteFunction(each, by), name: functions.get(name)!, params: params.map(nameOf) };
    }),
    body: tree.body.map((stmt) => rewriteStmt(stmt, by)),
  };
}

function renameExpr(expr: Expr, nameOf: (name: string) => string, functions: ReadonlyMap<string, string>): Expr {
  if (expr.kind === "name") {
    const name = nameOf(expr.name);
    return name === expr.name ? expr : { ...expr, name, upper: name.toUpperCase() };
  }
  const called = expr.kind === "call" ? functions.get(expr.name) : undefined;
  if (expr.kind !== "call" || called === undefined || called === expr.name) return expr;
  return { ...expr, name: called, upper: called.toUpperCase() };
}

function renameStmt(stmt: Stmt, nameOf: (name: string) => string): Stmt {
  return stmt.kind === "assign" ? { ...stmt, name: nameOf(stmt.name) } : stmt;
}

/** A name of its own for each, as short as there is: the same, its first letter, or any that is free. */
function shortNames(names: readonly string[], stays: (name: string) => boolean, taken = ""): Map<string, string> {
  const chosen = new Map<string, string>();
  const used = new Set([taken]);
  const give = (name: string, short: string): void => {
    chosen.set(name, short);
    used.add(short);
  };
  // A name e behind a number would be read as its exponent: it is worth another letter.
  for (const name of names) {
    if (stays(name) || (lengthOf(name) === 1 && !used.has(name) && !/^e$/i.test(name))) give(name, name);
  }
  const spare = fresh();
  for (const name of names) {
    if (chosen.has(name)) continue;
    const first = [name[0]!.toLowerCase(), name[0]!.toUpperCase()].find((c) => letters.includes(c) && !used.has(c));
    let short = first;
    while (short === undefined || used.has(short)) short = spare.next().value!;
    give(name, short);
  }
  return chosen;
}

/** Names without end: one letter, then two, and so on. */
function* fresh(): Generator<string, never> {
  yield* letters;
  for (let n = 0; ; n++) {
    const rest = n.toString(36);
    for (const letter of letters) if (!reserved.has(`${letter}${rest}`.toLowerCase())) yield letter + rest;
  }
}
