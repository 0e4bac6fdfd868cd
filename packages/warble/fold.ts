import { add, multiply, subtract } from "./arithmetic.ts";
import { compileExpr, type Get, type Scope } from "./compile-expr.ts";
import { fail } from "./errors.ts";
import { turnPrice } from "./price.ts";
import { chunkLength, type FoldAnswers, type FoldCode, type FoldKind, meetFold, takeAnswer } from "./spread.ts";
import type { Expr } from "./tree.ts";
import { isWhole, kindOf, mostSmall, type Value } from "./values.ts";

// To begin and end one, however few its terms.
const foldSteps = 4;

/**
 * SUM, PROD and MAP: chunks of 1024 terms from `a`, each folded left to right, then the chunks in order. Chunks are
 * computed here, but for those of a big fold that other boards have answered (spread.ts).
 */
export function compileFold(kind: FoldKind, expr: Expr & { kind: "call" }, scope: Scope): Get {
  const { m, globals } = scope;
  const { start, args } = expr;
  const [variable, fromTree, toTree, termTree] = args as [Expr & { kind: "name" }, Expr, Expr, Expr]; // as checked
  const from = compileExpr(fromTree, scope);
  const to = compileExpr(toTree, scope);
  const slot = scope.size++;
  const outer = scope.slots;
  scope.slots = new Map(outer).set(variable.name, slot);
  const before = scope.nodes;
  const term = compileExpr(termTree, scope);
  const steps = turnPrice(scope.nodes - before);
  scope.nodes = before;
  scope.slots = outer;
  const join = kind === "SUM" ? add : multiply;

  const bound = (v: Value): number | bigint => {
    if (isWhole(v)) return v;
    return fail("TYPE", start, `${kind} runs over whole numbers, not ${kindOf(v)}.`);
  };
  /** One chunk of SUM or PROD, of terms counted from `base`. */
  const total = (frame: Value[], first: number, last: number, base: number | bigint = 0): Value => {
    const { held } = m;
    let sum: Value = 0;
    for (let k = first; k <= last; k++) {
      m.fuel -= steps;
      if (m.fuel < 0) m.outOfSteps(start);
      frame[slot] = base === 0 ? k : add(m, base, k, start);
      const value = term(frame);
      sum = k === first ? value : join(m, sum, value, start);
      m.held = held;
    }
    return sum;
  };
  /** One chunk of MAP, at the end of `items`. */
  const collect = (frame: Value[], first: number, last: number, items: Value[], base: number | bigint = 0): void => {
    const { held } = m;
    for (let k = first; k <= last; k++) {
      m.fuel -= steps;
      if (m.fuel < 0) m.outOfSteps(start);
      frame[slot] = base === 0 ? k : add(m, base, k, start);
      const value = term(frame);
      if (items.length >= m.limits.listLength) {
        fail("MEMORY", start, `A list has at most ${m.limits.listLength} elements.`);
      }
      m.addCells(1 + m.extraCells(value), start);
      items.push(value);
      m.held = held;
    }
  };
  const chunk = (frame: Value[], first: number, last: number): Value[] => {
    if (kind !== "MAP") return [total(frame, first, last)];
    const items: Value[] = [];
    collect(frame, first, last, items);
    return items;
  };
  const code: FoldCode = { kind, start, turn: steps, term: termTree, scope, seen: outer, chunk };
  m.folds?.set(start, code);

  const rangeOf = (from: number | bigint, to: number | bigint) => {
    if (typeof from === "number" && typeof to === "number") return { first: from, last: to, base: 0 };
    // Bounds beyond 2^53: terms are counted from the first. Nobody has the steps for more than a double can count.
    const last = Number(subtract(m, to, from, start));
    return { first: 0, last: Math.min(last, mostSmall), base: from };
  };
  const empty = kind === "SUM" ? 0 : 1;
  return (frame) => {
    m.pay(foldSteps, start);
    const { first, last, base } = rangeOf(bound(from(frame)), bound(to(frame)));
    const { held, pureFrom } = m;
    m.pureFrom = m.cells;
    let result: Value = empty;
    const items: Value[] = [];
    // Most folds have one chunk; for the others the first one tells how much work the rest will be.
    let answers: FoldAnswers | null = null;
    for (let at = first, index = 0; at <= last; at += chunkLength, index++) {
      const end = Math.min(at + chunkLength - 1, last);
      const { fuel, made } = m;
      const answer = answers?.[index - 1] ?? null;
      if (kind === "MAP") {
        const known = answer && takeAnswer(m, answer, { count: end - at + 1, before: items.length });
        if (known !== null) items.push(...known);
        else collect(frame, at, end, items, base);
      } else {
        const known = answer && takeAnswer(m, answer, null);
        const part = known === null ? total(frame, at, end, base) : known[0]!;
        result = index === 0 ? part : join(m, result, part, start);
        m.held = held;
      }
      if (index === 0 && end < last && base === 0 && m.spread !== null) {
        answers = meetFold(m, code, frame, globals, { first, last, steps: fuel - m.fuel, made: m.made - made });
      }
    }
    m.pureFrom = pureFrom;
    // A copy of the right size: one that grew has room for sixteen.
    if (kind === "MAP") return m.list(items.length < 16 ? items.slice() : items, start);
    m.heldFrom(held, result);
    return result;
  };
}
