import { builtins, findBuiltin, findFold } from "./builtins/table.ts";
import { type Fix, fail, type Remark } from "./errors.ts";
import type { Expr, FunctionTree, Stmt, Tree } from "./tree.ts";
import { collectAssigned, eachExpr, eachStmt, levelsOf, levelsOfStatement, returnsValue } from "./walk.ts";

/** What a function's names mean and what it may be used for. */
export type FunctionFacts = {
  readonly tree: FunctionTree;
  /** Slots of its own names, parameters first. */
  readonly locals: ReadonlyMap<string, number>;
  /** It gives no value back, so a call that stands alone prints nothing. */
  readonly isCommand: boolean;
  /** How deep its body nests. */
  readonly levels: number;
};

/** A program whose names are resolved and whose calls are known to fit. */
export type Checked = {
  readonly tree: Tree;
  /** Slots of the names assigned at top level. */
  readonly globals: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, FunctionFacts>;
  readonly remarks: readonly Remark[];
};

/**
 * Resolve names and check calls, loops and purity (SPEC sections 3 and 7) before anything runs.
 *
 * @throws Failure NAME, ARGS, PURE or SYNTAX.
 */
export function check(tree: Tree, remarks: readonly Remark[]): Checked {
  return new Checker(tree, remarks).check();
}

const noFunctions: ReadonlyMap<string, FunctionFacts> = new Map();

type Place = {
  readonly names: ReadonlyMap<string, number>;
  readonly isFunction: boolean;
  loops: number;
  /** The fold that encloses the expression under way, and the names that folds bind. */
  fold: string;
  readonly bound: string[];
};

class Checker {
  readonly #tree: Tree;
  readonly #remarks: Remark[];
  #functions: ReadonlyMap<string, FunctionFacts> = noFunctions;
  readonly #globals = new Map<string, number>();
  // Rarely needed: made then.
  #warned: Set<string> | null = null;
  #impurities: Map<string, string> | null = null;

  constructor(tree: Tree, remarks: readonly Remark[]) {
    this.#tree = tree;
    this.#remarks = remarks.slice();
  }

  check(): Checked {
    for (const stmt of this.#tree.body) collectAssigned(stmt, this.#globals);
    const { functions } = this.#tree;
    if (functions.length > 0) this.#functions = new Map(functions.map((tree) => [tree.name, this.#factsOf(tree)]));
    this.#statements(this.#tree.body, { names: this.#globals, isFunction: false, loops: 0, fold: "", bound: [] });
    for (const tree of functions) {
      const { locals } = this.#functions.get(tree.name)!;
      const place: Place = { names: locals, isFunction: true, loops: 0, fold: "", bound: [] };
      if (tree.expr !== null) this.#expr(tree.expr, place);
      if (tree.body !== null) this.#statement(tree.body, place);
    }
    return { tree: this.#tree, globals: this.#globals, functions: this.#functions, remarks: this.#remarks };
  }

  #factsOf(tree: FunctionTree): FunctionFacts {
    const locals = new Map<string, number>();
    for (const param of tree.params) locals.set(param, locals.size);
    if (tree.body !== null) {
      const assigned = new Map<string, number>();
      collectAssigned(tree.body, assigned);
      for (const name of assigned.keys()) {
        if (!this.#globals.has(name) && !locals.has(name)) locals.set(name, locals.size);
      }
    }
    const isCommand = tree.body !== null && !returnsValue(tree.body);
    const levels = 2 + (tree.expr === null ? levelsOfStatement(tree.body!) : levelsOf(tree.expr));
    return { tree, locals, isCommand, levels };
  }

  #statements(list: readonly Stmt[], place: Place): void {
    for (const stmt of list) this.#statement(stmt, place);
  }

  #statement(stmt: Stmt, place: Place): void {
    switch (stmt.kind) {
      case "block":
        this.#statements(stmt.body, place);
        return;
      case "expr":
        this.#expr(stmt.expr, place);
        return;
      case "assign":
        this.#expr(stmt.value, place);
        return;
      case "set":
        this.#expr(stmt.base, place);
        this.#expr(stmt.index, place);
        this.#expr(stmt.value, place);
        return;
      case "if":
        this.#expr(stmt.test, place);
        this.#statement(stmt.yes, place);
        if (stmt.no !== null) this.#statement(stmt.no, place);
        return;
      case "while":
        this.#expr(stmt.test, place);
        this.#loop(stmt.body, place);
        return;
      case "for":
        this.#statements(stmt.first, place);
        if (stmt.test !== null) this.#expr(stmt.test, place);
        this.#statements(stmt.step, place);
        this.#loop(stmt.body, place);
        return;
      case "break":
      case "continue":
        if (place.loops === 0)
          fail("SYNTAX", stmt.start, `${stmt.kind.toUpperCase()} belongs inside a WHILE or a FOR.`);
        return;
      case "return":
        if (!place.isFunction) fail("SYNTAX", stmt.start, "RETURN belongs inside a function.");
        if (stmt.value !== null) this.#expr(stmt.value, place);
        return;
    }
  }

  #loop(body: Stmt, place: Place): void {
    place.loops++;
    this.#statement(body, place);
    place.loops--;
  }

  #expr(expr: Expr, place: Place): void {
    switch (expr.kind) {
      case "whole":
      case "point":
      case "text":
        return;
      case "name":
        this.#name(expr, place);
        return;
      case "call":
        this.#call(expr, place);
        return;
      case "list":
        for (const item of expr.items) this.#expr(item, place);
        return;
      case "index":
        this.#expr(expr.base, place);
        this.#expr(expr.index, place);
        return;
      case "unary":
        this.#expr(expr.arg, place);
        return;
      case "binary":
      case "and":
      case "or":
        this.#expr(expr.left, place);
        this.#expr(expr.right, place);
        return;
      case "compare":
        this.#expr(expr.first, place);
        for (const link of expr.links) this.#expr(link.right, place);
        return;
      case "choose":
        this.#expr(expr.test, place);
        this.#expr(expr.yes, place);
        this.#expr(expr.no, place);
        return;
    }
  }

  #name(expr: Expr & { kind: "name" }, place: Place): void {
    const { name, upper, start } = expr;
    if (place.names.has(name) || this.#globals.has(name) || place.bound.includes(name) || upper === "PI") return;
    this.#warned ??= new Set();
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    const isCall = this.#functions.has(name) || findBuiltin(upper) !== undefined;
    const hint = isCall ? ` To call it write ${name}(…).` : "";
    const message = `${name} is never given a value here: it reads 0.${hint}`;
    const { end } = expr;
    this.#remarks.push({ at: start, message, ...(isCall && { fix: { start: end, end, text: "()" } }) });
  }

  #call(call: Expr & { kind: "call" }, place: Place): void {
    const { name, upper, args, start } = call;
    const known = this.#functions.get(name);
    if (known !== undefined) {
      const wanted = known.tree.params.length;
      if (args.length !== wanted) {
        fail("ARGS", start, `${name}(${known.tree.params.join(",")}) takes ${count(wanted)}, not ${args.length}.`);
      }
      if (place.fold !== "") this.#mustBePure(name, this.#impurityOf(name), place.fold, start);
    } else if (findFold(upper) !== undefined) {
      this.#fold(call, place);
      return;
    } else {
      const builtin = findBuiltin(upper);
      if (builtin === undefined) this.#unknown(name, upper, start);
      const { least, most, together } = builtin;
      if (args.length < least || args.length > most || (args.length - least) % together !== 0) {
        const wanted =
          least === most
            ? count(least)
            : most === Number.POSITIVE_INFINITY
              ? `${least} or more`
              : `${least} ${together > 1 ? "or" : "to"} ${most}`;
        fail("ARGS", start, `${builtin.signature} takes ${wanted}, not ${args.length}.`);
      }
      if (place.fold !== "" && !builtin.isPure) this.#mustBePure(name, builtin.name, place.fold, start);
    }
    for (const arg of args) this.#expr(arg, place);
  }

  #fold(call: Expr & { kind: "call" }, place: Place): void {
    const [variable, from, to, term] = call.args;
    if (call.args.length !== 4 || variable === undefined || from === undefined || to === undefined || !term) {
      fail("ARGS", call.start, `${call.upper}(k,a,b,expr) takes 4, not ${call.args.length}.`);
    }
    if (variable.kind !== "name") {
      fail("SYNTAX", variable.start, `${call.upper} starts with a name, as in ${call.upper}(k,1,9,k*k).`);
    }
    this.#expr(from, place);
    this.#expr(to, place);
    const before = place.fold;
    place.fold = call.upper;
    place.bound.push(variable.name);
    this.#expr(term, place);
    place.bound.pop();
    place.fold = before;
  }

  #mustBePure(name: string, culprit: string, fold: string, at: number): void {
    if (culprit === "") return;
    const via = culprit.toUpperCase() === name.toUpperCase() ? "" : ` (it uses ${culprit})`;
    fail("PURE", at, `Inside ${fold} every board must find the same: ${name}${via} cannot stand there.`);
  }

  /** What makes a function impure: the name of a built-in or of a shared variable that it sets; empty when nothing. */
  #impurityOf(name: string): string {
    this.#impurities ??= new Map();
    const found = this.#impurities.get(name);
    if (found !== undefined) return found;
    this.#impurities.set(name, ""); // a function that calls itself is as pure as the rest of it
    const facts = this.#functions.get(name)!;
    let impurity = "";
    const visit = (expr: Expr): void => {
      if (expr.kind !== "call" || impurity !== "") return;
      if (this.#functions.has(expr.name)) impurity = this.#impurityOf(expr.name);
      else if (findBuiltin(expr.upper)?.isPure === false) impurity = expr.upper;
    };
    if (facts.tree.expr !== null) eachExpr(facts.tree.expr, visit);
    else {
      eachStmt(facts.tree.body!, visit, (stmt) => {
        if (stmt.kind === "assign" && !facts.locals.has(stmt.name)) impurity ||= stmt.name;
        if (stmt.kind === "expr" && !this.#isCommand(stmt.expr)) impurity ||= "a printed value";
      });
    }
    this.#impurities.set(name, impurity);
    return impurity;
  }

  #isCommand(expr: Expr): boolean {
    return isCommand(expr, this.#functions);
  }

  #unknown(name: string, upper: string, at: number): never {
    for (const known of this.#functions.keys()) {
      if (known.toUpperCase() === upper) {
        fail("NAME", at, `There is no function ${name}; you wrote ${known}.`, renamed(name, known, at));
      }
      if (name.length > known.length && name.endsWith(known)) this.#split(name, known.length, at);
    }
    for (const { name: known } of builtins) {
      if (upper.length > known.length && upper.endsWith(known) && known.length > 1) this.#split(name, known.length, at);
    }
    const near = builtins.find((known) => isNear(known.name, upper));
    if (near === undefined) return fail("NAME", at, `There is no function ${name}.`);
    const fix = renamed(name, near.name, at);
    return fail("NAME", at, `There is no function ${name}. Did you mean ${near.signature}?`, fix);
  }

  #split(name: string, length: number, at: number): never {
    const head = name.slice(0, -length);
    const tail = name.slice(-length);
    const middle = at + head.length;
    const fix = { start: middle, end: middle, text: ";" };
    return fail("NAME", at, `There is no function ${name}: write ${head};${tail}`, fix);
  }
}

/** Whether an expression that stands alone prints nothing: a command, or a choice that ends in one. */
export function isCommand(expr: Expr, functions: ReadonlyMap<string, FunctionFacts>): boolean {
  switch (expr.kind) {
    case "call": {
      const known = functions.get(expr.name);
      return known === undefined ? findBuiltin(expr.upper)?.isCommand === true : known.isCommand;
    }
    case "choose":
      return isCommand(expr.yes, functions) && isCommand(expr.no, functions);
    case "and":
    case "or":
      return isCommand(expr.right, functions);
    default:
      return false;
  }
}

function renamed(name: string, known: string, at: number): Fix {
  return { start: at, end: at + name.length, text: known };
}

function count(n: number): string {
  return n === 0 ? "no arguments" : n === 1 ? "1 argument" : `${n} arguments`;
}

/** Whether one word becomes the other by one letter more, less, changed, or two swapped. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || b.length < 3) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const restA = a.slice(i);
  const restB = b.slice(i);
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}
