import { findFold } from "../builtins/table.ts";
import type { Checked } from "../check.ts";
import type { Expr, FunctionTree, Stmt, Tree } from "../tree.ts";
import { eachExpr } from "../walk.ts";
import { factsOf } from "./facts.ts";
import type { Rewritten } from "./format.ts";
import { powerOf } from "./literals.ts";
import { escapeEntities, joinPieces, lengthOf, mark, type Piece, type Style } from "./pieces.ts";
import { printParts } from "./print-tree.ts";
import { readPost } from "./read.ts";
import { rename } from "./rename.ts";
import { rewriteExpr } from "./rewrite.ts";
import { sameProgram } from "./same.ts";
import { simplify } from "./simplify.ts";

/**
 * Make a post's program shorter without changing what it does: the same output, effects, saved values and class of
 * error, for no more steps (but a few for a number written as a power, once). What stands around the program stays.
 * Only a program that ends at a limit may come a little further, since a shorter one costs less.
 *
 * Never longer than before, and never throws; a post may have up to 4000 characters.
 *
 * @param options `isAscii`: without signs that are one character but on no keyboard, such as `²`, `√`, `≤`, `∑`.
 */
export function shrink(post: string, options: { readonly isAscii?: boolean } = {}): Rewritten {
  const read = readPost(post);
  if ("error" in read) return read;
  const { text, head, tail } = read;
  const isAscii = options.isAscii ?? false;
  const lengthBefore = lengthOf(text);
  const shortest = candidates(read.program, isAscii, tail !== "")
    .map(({ text: program, tree }) => ({ text: `${head}{${program}${tail}`, tree }))
    .reduce((best, each) => (lengthOf(each.text) < lengthOf(best.text) ? each : best));
  const shrunk = escapeEntities(shortest.text);
  const length = lengthOf(shortest.text);
  const again = readPost(shrunk);
  if (length < lengthBefore && "program" in again && sameProgram(again.program.tree, shortest.tree)) {
    return { post: shrunk, length, lengthBefore, warnings: again.warnings };
  }
  return { post: escapeEntities(text), length: lengthBefore, lengthBefore, warnings: read.warnings };
}

type Candidate = { readonly text: string; readonly tree: Tree };

/** The program in some ways to write it, without its opening brace. */
function candidates(program: Checked, isAscii: boolean, isClosed: boolean): Candidate[] {
  const simple = simplify(program, isAscii);
  const facts = factsOf(simple);
  const tree = rename(simple.tree, facts);
  const functions = new Set(tree.functions.map(({ name }) => name));
  const style: Style = { isShort: true, isAscii, hasPi: facts.hasPi, functions };
  return [tree, withPowers(tree)].flatMap((each) =>
    [each, { ...each, body: withFirst(each.body) }].flatMap((one) =>
      orders(one).map((parts) => ({ text: closed(printParts(parts, style, 0), isClosed), tree: one })),
    ),
  );
}

/** Functions may stand anywhere: which stands last decides how many closers can be left out at the end. */
function orders({ functions, body }: Tree): (FunctionTree | Stmt)[][] {
  const lasts = functions.map((last) => [...functions.filter((each) => each !== last), ...body, last]);
  return [[...functions, ...body], ...lasts];
}

/** The pieces as text, without the closers that are supplied where they are missing. */
function closed(pieces: readonly Piece[], isClosed: boolean): string {
  const all = [...pieces, mark("}")];
  const kept: Piece[] = [];
  for (const piece of all) {
    if (piece.text === "}") dropLast(kept, [")", "]"]);
    kept.push(piece);
  }
  if (!isClosed) dropLast(kept, [")", "]", "}"]);
  return joinPieces(kept, true);
}

function dropLast(pieces: Piece[], closers: readonly string[]): void {
  while (closers.includes(pieces.at(-1)?.text ?? "")) pieces.pop();
}

/** What stands before a FOR without a start becomes its start: it may save a semicolon. */
function withFirst(list: readonly Stmt[]): Stmt[] {
  const out: Stmt[] = [];
  for (const stmt of list) {
    const before = out.at(-1);
    const isSimple = before?.kind === "assign" || before?.kind === "set" || before?.kind === "expr";
    if (stmt.kind === "for" && stmt.first.length === 0 && isSimple) out[out.length - 1] = { ...stmt, first: [before] };
    else out.push(stmt);
  }
  return out;
}

/** Long round numbers as powers, where they are worked out once at most: a million is `10^6`. */
function withPowers(tree: Tree): Tree {
  return { ...tree, body: tree.body.map(powersIn) };
}

function powersIn(stmt: Stmt): Stmt {
  switch (stmt.kind) {
    case "assign":
      return { ...stmt, value: powers(stmt.value) };
    case "expr":
      return { ...stmt, expr: powers(stmt.expr) };
    case "set":
      return { ...stmt, value: powers(stmt.value) };
    case "block":
      return { ...stmt, body: stmt.body.map(powersIn) };
    case "if":
      return { ...stmt, yes: powersIn(stmt.yes), no: stmt.no === null ? null : powersIn(stmt.no) };
    case "for":
      return { ...stmt, first: stmt.first.map(powersIn) };
    default:
      return stmt;
  }
}

function powers(expr: Expr): Expr {
  let isRepeated = false;
  eachExpr(expr, (inner) => {
    if (inner.kind === "call" && findFold(inner.upper) !== undefined) isRepeated = true;
  });
  return isRepeated ? expr : rewriteExpr(expr, (each) => (each.kind === "whole" ? (powerOf(each) ?? each) : each));
}
