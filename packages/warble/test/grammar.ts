import fc from "fast-check";
import { builtins } from "../index.ts";

/** Programs made by the grammar at random: most of them run, many end in an error, all are short. */
export function anyProgram(): fc.Arbitrary<string> {
  const name = fc.constantFrom("a", "b", "k", "x", "PI", "größe");
  const number = fc.oneof(
    fc.integer({ min: 0, max: 30 }).map(String),
    fc.constantFrom("0.5", "1e3", ".1", "2^70", "9007199254740993", "1e-320", "1e308"),
  );
  const call = fc.constantFrom(...builtins.map(({ name: known }) => known), "f", "g", "nope");
  const operator = fc.constantFrom("+", "-", "*", "/", "//", "%", "^", "&", "|", "<", "<=", "==", "!=", "&&", "||");
  const { expr } = fc.letrec<{ expr: string }>((tie) => ({
    expr: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      number,
      name,
      fc.constantFrom('"ab"', "'🥧'", '""', "[]"),
      fc.tuple(tie("expr"), operator, tie("expr")).map(([a, op, b]) => `${a}${op}${b}`),
      tie("expr").map((a) => `(${a})`),
      fc.tuple(fc.constantFrom("-", "!", "+"), tie("expr")).map(([sign, a]) => `${sign}${a}`),
      fc.array(tie("expr"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
      fc.tuple(call, fc.array(tie("expr"), { maxLength: 4 })).map(([f, args]) => `${f}(${args.join(",")})`),
      fc.tuple(tie("expr"), tie("expr")).map(([a, i]) => `${a}[${i}]`),
      fc.tuple(tie("expr"), tie("expr"), tie("expr")).map(([t, a, b]) => `(${t}?${a}:${b})`),
      fc.tuple(fc.constantFrom("SUM", "PROD", "MAP"), tie("expr")).map(([fold, term]) => `${fold}(k,1,9,${term})`),
    ),
  }));
  const assign = fc.constantFrom("=", "+=", "-=", "*=", "/=", "//=", "%=", "^=");
  const { stmt } = fc.letrec<{ stmt: string }>((tie) => ({
    stmt: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.tuple(name, assign, expr).map(([n, op, e]) => `${n}${op}${e}`),
      fc.tuple(name, fc.constantFrom("++", "--")).map(([n, op]) => `${n}${op}`),
      fc.tuple(name, expr, assign, expr).map(([n, i, op, e]) => `${n}[${i}]${op}${e}`),
      expr,
      expr.map((e) => `PRINT(${e})`),
      fc.integer({ min: 0, max: 40 }).map((n) => `PREC(${n})`),
      fc.tuple(expr, tie("stmt"), tie("stmt")).map(([t, a, b]) => `IF(${t}){${a}}ELSE{${b}}`),
      fc.tuple(expr, tie("stmt")).map(([t, a]) => `WHILE(${t}){${a}}`),
      tie("stmt").map((a) => `FOR(i=0;i<9;i++){${a}}`),
      fc.constantFrom("BREAK", "CONTINUE", "RETURN", "RETURN x", "{", "}", ")"),
    ),
  }));
  return fc
    .tuple(fc.array(stmt, { maxLength: 5 }), expr, stmt, fc.constantFrom(";", "", " "))
    .map(([list, e, s, between]) => `{f(x)=${e};g(a,b){${s}};${list.join(between)}}`);
}
