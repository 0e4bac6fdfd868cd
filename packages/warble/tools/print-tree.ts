import type { Expr, FunctionTree, Stmt, Tree } from "../tree.ts";
import { mark, mustPart, type Piece, type Style, word } from "./pieces.ts";
import { printExpr, printList, spaceOut } from "./print-expr.ts";

/**
 * How the pieces of a statement end: `open` when an expression could go on, `bare` after a RETURN that would take what
 * follows for its value, else `closed`.
 */
type Ending = "open" | "bare" | "closed";

/**
 * The pieces of a program, its outer braces apart: what was written first stands first. Read again they give the same
 * tree.
 *
 * @param level indentation of the wide layout.
 */
export function printTree(tree: Tree, style: Style, level: number): Piece[] {
  const parts = [...tree.functions, ...tree.body].sort((a, b) => a.start - b.start);
  return printParts(parts, style, level);
}

/** Functions and statements in the order given. */
export function printParts(parts: readonly (FunctionTree | Stmt)[], style: Style, level: number): Piece[] {
  const out: Piece[] = [];
  let ending: Ending = "closed";
  let isCall = false;
  for (const part of parts) {
    const next: Piece[] = [];
    const end = "kind" in part ? printStmt(part, style, next, level) : printFunction(part, style, next, level);
    if (style.isShort && (runsOn(ending, out.at(-1), next[0]!) || (isCall && next[0]!.text === "{"))) {
      out.push(mark(";"));
    }
    next[0] = { ...next[0]!, before: level };
    out.push(...next);
    ending = end;
    isCall = "kind" in part && looksLikeFunction(part);
  }
  return out;
}

/** The pieces of one statement; in the wide layout a simple one takes its semicolon along. */
function printStmt(stmt: Stmt, style: Style, out: Piece[], level: number): Ending {
  switch (stmt.kind) {
    case "block":
      out.push(mark("{"));
      return closeBlock(stmt.body, style, out, level);
    case "expr":
    case "assign":
    case "set":
      return closeSimple(printSimple(stmt, style, out), style, out);
    case "break":
    case "continue":
      out.push(word(stmt.kind.toUpperCase()));
      return closeSimple("closed", style, out);
    case "return": {
      out.push(word("RETURN"));
      if (stmt.value === null) return closeSimple("bare", style, out);
      const from = out.length;
      printExpr(stmt.value, style, out);
      spaceOut(out, from);
      return closeSimple("open", style, out);
    }
    case "if": {
      printCondition("IF", stmt.test, style, out);
      const end = printBody(stmt.yes, style, out, level);
      if (stmt.no === null) return end;
      out.push(word("ELSE", stmt.yes.kind === "block" ? " " : level));
      if (stmt.no.kind !== "if") return printBody(stmt.no, style, out, level);
      const from = out.length;
      const last = printStmt(stmt.no, style, out, level);
      spaceOut(out, from);
      return last;
    }
    case "while":
      printCondition("WHILE", stmt.test, style, out);
      return printBody(stmt.body, style, out, level);
    case "for":
      printHeader(stmt, style, out);
      return printBody(stmt.body, style, out, level);
  }
}

function closeSimple(ending: Ending, style: Style, out: Piece[]): Ending {
  if (style.isShort) return ending;
  out.push(mark(";"));
  return "closed";
}

function printCondition(keyword: string, test: Expr, style: Style, out: Piece[]): void {
  out.push(word(keyword), mark("(", " "));
  printExpr(test, style, out);
  out.push(mark(")"));
}

function printHeader(stmt: Stmt & { kind: "for" }, style: Style, out: Piece[]): void {
  out.push(word("FOR"), mark("(", " "));
  printSimples(stmt.first, style, out, "");
  out.push(mark(";"));
  const from = out.length;
  if (stmt.test !== null) {
    printExpr(stmt.test, style, out);
    spaceOut(out, from);
  }
  out.push(mark(";"));
  printSimples(stmt.step, style, out, " ");
  out.push(mark(")"));
}

function printSimples(list: readonly Stmt[], style: Style, out: Piece[], before: "" | " "): void {
  list.forEach((stmt, i) => {
    if (i > 0) out.push(mark(","));
    const from = out.length;
    printSimple(stmt, style, out);
    out[from] = { ...out[from]!, before: i > 0 ? " " : before };
  });
}

function printSimple(stmt: Stmt, style: Style, out: Piece[]): Ending {
  if (stmt.kind === "assign") {
    out.push(word(stmt.name));
  } else if (stmt.kind === "set") {
    // A sign such as √ cannot begin what is set.
    printExpr(stmt.base, { ...style, isAscii: true }, out, 10, true);
    out.push(mark("["));
    printExpr(stmt.index, style, out);
    out.push(mark("]"));
  } else {
    if (stmt.kind === "expr") printExpr(stmt.expr, style, out, 0, true);
    return "open";
  }
  const { op, value } = stmt;
  if ((op === "+" || op === "-") && value.kind === "whole" && value.value === 1) {
    out.push(mark(op === "-" && style.isShort && !style.isAscii ? "—" : op + op));
    return "closed";
  }
  out.push(mark(`${op}=`, " "));
  const from = out.length;
  printExpr(value, style, out);
  spaceOut(out, from);
  return "open";
}

/** What an IF, an ELSE or a loop does: a block on the same line, or one statement on the next. */
function printBody(body: Stmt, style: Style, out: Piece[], level: number): Ending {
  if (body.kind === "block") {
    if (style.isShort && body.body.length === 0) {
      out.push(mark(";"));
      return "closed";
    }
    out.push(mark("{", " "));
    return closeBlock(body.body, style, out, level);
  }
  const from = out.length;
  const end = printStmt(body, style, out, level + 1);
  out[from] = { ...out[from]!, before: level + 1 };
  return end;
}

function closeBlock(body: readonly Stmt[], style: Style, out: Piece[], level: number): Ending {
  out.push(...printParts(body, style, level + 1), mark("}", body.length === 0 ? "" : level));
  return "closed";
}

function printFunction(tree: FunctionTree, style: Style, out: Piece[], level: number): Ending {
  out.push(word(tree.name), mark("("));
  printList(
    tree.params.map((name) => ({ kind: "name", name, upper: "", start: tree.start, end: tree.end })),
    style,
    out,
  );
  out.push(mark(")"));
  if (tree.body?.kind === "block") {
    out.push(mark("{", " "));
    return closeBlock(tree.body.body, style, out, level);
  }
  out.push(mark("=", " "));
  const from = out.length;
  printExpr(tree.expr!, style, out);
  spaceOut(out, from);
  return closeSimple("open", style, out);
}

/** Whether the next statement would be read as a part of the one before, so that a `;` must part them. */
function runsOn(ending: Ending, last: Piece | undefined, next: Piece): boolean {
  if (last === undefined) return false;
  // A space would do as well, but is easily overlooked.
  if (mustPart(last, next)) return true;
  if (ending === "bare") return next.text !== "{";
  return ending === "open" && (/^[[+—-]/.test(next.text) || (next.text === "(" && last.kind === "word"));
}

/** A call with nothing but names in it, followed by a block, would begin a function. */
function looksLikeFunction(stmt: Stmt): boolean {
  return stmt.kind === "expr" && stmt.expr.kind === "call" && stmt.expr.args.every(({ kind }) => kind === "name");
}
