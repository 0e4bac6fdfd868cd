import { add, divide, floorDivision, modulo, multiply, negate, operationOf, subtract, today } from "./arithmetic.ts";
import { pi } from "./builtins/mathematics.ts";
import { findBuiltin, findFold } from "./builtins/table.ts";
import type { Checked, FunctionFacts } from "./check.ts";
import { compare } from "./compare.ts";
import { parseDecimal } from "./decimal.ts";
import { fail } from "./errors.ts";
import { floatOf } from "./float.ts";
import { compileFold } from "./fold.ts";
import { elementAt } from "./lists.ts";
import type { Machine } from "./machine.ts";
import type { CompareLink, CompareOperator, Expr, Stmt } from "./tree.ts";
import { isNumber, isTrue, kindOf, type Value } from "./values.ts";

/** An expression made ready: gives its value for the slots of a frame. */
export type Get = (frame: Value[]) => Value;

/** The body of a function; filled in after every function is known, since functions call each other. */
export type Code = { run: Get; size: number; readonly levels: number; steps: number };

/** What names mean where an expression stands: in a function, or (without `facts`) outside of all. */
export class Scope {
  readonly m: Machine;
  readonly globals: Value[];
  readonly globalSlots: ReadonlyMap<string, number>;
  /** Names with a slot in the frame at hand; folds put a copy with theirs here for as long as they last. */
  slots: ReadonlyMap<string, number>;
  /** Slots that the frame needs. */
  size: number;
  readonly isFunction: boolean;
  readonly functions: ReadonlyMap<string, FunctionFacts>;
  readonly codes: ReadonlyMap<string, Code>;
  /** Nodes compiled so far: what a turn of a loop costs. */
  nodes = 0;

  constructor(
    checked: Checked,
    m: Machine,
    globals: Value[],
    codes: ReadonlyMap<string, Code>,
    facts: FunctionFacts | null,
  ) {
    this.m = m;
    this.globals = globals;
    this.globalSlots = checked.globals;
    this.slots = facts === null ? checked.globals : facts.locals;
    this.size = this.slots.size;
    this.isFunction = facts !== null;
    this.functions = checked.functions;
    this.codes = codes;
  }

  /** What a turn of each loop costs. */
  get prices(): Map<Stmt, number> {
    return this.m.prices;
  }
}

/** Compile an expression to a closure. */
export function compileExpr(expr: Expr, scope: Scope): Get {
  scope.nodes++;
  switch (expr.kind) {
    case "whole":
    case "text": {
      const { value } = expr;
      return () => value;
    }
    case "point":
      return compilePoint(expr, scope);
    case "name":
      return compileName(expr, scope);
    case "call":
      return compileCall(expr, scope);
    case "list": {
      const { m } = scope;
      const { start } = expr;
      const items = compileEach(expr.items, scope);
      return (frame) => {
        // Of the right size from the start: growing one would take room for sixteen.
        const values: Value[] = new Array(items.length);
        for (let i = 0; i < items.length; i++) values[i] = items[i]!(frame);
        return m.list(values, start);
      };
    }
    case "index": {
      const { m } = scope;
      const { at } = expr;
      const base = compileExpr(expr.base, scope);
      const index = compileExpr(expr.index, scope);
      return (frame) => elementAt(m, base(frame), index(frame), at);
    }
    case "unary":
      return compileUnary(expr, scope);
    case "binary":
      return compileBinary(expr, scope);
    case "compare":
    case "and":
    case "or": {
      const test = compileLogic(expr, scope);
      return (frame) => (test(frame) ? 1 : 0);
    }
    case "choose": {
      const test = compileTest(expr.test, scope);
      const yes = compileExpr(expr.yes, scope);
      const no = compileExpr(expr.no, scope);
      return (frame) => (test(frame) ? yes(frame) : no(frame));
    }
  }
}

/** Each of them; a loop, since a closure over the scope would have every caller make room for it. */
function compileEach(exprs: readonly Expr[], scope: Scope): Get[] {
  const each: Get[] = new Array(exprs.length);
  for (let i = 0; i < exprs.length; i++) each[i] = compileExpr(exprs[i]!, scope);
  return each;
}

/** Compile an expression of which only the truth is asked. */
export function compileTest(expr: Expr, scope: Scope): (frame: Value[]) => boolean {
  if (expr.kind === "compare" || expr.kind === "and" || expr.kind === "or") {
    scope.nodes++;
    return compileLogic(expr, scope);
  }
  if (expr.kind === "unary" && expr.op === "!") {
    scope.nodes++;
    const test = compileTest(expr.arg, scope);
    return (frame) => !test(frame);
  }
  return truthOf(compileExpr(expr, scope));
}

function truthOf(value: Get): (frame: Value[]) => boolean {
  return (frame) => isTrue(value(frame));
}

function compilePoint(expr: Expr & { kind: "point" }, scope: Scope): Get {
  const { m } = scope;
  const { digits, start } = expr;
  const x = Number(digits);
  const float = floatOf(x);
  let decimal: Value | null = null;
  return () => {
    if (m.precision === 0) {
      if (x === Number.POSITIVE_INFINITY) return fail("RANGE", start, "This float is larger than 1.8e308.");
      return float;
    }
    decimal ??= parseDecimal(m.constants, digits) ?? fail("RANGE", start, "This decimal is too large.");
    return decimal;
  };
}

function compileName(expr: Expr & { kind: "name" }, scope: Scope): Get {
  const { globals, m } = scope;
  const here = scope.slots.get(expr.name);
  if (here !== undefined) return (frame) => frame[here]!;
  const shared = scope.globalSlots.get(expr.name);
  if (shared !== undefined) return () => globals[shared]!;
  const { start } = expr;
  return expr.upper === "PI" ? () => pi(m, start) : () => 0;
}

function compileUnary(expr: Expr & { kind: "unary" }, scope: Scope): Get {
  const { m } = scope;
  const { op, start } = expr;
  if (op === "!") {
    const test = compileTest(expr.arg, scope);
    return (frame) => (test(frame) ? 0 : 1);
  }
  const arg = compileExpr(expr.arg, scope);
  if (op === "-") return (frame) => negate(m, arg(frame), start);
  return (frame) => {
    const value = arg(frame);
    return isNumber(value) ? today(m, value, start) : fail("TYPE", start, `+ takes a number, not ${kindOf(value)}.`);
  };
}

function compileBinary(expr: Expr & { kind: "binary" }, scope: Scope): Get {
  const { m } = scope;
  const { at } = expr;
  const left = compileExpr(expr.left, scope);
  const right = compileExpr(expr.right, scope);
  // One closure a sign, each with its own call sites: V8 sees what kinds of values pass through each.
  switch (expr.op) {
    case "+":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b) return a + b;
        return add(m, a, b, at);
      };
    case "-":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b) return a - b;
        return subtract(m, a, b, at);
      };
    case "*":
      return (frame) => multiply(m, left(frame), right(frame), at);
    case "/":
      return (frame) => divide(m, left(frame), right(frame), at);
    case "//":
      return (frame) => floorDivision(m, left(frame), right(frame), at);
    case "%":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        if (typeof a === "number" && typeof b === "number" && a >= 0 && b > 0 && (a | 0) === a && (b | 0) === b) {
          return a % b;
        }
        return modulo(m, a, b, at);
      };
    default: {
      const operation = operationOf(expr.op);
      return (frame) => operation(m, left(frame), right(frame), at);
    }
  }
}

function compileLogic(expr: Expr & { kind: "compare" | "and" | "or" }, scope: Scope): (frame: Value[]) => boolean {
  if (expr.kind === "compare") return compileCompare(expr, scope);
  const left = compileTest(expr.left, scope);
  const right = compileTest(expr.right, scope);
  if (expr.kind === "and") return (frame) => left(frame) && right(frame);
  return (frame) => left(frame) || right(frame);
}

function compileCompare(expr: Expr & { kind: "compare" }, scope: Scope): (frame: Value[]) => boolean {
  const first = compileExpr(expr.first, scope);
  if (expr.links.length > 1) return compileChain(first, expr.links, scope);
  const { op, at, right } = expr.links[0]!;
  return compileLink(scope.m, first, op, compileExpr(right, scope), at);
}

function compileChain(first: Get, trees: readonly CompareLink[], scope: Scope): (frame: Value[]) => boolean {
  const { m } = scope;
  const links = trees.map(({ op, at, right }) => ({ op, at, right: compileExpr(right, scope) }));
  return (frame) => {
    let left = first(frame);
    for (const { op, at, right } of links) {
      const next = right(frame);
      if (!compare(m, op, left, next, at)) return false;
      left = next;
    }
    return true;
  };
}

function compileLink(m: Machine, left: Get, op: CompareOperator, right: Get, at: number): (frame: Value[]) => boolean {
  switch (op) {
    case "<":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        return typeof a === "number" && typeof b === "number" ? a < b : compare(m, "<", a, b, at);
      };
    case "<=":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        return typeof a === "number" && typeof b === "number" ? a <= b : compare(m, "<=", a, b, at);
      };
    case "==":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        return typeof a === "number" && typeof b === "number" ? a === b : compare(m, "==", a, b, at);
      };
    default:
      return (frame) => compare(m, op, left(frame), right(frame), at);
  }
}

function compileCall(expr: Expr & { kind: "call" }, scope: Scope): Get {
  const code = scope.codes.get(expr.name);
  if (code !== undefined) return compileUserCall(expr, code, scope);
  const fold = findFold(expr.upper);
  if (fold !== undefined) return compileFold(fold, expr, scope);
  const { m } = scope;
  const { start } = expr;
  const { run } = findBuiltin(expr.upper)!;
  const args = compileEach(expr.args, scope);
  return (frame) => {
    const values: Value[] = new Array(args.length);
    for (let i = 0; i < args.length; i++) values[i] = args[i]!(frame);
    if (--m.fuel < 0) m.outOfSteps(start);
    return run(m, values, start);
  };
}

function compileUserCall(expr: Expr & { kind: "call" }, code: Code, scope: Scope): Get {
  const { m } = scope;
  const { start } = expr;
  const args = compileEach(expr.args, scope);
  return (frame) => {
    const inner: Value[] = new Array(code.size);
    for (let i = 0; i < args.length; i++) inner[i] = args[i]!(frame);
    for (let i = args.length; i < code.size; i++) inner[i] = 0;
    m.fuel -= code.steps;
    if (m.fuel < 0) m.outOfSteps(start);
    const { held } = m;
    m.enter(inner, code.levels, start);
    const value = code.run(inner);
    m.leave(code.levels);
    m.heldFrom(held, value);
    return value;
  };
}
