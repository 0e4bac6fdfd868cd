import fc from "fast-check";
import type { Expr, FunctionTree, Stmt, Tree } from "../tree.ts";

/** Trees at random that the checker accepts: printed in any way, they are programs that run. */
export function anyTree(): fc.Arbitrary<Tree> {
  const { stmt } = statements("loop-free");
  const { stmt: inFunction } = statements("function");
  const expr = expressions(true);
  return fc
    .tuple(expressions(false), fc.array(inFunction, { maxLength: 3 }), fc.array(inFunction, { maxLength: 3 }), expr)
    .chain(([pure, command, giving, value]) =>
      fc.array(stmt, { maxLength: 6 }).map((body): Tree => {
        const last: Stmt = { kind: "return", value, ...place };
        const block = (list: readonly Stmt[]): Stmt => ({ kind: "block", body: list, ...place });
        const functions: FunctionTree[] = [
          { name: "f", params: ["x"], expr: pure, body: null, ...place },
          { name: "go", params: ["count", "b"], expr: null, body: block(command), ...place },
          { name: "h", params: [], expr: null, body: block([...giving, last]), ...place },
        ];
        return inOrder({ functions, body });
      }),
    );
}

const place = { start: 0, end: 0 };
const names = ["a", "b", "k", "x", "total", "e", "größe", "__proto__"];

/** Functions and statements are printed in the order of their places. */
function inOrder(tree: Tree): Tree {
  let at = 0;
  return {
    functions: tree.functions.map((each) => ({ ...each, start: at++ })),
    body: tree.body.map((each) => ({ ...each, start: at++ })),
  };
}

function name(given: string): Expr & { kind: "name" } {
  return { kind: "name", name: given, upper: /^\w+$/.test(given) ? given.toUpperCase() : "", ...place };
}

function call(given: string, args: readonly Expr[]): Expr {
  return { kind: "call", name: given, upper: given.toUpperCase(), args, ...place };
}

/** Expressions; those that a SUM or the function f may hold call nothing that is impure or without end. */
function expressions(isFree: boolean): fc.Arbitrary<Expr> {
  const leaf: fc.Arbitrary<Expr> = fc.oneof(
    fc.nat(12).map((value): Expr => ({ kind: "whole", value, ...place })),
    fc
      .constantFrom<number | bigint>(1000, 65536, 123456, 10n ** 20n)
      .map((value): Expr => ({ kind: "whole", value, ...place })),
    fc
      .constantFrom("1.50", "0.5", "100.0", "1e3", ".1", "0.0", "1e-320", "123456.789e-3", "2.", "1E5")
      .map((digits): Expr => ({ kind: "point", digits, ...place })),
    fc
      .constantFrom("", "ab", "it's", '"x"', "🥧 &lt; \n", "a\\b")
      .map((value): Expr => ({ kind: "text", value, ...place })),
    fc.constantFrom(...names).map(name),
    fc.constant(name("PI")),
  );
  const { expr } = fc.letrec<{ expr: Expr }>((tie) => {
    const two = fc.tuple(tie("expr"), tie("expr"));
    const three = fc.tuple(tie("expr"), tie("expr"), tie("expr"));
    const calls: fc.Arbitrary<Expr>[] = [
      tie("expr").map((a) => call("SQRT", [a])),
      two.map((args) => call("MIN", args)),
      fc.constant(call("PI", [])),
      fc
        .tuple(fc.constantFrom("SUM", "PROD", "MAP"), expressionsOfFold())
        .map(([fold, term]) =>
          call(fold, [name("k"), { kind: "whole", value: 1, ...place }, { kind: "whole", value: 5, ...place }, term]),
        ),
    ];
    if (isFree) {
      calls.push(
        tie("expr").map((a) => call("f", [a])),
        tie("expr").map((a) => call("LOAD", [a])),
        two.map((args) => call("go", args)),
        fc.constant(call("h", [])),
        tie("expr").map((a) => call("print", [a])),
      );
    }
    return {
      expr: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        { arbitrary: leaf, weight: 4 },
        {
          arbitrary: fc
            .tuple(two, fc.constantFrom("+", "-", "*", "/", "//", "%", "^", "&", "|"))
            .map(([[left, right], op]): Expr => ({ kind: "binary", op, left, right, at: 0, ...place }) as Expr),
          weight: 5,
        },
        fc
          .tuple(tie("expr"), fc.constantFrom("-", "+", "!"))
          .map(([arg, op]): Expr => ({ kind: "unary", op, arg, ...place }) as Expr),
        fc
          .tuple(two, fc.constantFrom("and", "or"))
          .map(([[left, right], kind]): Expr => ({ kind, left, right, ...place }) as Expr),
        fc
          .tuple(
            tie("expr"),
            fc.array(fc.tuple(fc.constantFrom("==", "!=", "<", "<=", ">", ">="), tie("expr")), {
              minLength: 1,
              maxLength: 3,
            }),
          )
          .map(([first, links]): Expr => {
            const chain = links.map(([op, right]) => ({ op, at: 0, right }));
            return { kind: "compare", first, links: chain, ...place } as Expr;
          }),
        three.map(([test, yes, no]): Expr => ({ kind: "choose", test, yes, no, ...place })),
        fc.array(tie("expr"), { maxLength: 3 }).map((items): Expr => ({ kind: "list", items, ...place })),
        two.map(([base, index]): Expr => ({ kind: "index", base, index, at: 0, ...place })),
        fc.oneof(...calls),
      ),
    };
  });
  return expr;
}

/** Terms of a SUM: small and pure. */
function expressionsOfFold(): fc.Arbitrary<Expr> {
  return fc.constantFrom<Expr>(
    name("k"),
    { kind: "binary", op: "^", left: name("k"), right: { kind: "whole", value: 2, ...place }, at: 0, ...place },
    { kind: "binary", op: "+", left: name("x"), right: name("k"), at: 0, ...place },
  );
}

function statements(where: "loop-free" | "function") {
  const expr = expressions(where === "loop-free");
  const assigned = fc.constantFrom("", "+", "-", "*", "/", "//", "%", "^");
  const leaf: fc.Arbitrary<Stmt> = fc.oneof(
    expr.map((value): Stmt => ({ kind: "expr", expr: value, ...place })),
    fc.array(expr, { maxLength: 2 }).map((args): Stmt => ({ kind: "expr", expr: call("PRINT", args), ...place })),
    fc
      .tuple(fc.constantFrom(...names), assigned, expr)
      .map(([to, op, value]): Stmt => ({ kind: "assign", name: to, op, value, at: 0, ...place }) as Stmt),
    fc.tuple(fc.constantFrom(...names), fc.constantFrom("+", "-", "*", "&", "^"), expr).map(([to, op, right]): Stmt => {
      const value: Expr = { kind: "binary", op, left: name(to), right, at: 0, ...place } as Expr;
      return { kind: "assign", name: to, op: "", value, at: 0, ...place };
    }),
    fc.constantFrom(...names).map(
      (to): Stmt => ({
        kind: "assign",
        name: to,
        op: "",
        value: { kind: "whole", value: 0, ...place },
        at: 0,
        ...place,
      }),
    ),
    fc
      .tuple(fc.constantFrom(...names), expr, assigned, expr)
      .map(
        ([to, index, op, value]): Stmt =>
          ({ kind: "set", base: name(to), index, op, value, at: 0, sign: 0, ...place }) as Stmt,
      ),
    ...(where === "function"
      ? [
          fc.constant<Stmt>({ kind: "return", value: null, ...place }),
          expr.map((value): Stmt => ({ kind: "return", value, ...place })),
        ]
      : []),
  );
  const { stmt } = fc.letrec<{ stmt: Stmt; body: Stmt; loop: Stmt }>((tie) => ({
    stmt: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { arbitrary: leaf, weight: 4 },
      fc.tuple(expr, tie("body"), fc.option(tie("body"))).map(([test, yes, no]): Stmt => ifStmt(test, yes, no)),
      fc.tuple(expr, tie("loop")).map(([test, body]): Stmt => ({ kind: "while", test, body, ...place })),
      fc.tuple(tie("loop"), fc.array(leaf.filter(isSimple), { maxLength: 2 })).map(([body, step]): Stmt => {
        const zero: Stmt = {
          kind: "assign",
          name: "a",
          op: "",
          value: { kind: "whole", value: 0, ...place },
          at: 0,
          ...place,
        };
        const links = [{ op: "<" as const, at: 0, right: { kind: "whole" as const, value: 3, ...place } }];
        const test: Expr = { kind: "compare", first: name("a"), links, ...place };
        const up: Stmt = {
          kind: "assign",
          name: "a",
          op: "+",
          value: { kind: "whole", value: 1, ...place },
          at: 0,
          ...place,
        };
        return { kind: "for", first: [zero], test, step: [...step, up], body, ...place };
      }),
      fc.array(tie("stmt"), { maxLength: 3 }).map((body): Stmt => ({ kind: "block", body, ...place })),
    ),
    body: fc.oneof(
      tie("stmt"),
      fc.array(tie("stmt"), { maxLength: 3 }).map((body): Stmt => ({ kind: "block", body, ...place })),
    ),
    loop: fc.oneof(
      tie("body"),
      fc
        .tuple(fc.array(tie("stmt"), { maxLength: 2 }), expr, fc.constantFrom("break", "continue"))
        .map(([list, test, kind]): Stmt => {
          const way: Stmt = ifStmt(test, { kind, ...place } as Stmt, null);
          return { kind: "block", body: [way, ...list], ...place };
        }),
    ),
  }));
  return { stmt };
}

function isSimple(stmt: Stmt): boolean {
  return stmt.kind === "assign" || stmt.kind === "set" || stmt.kind === "expr";
}

/** An ELSE must not become that of an IF inside: braces around what stands before it. */
function ifStmt(test: Expr, yes: Stmt, no: Stmt | null): Stmt {
  const held: Stmt =
    no === null || isSimple(yes) || yes.kind === "block" ? yes : { kind: "block", body: [yes], ...place };
  return { kind: "if", test, yes: held, no, ...place };
}
