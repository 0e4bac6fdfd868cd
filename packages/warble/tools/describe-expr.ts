import { findBuiltin } from "../builtins/table.ts";
import { isCommand } from "../check.ts";
import type { BinaryOperator, CompareOperator, Expr } from "../tree.ts";
import type { ProgramFacts } from "./facts.ts";
import { joinPieces, type Piece, type Style } from "./pieces.ts";
import { printExpr } from "./print-expr.ts";
import { isBuiltin } from "./simplify-expr.ts";

/** Expressions in words, for people who read their first program. */
export class ExprWords {
  readonly #style: Style;
  readonly #facts: ProgramFacts;

  constructor(facts: ProgramFacts) {
    this.#facts = facts;
    this.#style = { isShort: false, isAscii: true, hasPi: false, functions: facts.names };
  }

  get style(): Style {
    return this.#style;
  }

  /** The expression as the wide layout writes it. */
  code(expr: Expr): string {
    const pieces: Piece[] = [];
    printExpr(expr, this.#style, pieces);
    return joinPieces(pieces, false);
  }

  /** What the value is: `1 if n is less than 2, otherwise n * f(n - 1)`. */
  value(expr: Expr): string {
    if (expr.kind !== "choose") return this.code(expr);
    return `${this.value(expr.yes)} if ${this.condition(expr.test)}, otherwise ${this.value(expr.no)}`;
  }

  /** When the condition holds: `x is at least 3 and y is not 0`. */
  condition(expr: Expr): string {
    switch (expr.kind) {
      case "compare": {
        let said = this.code(expr.first);
        expr.links.forEach(({ op, right }, i) => {
          said += `${i === 0 ? " is" : ", which is"} ${comparisons[op]}${this.code(right)}`;
        });
        return said;
      }
      case "and":
        return `${this.condition(expr.left)} and ${this.condition(expr.right)}`;
      case "or":
        return `${this.condition(expr.left)} or ${this.condition(expr.right)}`;
      case "unary":
        if (expr.op === "!")
          return isPlain(expr.arg) ? `${this.code(expr.arg)} is 0 or empty` : `not (${this.condition(expr.arg)})`;
        break;
      case "whole":
        return expr.value === 0 ? "never" : "always";
    }
    return `${this.code(expr)} is not 0 or empty`;
  }

  /** What an expression does that stands alone: prints itself, or what its command does. */
  deed(expr: Expr): string {
    if (!isCommand(expr, this.#facts.functions)) return `prints ${this.value(expr)}`;
    switch (expr.kind) {
      case "and":
        return `if ${this.condition(expr.left)}: ${this.deed(expr.right)}`;
      case "or":
        return `unless ${this.condition(expr.left)}: ${this.deed(expr.right)}`;
      case "choose":
        return `if ${this.condition(expr.test)}: ${this.deed(expr.yes)}; otherwise: ${this.deed(expr.no)}`;
      default:
        return this.#command(expr as Expr & { kind: "call" });
    }
  }

  #command(call: Expr & { kind: "call" }): string {
    const { names } = this.#facts;
    if (names.has(call.name)) return `does what ${call.name} says${given(call.args.map((arg) => this.value(arg)))}`;
    const [first, second] = call.args.map((arg) => this.value(arg));
    const list = call.args.map((arg) => this.value(arg)).join(", then ");
    if (isBuiltin(call, "PRINT", names)) return first === undefined ? "ends the line" : `prints ${list}`;
    if (isBuiltin(call, "PUT", names)) return `writes ${list} and stays on the line`;
    if (isBuiltin(call, "SLEEP", names)) return `waits ${first} s`;
    if (isBuiltin(call, "SAVE", names)) return `keeps ${second} on the cluster as ${first}`;
    if (isBuiltin(call, "SETDATA", names)) return `keeps ${second} on this board as ${first}`;
    if (isBuiltin(call, "SETPRECISION", names)) return `from here on counts with ${first} digits`;
    const { signature, summary } = findBuiltin(call.upper)!;
    return `${summary.charAt(0).toLowerCase()}${summary.slice(1, -1)} (${signature})`;
  }
}

const comparisons: Readonly<Record<CompareOperator, string>> = {
  "==": "",
  "!=": "not ",
  "<": "less than ",
  "<=": "at most ",
  ">": "more than ",
  ">=": "at least ",
};

/** What `name op= value` does to the name. */
export function changeWords(name: string, op: BinaryOperator | "", value: string): string {
  switch (op) {
    case "":
      return `${name} becomes ${value}`;
    case "+":
      return `${name} goes up by ${value}`;
    case "-":
      return `${name} goes down by ${value}`;
    case "*":
      return `${name} is multiplied by ${value}`;
    case "/":
      return `${name} is divided by ${value}`;
    case "//":
      return `${name} is divided by ${value} and rounded down`;
    case "%":
      return `${name} becomes what is left when it is divided by ${value}`;
    default:
      return `${name} is raised to the power of ${value}`;
  }
}

function isPlain(expr: Expr): boolean {
  return expr.kind === "name" || expr.kind === "call" || expr.kind === "index" || expr.kind === "binary";
}

function given(args: readonly string[]): string {
  return args.length === 0 ? "" : ` with ${args.join(", ")}`;
}
