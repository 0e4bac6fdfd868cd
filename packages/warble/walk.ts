import type { Expr, Stmt } from "./tree.ts";

/** Give each name that a statement assigns a slot, in the order of their places. */
export function collectAssigned(stmt: Stmt, into: Map<string, number>): void {
  switch (stmt.kind) {
    case "assign":
      if (!into.has(stmt.name)) into.set(stmt.name, into.size);
      return;
    case "block":
      for (const inner of stmt.body) collectAssigned(inner, into);
      return;
    case "if":
      collectAssigned(stmt.yes, into);
      if (stmt.no !== null) collectAssigned(stmt.no, into);
      return;
    case "for":
      for (const inner of stmt.first) collectAssigned(inner, into);
      for (const inner of stmt.step) collectAssigned(inner, into);
      collectAssigned(stmt.body, into);
      return;
    case "while":
      collectAssigned(stmt.body, into);
      return;
    default:
  }
}

/** Whether a function body has a RETURN with a value. */
export function returnsValue(body: Stmt): boolean {
  let found = false;
  eachStmt(body, null, (stmt) => {
    if (stmt.kind === "return" && stmt.value !== null) found = true;
  });
  return found;
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "call":
      return expr.args;
    case "list":
      return expr.items;
    case "index":
      return [expr.base, expr.index];
    case "unary":
      return [expr.arg];
    case "binary":
    case "and":
    case "or":
      return [expr.left, expr.right];
    case "compare":
      return [expr.first, ...expr.links.map((link) => link.right)];
    case "choose":
      return [expr.test, expr.yes, expr.no];
    default:
      return [];
  }
}

/** Visit an expression and all inside it. */
export function eachExpr(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const child of childrenOf(expr)) eachExpr(child, visit);
}

/** Visit a statement, all statements inside it and, when asked, their expressions. */
export function eachStmt(stmt: Stmt, visitExpr: ((expr: Expr) => void) | null, visit: (stmt: Stmt) => void): void {
  visit(stmt);
  const [exprs, stmts] = partsOf(stmt);
  if (visitExpr !== null) for (const expr of exprs) eachExpr(expr, visitExpr);
  for (const inner of stmts) eachStmt(inner, visitExpr, visit);
}

function partsOf(stmt: Stmt): readonly [readonly Expr[], readonly Stmt[]] {
  switch (stmt.kind) {
    case "block":
      return [[], stmt.body];
    case "expr":
      return [[stmt.expr], []];
    case "assign":
      return [[stmt.value], []];
    case "set":
      return [[stmt.base, stmt.index, stmt.value], []];
    case "if":
      return [[stmt.test], stmt.no === null ? [stmt.yes] : [stmt.yes, stmt.no]];
    case "while":
      return [[stmt.test], [stmt.body]];
    case "for":
      return [stmt.test === null ? [] : [stmt.test], [...stmt.first, ...stmt.step, stmt.body]];
    case "return":
      return [stmt.value === null ? [] : [stmt.value], []];
    default:
      return [[], []];
  }
}

/** How deep an expression nests; every function is asked, so without a list of each node's children. */
export function levelsOf(expr: Expr): number {
  switch (expr.kind) {
    case "call":
      return 1 + levelsOfEach(expr.args);
    case "list":
      return 1 + levelsOfEach(expr.items);
    case "index":
      return 1 + Math.max(levelsOf(expr.base), levelsOf(expr.index));
    case "unary":
      return 1 + levelsOf(expr.arg);
    case "binary":
    case "and":
    case "or":
      return 1 + Math.max(levelsOf(expr.left), levelsOf(expr.right));
    case "compare": {
      let deepest = levelsOf(expr.first);
      for (const { right } of expr.links) deepest = Math.max(deepest, levelsOf(right));
      return 1 + deepest;
    }
    case "choose":
      return 1 + Math.max(levelsOf(expr.test), levelsOf(expr.yes), levelsOf(expr.no));
    default:
      return 1;
  }
}

function levelsOfEach(exprs: readonly Expr[]): number {
  let deepest = 0;
  for (const expr of exprs) deepest = Math.max(deepest, levelsOf(expr));
  return deepest;
}

/** How deep a statement nests. */
export function levelsOfStatement(stmt: Stmt): number {
  const [exprs, stmts] = partsOf(stmt);
  let deepest = levelsOfEach(exprs);
  for (const inner of stmts) deepest = Math.max(deepest, levelsOfStatement(inner));
  return deepest + 1;
}
