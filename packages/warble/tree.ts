/**
 * The syntax tree: plain data. `start` and `end` are offsets in UTF-16 units of the decoded post; `at`, where a node has
 * it, is the place that its errors name (the operator, the function's name).
 */

/** The two-sided operators that make a number (or a text) of two values. */
export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "^" | "&" | "|";
/** The comparisons. */
export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

type Span = { readonly start: number; readonly end: number };

/** An expression. */
export type Expr = Span &
  (
    | { readonly kind: "whole"; readonly value: number | bigint }
    | { readonly kind: "point"; readonly digits: string }
    | { readonly kind: "text"; readonly value: string }
    | { readonly kind: "name"; readonly name: string; readonly upper: string }
    | { readonly kind: "call"; readonly name: string; readonly upper: string; readonly args: readonly Expr[] }
    | { readonly kind: "list"; readonly items: readonly Expr[] }
    | { readonly kind: "index"; readonly base: Expr; readonly index: Expr; readonly at: number }
    | { readonly kind: "unary"; readonly op: "-" | "+" | "!"; readonly arg: Expr }
    | {
        readonly kind: "binary";
        readonly op: BinaryOperator;
        readonly left: Expr;
        readonly right: Expr;
        readonly at: number;
      }
    | { readonly kind: "compare"; readonly first: Expr; readonly links: readonly CompareLink[] }
    | { readonly kind: "and"; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "or"; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "choose"; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  );

/** One link of a chain: `1<2<3` is first 1 and the links `<2`, `<3`. */
export type CompareLink = { readonly op: CompareOperator; readonly at: number; readonly right: Expr };

/** A statement. */
export type Stmt = Span &
  (
    | { readonly kind: "block"; readonly body: readonly Stmt[] }
    | { readonly kind: "expr"; readonly expr: Expr }
    | {
        readonly kind: "assign";
        readonly name: string;
        readonly op: BinaryOperator | "";
        readonly value: Expr;
        readonly at: number;
      }
    | {
        readonly kind: "set";
        readonly base: Expr;
        readonly index: Expr;
        readonly op: BinaryOperator | "";
        readonly value: Expr;
        /** Where `[` stands, and where `=` or its like does. */
        readonly at: number;
        readonly sign: number;
      }
    | { readonly kind: "if"; readonly test: Expr; readonly yes: Stmt; readonly no: Stmt | null }
    | { readonly kind: "while"; readonly test: Expr; readonly body: Stmt }
    | {
        readonly kind: "for";
        readonly first: readonly Stmt[];
        readonly test: Expr | null;
        readonly step: readonly Stmt[];
        readonly body: Stmt;
      }
    | { readonly kind: "break" }
    | { readonly kind: "continue" }
    | { readonly kind: "return"; readonly value: Expr | null }
  );

/** A function of the program: `f(n)=expr` or `f(n){…}`. */
export type FunctionTree = Span & {
  readonly name: string;
  readonly params: readonly string[];
  readonly expr: Expr | null;
  readonly body: Stmt | null;
};

/** A whole program. */
export type Tree = { readonly functions: readonly FunctionTree[]; readonly body: readonly Stmt[] };
