import { add, multiply } from "./arithmetic.ts";
import { compileExpr, type Get, type Scope } from "./compile-expr.ts";
import { fail } from "./errors.ts";
import { turnPrice } from "./price.ts";
import type { Expr } from "./tree.ts";
import { isWhole, kindOf, type Value } from "./values.ts";

// Terms are grouped so on one board and on a thousand, so that both find the same (SPEC section 7).
const chunkLength = 1024;
// To begin and end one, however few its terms.
const foldSteps = 4;

/** SUM, PROD and MAP, evaluated here: chunks of 1024 terms from `a`, each folded left to right, then in order. */
export function compileFold(kind: "SUM" | "PROD" | "MAP", expr: Expr & { kind: "call" }, scope: Scope): Get {
  const { m } = scope;
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

  const bound = (v: Value): number => {
    if (isWhole(v) && typeof v === "number") return v;
    return fail(isWhole(v) ? "RANGE" : "TYPE", start, `${kind} runs over whole numbers below 2^53, not ${kindOf(v)}.`);
  };
  const run = (frame: Value[], each: (term: Value, isFirstOfChunk: boolean) => void): void => {
    m.pay(foldSteps, start);
    const first = bound(from(frame));
    const last = bound(to(frame));
    const { held, pureFrom } = m;
    m.pureFrom = m.cells;
    for (let k = first; k <= last; k++) {
      m.fuel -= steps;
      if (m.fuel < 0) m.outOfSteps(start);
      frame[slot] = k;
      each(term(frame), (k - first) % chunkLength === 0);
      m.held = held;
    }
    m.pureFrom = pureFrom;
  };

  if (kind === "MAP") {
    return (frame) => {
      const items: Value[] = [];
      run(frame, (value) => {
        if (items.length >= m.limits.listLength) {
          fail("MEMORY", start, `A list has at most ${m.limits.listLength} elements.`);
        }
        m.addCells(1 + m.extraCells(value), start);
        items.push(value);
      });
      return m.list(items, start);
    };
  }
  return (frame) => {
    let total: Value | null = null;
    let chunk: Value | null = null;
    run(frame, (value, isFirst) => {
      if (isFirst) {
        if (chunk !== null) total = total === null ? chunk : join(m, total, chunk, start);
        chunk = value;
      } else chunk = join(m, chunk!, value, start);
    });
    const { held } = m;
    if (chunk === null) return kind === "SUM" ? 0 : 1;
    const result: Value = total === null ? chunk : join(m, total, chunk, start);
    m.heldFrom(held, result);
    return result;
  };
}
