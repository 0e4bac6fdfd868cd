import { findBuiltin } from "../builtins/table.ts";
import { floorDivide } from "../decimal.ts";
import type { Expr } from "../tree.ts";
import { quote, wholeExpr, wholeIn } from "./literals.ts";
import { joinPieces, lengthOf, type Piece, type Style } from "./pieces.ts";
import { printExpr } from "./print-expr.ts";

// Larger powers are left alone: what a program may not compute, its shrinking may not either.
const mostPower = 64n;

/** A shorter expression of exactly the same value, kind and errors, or the same one. Its insides are simple already. */
export function simplifyExpr(expr: Expr, style: Style): Expr {
  switch (expr.kind) {
    case "binary":
      return shorter(expr, foldBinary(expr), style);
    case "unary": {
      const n = wholeIn(expr.arg);
      if (n === undefined || (expr.op === "-" && n > 0n)) return expr;
      return wholeExpr(expr.op === "!" ? (n === 0n ? 1n : 0n) : expr.op === "-" ? -n : n, expr);
    }
    case "choose":
      return isLogic(expr.test) && isWhole(expr.yes, 1n) && isWhole(expr.no, 0n) ? expr.test : expr;
    case "call": {
      const isPi = style.hasPi && expr.args.length === 0 && isBuiltin(expr, "PI", style.functions);
      return isPi ? { kind: "name", name: "PI", upper: "PI", start: expr.start, end: expr.end } : expr;
    }
    default:
      return expr;
  }
}

/** Whether a call is one of this built-in, and not of a function of the program that took its name. */
export function isBuiltin(call: Expr & { kind: "call" }, name: string, functions: ReadonlySet<string>): boolean {
  return !functions.has(call.name) && findBuiltin(call.upper)?.name === name;
}

/** How long an expression is when printed short. */
function printedLength(expr: Expr, style: Style): number {
  const pieces: Piece[] = [];
  printExpr(expr, style, pieces);
  return lengthOf(joinPieces(pieces, true));
}

function isWhole(expr: Expr, n: bigint): boolean {
  return wholeIn(expr) === n;
}

/** Whether the value is always 1 or 0. */
export function isLogic(expr: Expr): boolean {
  return (
    expr.kind === "compare" || expr.kind === "and" || expr.kind === "or" || (expr.kind === "unary" && expr.op === "!")
  );
}

function shorter(expr: Expr, folded: Expr | null, style: Style): Expr {
  return folded !== null && printedLength(folded, style) <= printedLength(expr, style) ? folded : expr;
}

/** What two literals make, where that is exact whatever precision is set. */
function foldBinary(expr: Expr & { kind: "binary" }): Expr | null {
  const { op, left, right, start, end } = expr;
  if (op === "+" && left.kind === "text" && right.kind === "text") {
    const value = left.value + right.value;
    // A post is normalised when it is read, a text that a program makes is not.
    if (quote(value) === null || value !== value.normalize("NFC")) return null;
    return { kind: "text", value, start, end };
  }
  const a = wholeIn(left);
  const b = wholeIn(right);
  if (a === undefined || b === undefined) return null;
  const n = foldWholes(op, a, b);
  // The minus of a negative big whole would be a step more, each time that a loop comes by.
  return n === null || n < BigInt(Number.MIN_SAFE_INTEGER) ? null : wholeExpr(n, expr);
}

function foldWholes(op: string, a: bigint, b: bigint): bigint | null {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "//":
      return b === 0n ? null : floorDivide(a, b);
    case "%":
      return b === 0n ? null : a - b * floorDivide(a, b);
    case "^":
      return b >= 0n && b <= mostPower && a < 1n << 64n && a > -(1n << 64n) ? a ** b : null;
    default:
      return null;
  }
}
