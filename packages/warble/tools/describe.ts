import type { Checked } from "../check.ts";
import type { CompareOperator, Expr, FunctionTree, Stmt } from "../tree.ts";
import { changeWords, ExprWords } from "./describe-expr.ts";
import { factsOf } from "./facts.ts";
import { wholeIn } from "./literals.ts";
import { joinPieces } from "./pieces.ts";
import { printParts } from "./print-tree.ts";

/** One line of a program in words. */
export type Line = {
  /** Where it begins: an offset in UTF-16 units. */
  readonly at: number;
  /** How deep it stands inside loops, choices and functions. */
  readonly depth: number;
  /** The line as `format` writes it, without what stands inside. */
  readonly source: string;
  readonly words: string;
};

/** Every line of a program in words, in the order in which they are written. */
export function describe(program: Checked): Line[] {
  const writer = new Describer(program);
  const parts = [...program.tree.functions, ...program.tree.body].sort((a, b) => a.start - b.start);
  for (const part of parts) {
    if ("kind" in part) writer.stmt(part, 0);
    else writer.function(part);
  }
  return writer.lines;
}

class Describer {
  readonly lines: Line[] = [];
  readonly #words: ExprWords;

  constructor(program: Checked) {
    this.#words = new ExprWords(factsOf(program));
  }

  function(tree: FunctionTree): void {
    const head = `${tree.name}(${tree.params.join(", ")})`;
    if (tree.expr !== null) {
      this.#say(tree, 0, this.#source(tree), `${head} is ${this.#words.value(tree.expr)}`);
      return;
    }
    this.#say(tree, 0, `${head} {`, "whenever it is called:");
    this.#inside(tree.body!, 1);
  }

  stmt(stmt: Stmt, depth: number): void {
    switch (stmt.kind) {
      case "block":
        this.#inside(stmt, depth);
        return;
      case "expr":
        this.#say(stmt, depth, this.#source(stmt), this.#words.deed(stmt.expr));
        return;
      case "assign":
        this.#say(stmt, depth, this.#source(stmt), this.#change(stmt));
        return;
      case "set":
        this.#say(stmt, depth, this.#source(stmt), this.#change(stmt));
        return;
      case "if":
        this.#say(stmt, depth, `IF (${this.#words.code(stmt.test)})`, `if ${this.#words.condition(stmt.test)}:`);
        this.#inside(stmt.yes, depth + 1);
        if (stmt.no === null) return;
        this.#say(stmt.no, depth, "ELSE", "otherwise:");
        this.#inside(stmt.no, depth + 1);
        return;
      case "while":
        this.#say(stmt, depth, `WHILE (${this.#words.code(stmt.test)})`, `${this.#asLongAs(stmt.test)}:`);
        this.#inside(stmt.body, depth + 1);
        return;
      case "for":
        this.#say(stmt, depth, this.#head(stmt), this.#loop(stmt));
        this.#inside(stmt.body, depth + 1);
        return;
      case "break":
        this.#say(stmt, depth, "BREAK;", "leaves the loop");
        return;
      case "continue":
        this.#say(stmt, depth, "CONTINUE;", "goes on with the next turn of the loop");
        return;
      case "return": {
        const words = stmt.value === null ? "ends the function" : `gives back ${this.#words.value(stmt.value)}`;
        this.#say(stmt, depth, this.#source(stmt), words);
        return;
      }
    }
  }

  #inside(body: Stmt, depth: number): void {
    if (body.kind !== "block") this.stmt(body, depth);
    else for (const stmt of body.body) this.stmt(stmt, depth);
  }

  #say({ start }: { readonly start: number }, depth: number, source: string, words: string): void {
    this.lines.push({ at: start, depth, source, words });
  }

  #source(part: Stmt | FunctionTree): string {
    return joinPieces(printParts([part], this.#words.style, 0), false);
  }

  #head(stmt: Stmt & { kind: "for" }): string {
    const empty: Stmt = { kind: "block", body: [], start: stmt.start, end: stmt.end };
    return this.#source({ ...stmt, body: empty }).replace(/ \{\}$/, "");
  }

  #change(stmt: Stmt & ({ kind: "assign" } | { kind: "set" })): string {
    const name =
      stmt.kind === "assign" ? stmt.name : `element ${this.#words.code(stmt.index)} of ${this.#words.code(stmt.base)}`;
    return changeWords(name, stmt.op, this.#words.value(stmt.value));
  }

  #asLongAs(test: Expr): string {
    const n = wholeIn(test);
    if (n !== undefined) return n === 0n ? "never" : "again and again, until BREAK or a limit ends it";
    return `as long as ${this.#words.condition(test)}, again and again`;
  }

  #loop(stmt: Stmt & { kind: "for" }): string {
    const counted = this.#count(stmt);
    if (counted !== null) return `${counted}:`;
    const deeds = (list: readonly Stmt[]): string =>
      list
        .map((each) => {
          if (each.kind === "expr") return this.#words.deed(each.expr);
          return each.kind === "assign" || each.kind === "set" ? this.#change(each) : "";
        })
        .join(", ");
    const first = stmt.first.length === 0 ? "" : `first ${deeds(stmt.first)}; then `;
    const step = stmt.step.length === 0 ? "" : ` (after each turn ${deeds(stmt.step)})`;
    return `${first}${this.#asLongAs(stmt.test ?? { kind: "whole", value: 1, start: 0, end: 0 })}${step}:`;
  }

  /** `FOR(i=0;i<9;i++)` as people say it, or null when it is no plain counting. */
  #count({ first, test, step }: Stmt & { kind: "for" }): string | null {
    const [start] = first;
    const [change] = step;
    const [link] = test?.kind === "compare" ? test.links : [];
    if (first.length > 1 || step.length !== 1 || test?.kind !== "compare" || test.links.length !== 1) return null;
    if (change?.kind !== "assign" || (change.op !== "+" && change.op !== "-") || link === undefined) return null;
    const { name } = change;
    if (test.first.kind !== "name" || test.first.name !== name) return null;
    if (start !== undefined && (start.kind !== "assign" || start.name !== name || start.op !== "")) return null;
    const to = this.#bound(link.op, change.op, this.#words.code(link.right));
    if (to === null) return null;
    const by = this.#words.code(change.value);
    const from = start === undefined ? "where it stands" : this.#words.code(start.value);
    return `for ${name} from ${from} ${to}${by === "1" ? "" : ` in steps of ${by}`}`;
  }

  #bound(op: CompareOperator, way: "+" | "-", to: string): string | null {
    if (way === "+") return op === "<" ? `up to just below ${to}` : op === "<=" ? `up to ${to}` : null;
    return op === ">" ? `down to just above ${to}` : op === ">=" ? `down to ${to}` : null;
  }
}
