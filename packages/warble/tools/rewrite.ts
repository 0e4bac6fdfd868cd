import type { Expr, FunctionTree, Stmt } from "../tree.ts";

/** What a rewriting does to the nodes of a program; each sees a node whose insides were rewritten already. */
export type Rewriting = {
  readonly expr: (expr: Expr) => Expr;
  readonly stmt: (stmt: Stmt) => Stmt;
};

/** An expression with all inside it rewritten. */
export function rewriteExpr(expr: Expr, by: Rewriting["expr"]): Expr {
  const into = (inner: Expr): Expr => rewriteExpr(inner, by);
  switch (expr.kind) {
    case "call":
      return by({ ...expr, args: expr.args.map(into) });
    case "list":
      return by({ ...expr, items: expr.items.map(into) });
    case "index":
      return by({ ...expr, base: into(expr.base), index: into(expr.index) });
    case "unary":
      return by({ ...expr, arg: into(expr.arg) });
    case "binary":
    case "and":
    case "or":
      return by({ ...expr, left: into(expr.left), right: into(expr.right) });
    case "compare": {
      const links = expr.links.map((link) => ({ ...link, right: into(link.right) }));
      return by({ ...expr, first: into(expr.first), links });
    }
    case "choose":
      return by({ ...expr, test: into(expr.test), yes: into(expr.yes), no: into(expr.no) });
    default:
      return by(expr);
  }
}

/** A statement with all inside it rewritten. */
export function rewriteStmt(stmt: Stmt, by: Rewriting): Stmt {
  const value = (inner: Expr): Expr => rewriteExpr(inner, by.expr);
  const into = (inner: Stmt): Stmt => rewriteStmt(inner, by);
  switch (stmt.kind) {
    case "block":
      return by.stmt({ ...stmt, body: stmt.body.map(into) });
    case "expr":
      return by.stmt({ ...stmt, expr: value(stmt.expr) });
    case "assign":
      return by.stmt({ ...stmt, value: value(stmt.value) });
    case "set":
      return by.stmt({ ...stmt, base: value(stmt.base), index: value(stmt.index), value: value(stmt.value) });
    case "if":
      return by.stmt({
        ...stmt,
        test: value(stmt.test),
        yes: into(stmt.yes),
        no: stmt.no === null ? null : into(stmt.no),
      });
    case "while":
      return by.stmt({ ...stmt, test: value(stmt.test), body: into(stmt.body) });
    case "for":
      return by.stmt({
        ...stmt,
        first: stmt.first.map(into),
        test: stmt.test === null ? null : value(stmt.test),
        step: stmt.step.map(into),
        body: into(stmt.body),
      });
    case "return":
      return by.stmt({ ...stmt, value: stmt.value === null ? null : value(stmt.value) });
    default:
      return by.stmt(stmt);
  }
}

/** A function with all inside it rewritten. */
export function rewriteFunction(tree: FunctionTree, by: Rewriting): FunctionTree {
  return {
    ...tree,
    expr: tree.expr === null ? null : rewriteExpr(tree.expr, by.expr),
    body: tree.body === null ? null : rewriteStmt(tree.body, by),
  };
}
