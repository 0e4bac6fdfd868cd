import { Cursor, startsExpression } from "./cursor.ts";
import { fail, type Remark } from "./errors.ts";
import type { Lexed, Token } from "./lex.ts";
import { expression, item } from "./parse-expr.ts";
import type { BinaryOperator, Expr, FunctionTree, Stmt, Tree } from "./tree.ts";

/** The tree of a program and what was forgiven while reading it. */
export type Parsed = { readonly tree: Tree; readonly remarks: readonly Remark[] };

/** What sets a name: `=`, and the signs that do something with what it held. */
export const assignments: ReadonlyMap<string, BinaryOperator | ""> = new Map<string, BinaryOperator | "">([
  ["=", ""],
  ["+=", "+"],
  ["-=", "-"],
  ["*=", "*"],
  ["/=", "/"],
  ["//=", "//"],
  ["%=", "%"],
  ["^=", "^"],
  ["++", "+"],
  ["--", "-"],
]);

/**
 * Read tokens as a program (SPEC section 3).
 *
 * @throws Failure SYNTAX, saying what was expected where.
 */
export function parseTokens(lexed: Lexed): Parsed {
  const c = new Cursor(lexed);
  const functions: FunctionTree[] = [];
  const body: Stmt[] = [];
  c.advance();
  while (c.token.kind !== "}" && c.token.kind !== "end") {
    if (c.token.kind === "word" && startsFunction(c)) functions.push(functionTree(c, functions));
    else if (c.token.kind === ";") c.advance();
    else body.push(statement(c));
  }
  c.closer("}");
  return { tree: { functions, body }, remarks: c.remarks };
}

/** Whether a function is written here: a word, names in brackets, then `=` or `{`. */
export function startsFunction(tokens: { peek(ahead: number): string }): boolean {
  if (tokens.peek(1) !== "(") return false;
  let ahead = 2;
  if (tokens.peek(ahead) === "word") {
    ahead++;
    while (tokens.peek(ahead) === "," && tokens.peek(ahead + 1) === "word") ahead += 2;
  }
  if (tokens.peek(ahead) !== ")") return false;
  const after = tokens.peek(ahead + 1);
  return after === "=" || after === "{";
}

function functionTree(c: Cursor, functions: readonly FunctionTree[]): FunctionTree {
  const { text: name, start } = c.advance();
  c.advance();
  const params: string[] = [];
  for (;;) {
    const token = c.advance();
    if (token.kind === ")") break;
    if (token.kind !== "word") continue;
    if (params.includes(token.text)) fail("SYNTAX", token.start, `${token.text} is a parameter of ${name} already.`);
    params.push(token.text);
  }
  if (functions.some((known) => known.name === name)) {
    fail("SYNTAX", start, `The function ${name} is written twice.`);
  }
  if (c.token.kind === "=") {
    c.advance();
    const expr = expression(c);
    return { name, params, expr, body: null, start, end: expr.end };
  }
  const body = block(c);
  return { name, params, expr: null, body, start, end: body.end };
}

function statement(c: Cursor): Stmt {
  const { kind, start } = c.token;
  switch (kind) {
    case "{":
      return block(c);
    case "IF":
      return ifStatement(c);
    case "WHILE":
      return whileStatement(c);
    case "FOR":
      return forStatement(c);
    case "BREAK":
      return { kind: "break", start, end: c.advance().end };
    case "CONTINUE":
      return { kind: "continue", start, end: c.advance().end };
    case "RETURN": {
      const end = c.advance().end;
      const value = startsExpression(c.token.kind) ? expression(c) : null;
      return { kind: "return", value, start, end: value?.end ?? end };
    }
    case "ELSE":
      return fail("SYNTAX", start, "This ELSE has no IF before it.");
    default:
      return simple(c);
  }
}

/** Whether a statement comes before the block ends; semicolons before it are passed. */
function isMore(c: Cursor): boolean {
  while (c.token.kind === ";") c.advance();
  return c.token.kind !== "}" && c.token.kind !== "end";
}

function block(c: Cursor): Stmt {
  const start = c.advance().start;
  c.nest(start);
  // The first one in a literal: an empty list that grows takes room for sixteen.
  const body = isMore(c) ? [statement(c)] : [];
  while (isMore(c)) body.push(statement(c));
  c.unnest();
  return { kind: "block", body, start, end: c.closer("}") };
}

function bodyOf(c: Cursor, of: string): Stmt {
  const { kind, start } = c.token;
  if (kind === "{") return block(c);
  if (kind === "}" || kind === "end") fail("SYNTAX", start, `What shall ${of} do? A statement or { } is missing.`);
  if (kind === ";") return { kind: "block", body: [], start, end: c.advance().end };
  c.nest(start);
  const body = statement(c);
  c.unnest();
  return body;
}

function condition(c: Cursor, of: string): Expr {
  c.expect("(", `${of} is followed by ( and a condition`);
  const test = expression(c);
  c.closer(")");
  return test;
}

function ifStatement(c: Cursor): Stmt {
  const start = c.advance().start;
  const test = condition(c, "IF");
  const yes = bodyOf(c, "IF");
  let ahead = 0;
  while (c.peek(ahead) === ";") ahead++;
  if (c.peek(ahead) !== "ELSE") return { kind: "if", test, yes, no: null, start, end: yes.end };
  for (; ahead >= 0; ahead--) c.advance();
  const no = bodyOf(c, "ELSE");
  return { kind: "if", test, yes, no, start, end: no.end };
}

function whileStatement(c: Cursor): Stmt {
  const start = c.advance().start;
  const test = condition(c, "WHILE");
  const body = bodyOf(c, "WHILE");
  return { kind: "while", test, body, start, end: body.end };
}

function forStatement(c: Cursor): Stmt {
  const start = c.advance().start;
  c.expect("(", "FOR is followed by (start;condition;step)");
  const first = simples(c, ";");
  c.expect(";", "FOR has three parts, split by ; as in FOR(i=0;i<9;i++): expected ;");
  const test = c.token.kind === ";" ? null : expression(c);
  c.expect(";", "FOR has three parts, split by ; as in FOR(i=0;i<9;i++): expected ;");
  const step = simples(c, ")");
  c.closer(")");
  const body = bodyOf(c, "FOR");
  return { kind: "for", first, test, step, body, start, end: body.end };
}

function simples(c: Cursor, end: string): Stmt[] {
  const list: Stmt[] = [];
  if (c.token.kind === end || c.token.kind === "}" || c.token.kind === "end") return list;
  list.push(simple(c));
  while (c.token.kind === ",") {
    c.advance();
    list.push(simple(c));
  }
  return list;
}

function simple(c: Cursor): Stmt {
  const start = c.token.start;
  if (c.token.kind !== "word") return bare(c, expression(c), start);
  const op = assignments.get(c.peek(1));
  if (op !== undefined) {
    const name = c.advance().text;
    const sign = c.advance();
    const value = assigned(c, sign);
    return { kind: "assign", name, op, value, at: sign.start, start, end: value.end };
  }
  const target = item(c);
  const setOp = assignments.get(c.token.kind);
  if (setOp !== undefined && target.kind === "index") {
    const sign = c.advance();
    const value = assigned(c, sign);
    return {
      kind: "set",
      base: target.base,
      index: target.index,
      op: setOp,
      value,
      at: target.at,
      sign: sign.start,
      start,
      end: value.end,
    };
  }
  return bare(c, expression(c, target), start);
}

function bare(c: Cursor, expr: Expr, start: number): Stmt {
  const { kind, start: at } = c.token;
  if (kind === "=") fail("SYNTAX", at, "Only a name or a list's element can stand before =; to compare write ==.");
  return { kind: "expr", expr, start, end: expr.end };
}

function assigned(c: Cursor, sign: Token): Expr {
  if (sign.kind === "++" || sign.kind === "--") return { kind: "whole", value: 1, start: sign.start, end: sign.end };
  return expression(c);
}
