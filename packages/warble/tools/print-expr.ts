import { aliasOf, findBuiltin, findFold } from "../builtins/table.ts";
import { signOf, superscriptSigns } from "../characters.ts";
import type { Expr } from "../tree.ts";
import { quote, shortestPoint } from "./literals.ts";
import { mark, type Piece, type Style, word } from "./pieces.ts";

/** How tightly kinds of expressions bind, from the loosest to the tightest. */
const levels = { choose: 0, or: 1, and: 2, compare: 3, unary: 8, power: 9, item: 10 } as const;
const operatorLevels: Readonly<Record<string, number>> = {
  "|": 4,
  "&": 5,
  "+": 6,
  "-": 6,
  "*": 7,
  "/": 7,
  "//": 7,
  "%": 7,
  "^": levels.power,
};
const longOperators: ReadonlyMap<string, string> = new Map([
  ["<=", "≤"],
  [">=", "≥"],
  ["!=", "≠"],
]);

/**
 * Print an expression onto `out`, in brackets when it binds less tightly than `least`. `isFirst`: it begins a statement,
 * where a name and `--` would be read as a countdown.
 */
export function printExpr(expr: Expr, style: Style, out: Piece[], least = 0, isFirst = false): void {
  if (levelOf(expr) >= least) {
    printBare(expr, style, out, isFirst);
    return;
  }
  out.push(mark("("));
  printBare(expr, style, out, false);
  out.push(mark(")"));
}

/** Print expressions with commas between them. */
export function printList(list: readonly Expr[], style: Style, out: Piece[]): void {
  list.forEach((item, i) => {
    if (i > 0) out.push(mark(","));
    const from = out.length;
    printExpr(item, style, out);
    if (i > 0) spaceOut(out, from);
  });
}

/** Give the piece at `at` a space before it in the wide layout. */
export function spaceOut(out: Piece[], at: number): void {
  out[at] = { ...out[at]!, before: " " };
}

/** The name by which a call is printed: canonical in the wide layout, the shortest in the short one. */
function callName(name: string, upper: string, style: Style): string {
  if (style.functions.has(name)) return name;
  const full = findBuiltin(upper)?.name ?? findFold(upper) ?? name;
  const names = style.isShort ? [style.isAscii ? undefined : signOf(full), aliasOf(full), full] : [full];
  return names.find((each) => each !== undefined && !style.functions.has(meaningOf(each, full))) ?? name;
}

/** A sign is looked up by the name that it stands for. */
function meaningOf(shown: string, full: string): string {
  return /^\w/.test(shown) ? shown : full;
}

function nameOf(call: Expr & { kind: "call" }, style: Style): Piece {
  const name = callName(call.name, call.upper, style);
  return /^[\p{L}_]/u.test(name) ? word(name) : mark(name);
}

function levelOf(expr: Expr): number {
  switch (expr.kind) {
    case "choose":
    case "or":
    case "and":
    case "compare":
    case "unary":
      return levels[expr.kind];
    case "binary":
      return operatorLevels[expr.op]!;
    default:
      return levels.item;
  }
}

function printBare(expr: Expr, style: Style, out: Piece[], isFirst: boolean): void {
  switch (expr.kind) {
    case "whole":
      out.push({ text: String(expr.value), kind: "number", before: "" });
      return;
    case "point": {
      const text = style.isShort ? shortestPoint(expr.digits) : expr.digits;
      out.push({ text, kind: "number", before: "" });
      return;
    }
    case "text":
      out.push(mark(quote(expr.value)!));
      return;
    case "name": {
      const isPi = style.isShort && style.hasPi && expr.upper === "PI";
      out.push(word(isPi ? (style.isAscii ? "PI" : signOf("PI")!) : expr.name));
      return;
    }
    case "call":
      out.push(nameOf(expr, style), mark("("));
      printList(expr.args, style, out);
      out.push(mark(")"));
      return;
    case "list":
      out.push(mark("["));
      printList(expr.items, style, out);
      out.push(mark("]"));
      return;
    case "index":
      printExpr(expr.base, style, out, levels.item, isFirst);
      out.push(mark("["));
      printExpr(expr.index, style, out);
      out.push(mark("]"));
      return;
    case "unary":
      printUnary(expr, style, out);
      return;
    case "binary":
      printBinary(expr, style, out, isFirst);
      return;
    case "and":
    case "or":
      printExpr(expr.left, style, out, levels[expr.kind], isFirst);
      printOperand(expr.kind === "and" ? "&&" : "||", expr.right, levels[expr.kind] + 1, style, out);
      return;
    case "compare":
      printExpr(expr.first, style, out, levels.compare + 1, isFirst);
      for (const { op, right } of expr.links) printOperand(op, right, levels.compare + 1, style, out);
      return;
    case "choose":
      printExpr(expr.test, style, out, levels.or, isFirst);
      printOperand("?", expr.yes, levels.choose, style, out);
      printOperand(":", expr.no, levels.choose, style, out);
      return;
  }
}

/** An operator and what stands to its right, with spaces in the wide layout. */
function printOperand(operator: string, right: Expr, least: number, style: Style, out: Piece[]): void {
  const shown = style.isShort && !style.isAscii ? longOperators.get(operator) : undefined;
  out.push(mark(shown ?? operator, " "));
  const from = out.length;
  printExpr(right, style, out, least);
  spaceOut(out, from);
}

function printUnary(expr: Expr & { kind: "unary" }, style: Style, out: Piece[]): void {
  const { op, arg } = expr;
  if (style.isShort && op !== "!" && arg.kind === "unary" && arg.op === op) {
    out.push(mark(twice(op, style)));
    printExpr(arg.arg, style, out, levels.unary);
    return;
  }
  out.push(mark(op));
  // For people two signs in a row read better with a bracket between them.
  printExpr(arg, style, out, style.isShort || arg.kind !== "unary" ? levels.unary : levels.item);
}

function twice(op: "+" | "-", style: Style): string {
  return op === "-" && !style.isAscii ? "—" : op + op;
}

function printBinary(expr: Expr & { kind: "binary" }, style: Style, out: Piece[], isFirst: boolean): void {
  const { op, left, right } = expr;
  const level = operatorLevels[op]!;
  if (op === "^") {
    printExpr(left, style, out, levels.item, isFirst);
    printPower(right, style, out);
    return;
  }
  printExpr(left, style, out, level, isFirst);
  const isCountdown = isFirst && (left.kind === "name" || left.kind === "index");
  if (style.isShort && op === "-" && right.kind === "unary" && right.op === "-" && !isCountdown) {
    out.push(mark(twice("-", style)));
    printExpr(right.arg, style, out, levels.unary);
    return;
  }
  printOperand(op, right, level + 1, style, out);
}

function printPower(right: Expr, style: Style, out: Piece[]): void {
  const raised = style.isShort && !style.isAscii ? raisedText(right) : null;
  if (raised !== null) {
    out.push(mark(raised));
    return;
  }
  out.push(mark("^"));
  printExpr(right, style, out, levels.unary);
}

function raisedText(right: Expr): string | null {
  const isNegative = right.kind === "unary" && right.op === "-";
  const number = isNegative ? right.arg : right;
  if (number.kind !== "whole") return null;
  return [...`${isNegative ? "-" : ""}${number.value}`].map((c) => superscriptSigns.get(c)!).join("");
}
