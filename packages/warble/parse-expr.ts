import { type Cursor, describe } from "./cursor.ts";
import { type Fix, fail } from "./errors.ts";
import type { Token } from "./lex.ts";
import type { BinaryOperator, CompareLink, CompareOperator, Expr } from "./tree.ts";

// How tightly the two-sided operators bind; `++` and `--` inside an expression are two signs.
function bindingOf(kind: string): number {
  switch (kind) {
    // What most often ends an expression, first.
    case ")":
    case ",":
    case ";":
    case "}":
    case "]":
      return 0;
    case "||":
      return 1;
    case "&&":
      return 2;
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return 3;
    case "|":
      return 4;
    case "&":
      return 5;
    case "+":
    case "-":
    case "++":
    case "--":
      return 6;
    case "*":
    case "/":
    case "//":
    case "%":
      return 7;
    default:
      return 0;
  }
}

/** Read an expression; `left`, when given, is its first item, read already. */
export function expression(c: Cursor, left?: Expr): Expr {
  const test = binary(c, 1, left === undefined ? unary(c) : power(c, left));
  if (c.token.kind !== "?") return test;
  c.nest(c.advance().start);
  const yes = expression(c);
  c.expect(":", "A choice is written test?yes:no; expected :");
  const no = expression(c);
  c.unnest();
  return { kind: "choose", test, yes, no, start: test.start, end: no.end };
}

function binary(c: Cursor, least: number, first: Expr): Expr {
  let left = first;
  for (;;) {
    const { kind, start: at } = c.token;
    const level = bindingOf(kind);
    if (level < least) return left;
    if (level === 3) {
      left = compare(c, left);
      continue;
    }
    const sign = c.advance();
    const right = binary(c, level + 1, isTwoSigns(kind) ? signed(c, sign) : unary(c));
    const { start } = left;
    const { end } = right;
    if (level === 1) left = { kind: "or", left, right, start, end };
    else if (level === 2) left = { kind: "and", left, right, start, end };
    else {
      const op = (isTwoSigns(kind) ? kind.charAt(0) : kind) as BinaryOperator;
      left = { kind: "binary", op, left, right, at, start, end };
    }
  }
}

function compare(c: Cursor, first: Expr): Expr {
  const link = compareLink(c);
  const links = [link];
  let { end } = link.right;
  while (bindingOf(c.token.kind) === 3) {
    const another = compareLink(c);
    links.push(another);
    end = another.right.end;
  }
  return { kind: "compare", first, links, start: first.start, end };
}

function compareLink(c: Cursor): CompareLink {
  const { kind, start: at } = c.advance();
  return { op: kind as CompareOperator, at, right: binary(c, 4, unary(c)) };
}

function unary(c: Cursor): Expr {
  const { kind, start } = c.token;
  if (kind !== "-" && kind !== "+" && kind !== "!" && !isTwoSigns(kind)) return power(c, item(c));
  const arg = signed(c, c.advance());
  return isTwoSigns(kind) ? { kind: "unary", op: arg.op, arg, start, end: arg.end } : arg;
}

/** What stands behind a sign, with that sign: of `--` and `++` the second one. */
function signed(c: Cursor, { kind, end: after }: Token): Expr & { kind: "unary" } {
  const start = after - 1;
  c.nest(start);
  const arg = unary(c);
  c.unnest();
  return { kind: "unary", op: kind.charAt(0) as "-" | "+" | "!", arg, start, end: arg.end };
}

function isTwoSigns(kind: string): boolean {
  return kind === "--" || kind === "++";
}

function power(c: Cursor, left: Expr): Expr {
  if (c.token.kind !== "^") return left;
  const at = c.advance().start;
  c.nest(at);
  const right = unary(c);
  c.unnest();
  return { kind: "binary", op: "^", left, right, at, start: left.start, end: right.end };
}

/** Read an item: a number, text, name, call, list or bracket, with its indexes. */
export function item(c: Cursor): Expr {
  let item = primary(c);
  while (c.token.kind === "[") {
    const at = c.advance().start;
    c.nest(at);
    const index = expression(c);
    c.unnest();
    item = { kind: "index", base: item, index, at, start: item.start, end: c.closer("]") };
  }
  return item;
}

function primary(c: Cursor): Expr {
  const token = c.token;
  const { kind, start, end } = token;
  switch (kind) {
    case "number":
      c.advance();
      return numberOf(token);
    case "text":
      c.advance();
      return { kind: "text", value: token.text, start, end };
    case "sign":
      c.advance();
      if (c.token.kind !== "(") fail("SYNTAX", start, `Put what belongs to ${token.text} in brackets.`);
      return call(c, token);
    case "word":
      c.advance();
      if (c.token.kind === "(") return call(c, token);
      return { kind: "name", name: token.text, upper: token.upper, start, end };
    case "(": {
      c.advance();
      c.nest(start);
      const inner = expression(c);
      c.unnest();
      c.closer(")");
      // A copy of its own: (1<2)<3 is no chain, and the span takes the brackets in.
      return inner;
    }
    case "[": {
      c.advance();
      const items = list(c, "]");
      return { kind: "list", items, start, end: c.closer("]") };
    }
    default:
      return fail("SYNTAX", start, `Expected a value here, not ${describe(token)}.${hint(kind)}`, fixFor(c, token));
  }
}

function call(c: Cursor, token: Token): Expr {
  c.advance();
  const args = list(c, ")");
  return { kind: "call", name: token.text, upper: token.upper, args, start: token.start, end: c.closer(")") };
}

function list(c: Cursor, end: ")" | "]"): Expr[] {
  const { kind, start } = c.token;
  if (kind === end || kind === "}" || kind === "end") return [];
  c.nest(start);
  // The first one in a literal: an empty list that grows takes room for sixteen.
  const items = [expression(c)];
  while (c.token.kind === ",") {
    c.advance();
    items.push(expression(c));
  }
  c.unnest();
  return items;
}

function numberOf(token: Token): Expr {
  const { text, start, end } = token;
  let small = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return { kind: "point", digits: text, start, end };
    small = small * 10 + digit;
  }
  if (text.length < 16) return { kind: "whole", value: small, start, end };
  const value = BigInt(text);
  return { kind: "whole", value: value <= 9007199254740991n ? Number(value) : value, start, end };
}

/** `a**b` and `a===b` are written otherwise here. */
function fixFor(c: Cursor, { kind, start, end }: Token): Fix | undefined {
  const before = c.before();
  if (before === undefined) return undefined;
  if (kind === "*" && before.kind === "*") return { start: before.start, end, text: "^" };
  if (kind === "=" && (before.kind === "==" || before.kind === "!=")) return { start, end, text: "" };
  return undefined;
}

function hint(kind: string): string {
  if (kind === "*") return " A power is written x^2.";
  if (kind === "=") return " To compare write ==.";
  if (kind === ")" || kind === "]" || kind === "}") return " Something is missing before it.";
  return "";
}
