import type { FunctionFacts } from "../check.ts";
import type { Expr, Stmt } from "../tree.ts";
import { eachExpr, eachStmt } from "../walk.ts";

/** How many arguments the built-ins take that a module does by itself. */
const arities: ReadonlyMap<string, number> = new Map([
  ["ABS", 1],
  ["FLOOR", 1],
  ["CEIL", 1],
  ["ROUND", 1],
  ["SQRT", 1],
  ["ISQRT", 1],
  ["INT", 1],
  ["FLOAT", 1],
  ["MIN", 2],
  ["MAX", 2],
  ["XOR", 2],
  ["PI", 0],
]);

/**
 * Built-ins that change what a try could not take back for little, and folds, which may wait for other boards: a loop
 * that calls one stays in closures.
 */
const forbidden: ReadonlySet<string> = new Set(["SETPRECISION", "PREC", "SAVE", "SETDATA", "SUM", "PROD", "MAP"]);

/** Built-ins whose results are no numbers. */
const texts: ReadonlySet<string> = new Set(["STR", "CHR", "USER", "ARRAY", "MAP"]);

/** What a function of the program is to a module. */
export type FunctionStanding = {
  /** It can be written in the module. */
  readonly isNative: boolean;
  /** It changes what a try could not take back: shared variables, lists, the precision, what is saved. */
  readonly isForbidden: boolean;
  /** The shared variables that it reads, also through others. */
  readonly reads: readonly string[];
};

/** Which parts of a program a module does by itself, and which it may ask closures for. */
export class Natives {
  readonly #functions: ReadonlyMap<string, FunctionFacts>;
  readonly #globals: ReadonlyMap<string, number>;
  readonly #standings = new Map<string, FunctionStanding>();

  constructor(functions: ReadonlyMap<string, FunctionFacts>, globals: ReadonlyMap<string, number>) {
    this.#functions = functions;
    this.#globals = globals;
  }

  /** Whether the call (its arguments apart) is done in the module. */
  isNativeCall(call: Expr & { kind: "call" }): boolean {
    if (this.#functions.has(call.name)) return this.of(call.name).isNative;
    return arities.get(call.upper) === call.args.length;
  }

  /** Whether closures may do this in the middle of a try: all that it changes can be taken back. */
  isForbidden(expr: Expr): boolean {
    let isForbidden = false;
    eachExpr(expr, (inner) => {
      if (inner.kind !== "call") return;
      if (this.#functions.has(inner.name)) isForbidden ||= this.of(inner.name).isForbidden;
      else isForbidden ||= forbidden.has(inner.upper);
    });
    return isForbidden;
  }

  /** Whether the value is surely no number. `isOther` tells of names. */
  isText(expr: Expr, isOther: (name: string) => boolean): boolean {
    switch (expr.kind) {
      case "text":
      case "list":
        return true;
      case "name":
        return isOther(expr.name);
      case "call":
        return !this.#functions.has(expr.name) && texts.has(expr.upper);
      case "binary":
        return expr.op === "+" && (this.isText(expr.left, isOther) || this.isText(expr.right, isOther));
      case "choose":
        return this.isText(expr.yes, isOther) || this.isText(expr.no, isOther);
      default:
        return false;
    }
  }

  /** What a function is to a module. */
  of(name: string): FunctionStanding {
    const known = this.#standings.get(name);
    if (known !== undefined) return known;
    const standing = this.#look(name);
    for (const [each, found] of standing) this.#standings.set(each, found);
    return this.#standings.get(name)!;
  }

  /** The standing of a function and of all that it calls: what one cannot do, none that calls it can. */
  #look(name: string): ReadonlyMap<string, FunctionStanding> {
    const reached = new Set([name]);
    const own = new Map<string, FunctionStanding>();
    const calls = new Map<string, string[]>();
    for (const each of reached) {
      const called: string[] = [];
      own.set(each, this.#lookAlone(each, called));
      calls.set(each, called);
      for (const inner of called) reached.add(inner);
    }
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (const [each, called] of calls) {
        const all = [own.get(each)!, ...called.map((inner) => own.get(inner)!)];
        const joined = {
          isNative: all.every(({ isNative }) => isNative),
          isForbidden: all.some(({ isForbidden }) => isForbidden),
          reads: [...new Set(all.flatMap(({ reads }) => reads))].sort(),
        };
        if (JSON.stringify(joined) !== JSON.stringify(own.get(each))) {
          own.set(each, joined);
          isNew = true;
        }
      }
    }
    return own;
  }

  #lookAlone(name: string, called: string[]): FunctionStanding {
    const { tree, locals } = this.#functions.get(name)!;
    let isNative = true;
    let isForbidden = false;
    const reads = new Set<string>();
    const ofExpr = (expr: Expr): void => {
      if (expr.kind === "name" && !locals.has(expr.name) && this.#globals.has(expr.name)) reads.add(expr.name);
      if (expr.kind === "call" && this.#functions.has(expr.name)) called.push(expr.name);
      else if (expr.kind === "call") {
        isNative &&= arities.get(expr.upper) === expr.args.length;
        isForbidden ||= forbidden.has(expr.upper);
      } else if (expr.kind === "text" || expr.kind === "list" || expr.kind === "index") isNative = false;
    };
    const ofStmt = (stmt: Stmt): void => {
      if (stmt.kind === "set") isForbidden = true;
      if (stmt.kind === "assign" && !locals.has(stmt.name)) isForbidden = true;
      if (stmt.kind === "expr") isNative = false;
    };
    if (tree.expr === null) eachStmt(tree.body!, ofExpr, ofStmt);
    else eachExpr(tree.expr, ofExpr);
    return { isNative: isNative && !isForbidden, isForbidden, reads: [...reads] };
  }
}
