import { toDecimal } from "./arithmetic.ts";
import { compareDecimals, magnitudeOf } from "./decimal.ts";
import { toDouble } from "./doubles.ts";
import { fail } from "./errors.ts";
import type { Machine } from "./machine.ts";
import { addPrice, charactersPrice, multiplyPrice, powerPrice } from "./price.ts";
import type { CompareOperator } from "./tree.ts";
import { Decimal, Float, isNumber, kindOf, List, type Value } from "./values.ts";

/** Whether `a op b` holds. Numbers compare by exact value whatever their kind, texts by code point. */
export function compare(m: Machine, op: CompareOperator, a: Value, b: Value, at: number): boolean {
  if (typeof a === "number" && typeof b === "number") return holds(op, a - b);
  if (op === "==") return areEqual(m, a, b, at, 0);
  if (op === "!=") return !areEqual(m, a, b, at, 0);
  return holds(op, order(m, a, b, at, op));
}

function holds(op: CompareOperator, difference: number): boolean {
  switch (op) {
    case "==":
      return difference === 0;
    case "!=":
      return difference !== 0;
    case "<":
      return difference < 0;
    case "<=":
      return difference <= 0;
    case ">":
      return difference > 0;
    case ">=":
      return difference >= 0;
  }
}

const mixedSteps = 2;

/** Negative, zero or positive as a is below, equal to or above b; `TYPE` where there is no order. */
export function order(m: Machine, a: Value, b: Value, at: number, what: string): number {
  if (isNumber(a) && isNumber(b)) return orderNumbers(m, a, b, at);
  if (typeof a === "string" && typeof b === "string") return orderTexts(m, a, b, at);
  const wrong = a instanceof List ? a : b;
  if (wrong instanceof List) return fail("TYPE", at, `${what} has no order for lists; compare their elements.`);
  return fail("TYPE", at, `${what} takes two numbers or two texts, not ${kindOf(a)} and ${kindOf(b)}.`);
}

function orderNumbers(
  m: Machine,
  a: number | bigint | Float | Decimal,
  b: number | bigint | Float | Decimal,
  at: number,
): number {
  // A float without a fraction may be large enough for its shortest form to be another whole; a smaller one is its own.
  if (m.precision > 0 && (typeof a === "object" || typeof b === "object")) {
    const x = toDecimal(m, a, at);
    const y = toDecimal(m, b, at);
    m.pay(8 + 4 * addPrice((x.digits + y.digits) * 3.33) + scalePrice(x, y), at);
    return compareDecimals(m.constants, x, y);
  }
  const x = plainOf(m, a, at);
  const y = plainOf(m, b, at);
  if (typeof x === "bigint" && typeof y === "bigint") m.pay(addPrice(m.constants.bitsOf(x)), at);
  // The engine compares a big whole with a double by a call, whatever their size.
  else if (typeof x === "bigint" || typeof y === "bigint") m.pay(mixedSteps, at);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Decimals of one size whose last digits stand far apart are brought to one by a power of ten. */
function scalePrice(x: Decimal, y: Decimal): number {
  const shift = Math.abs(x.exponent - y.exponent);
  if (shift < 64 || magnitudeOf(x) !== magnitudeOf(y)) return 0;
  return powerPrice(shift * 3.33) + multiplyPrice(shift * 3.33, Math.min(x.digits, y.digits) * 3.33);
}

/** A number as JavaScript has it; a decimal that outlived its precision is the nearest float. */
function plainOf(m: Machine, v: number | bigint | Float | Decimal, at: number): number | bigint {
  if (v instanceof Float) return v.value;
  return v instanceof Decimal ? toDouble(v, m, at) : v;
}

function orderTexts(m: Machine, a: string, b: string, at: number): number {
  m.pay(charactersPrice(Math.min(a.length, b.length)), at);
  if (a === b) return 0;
  // UTF-16 units order as code points do, save that surrogates stand below U+E000…U+FFFF.
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return rank(a, i) - rank(b, i);
}

function rank(text: string, at: number): number {
  if (at >= text.length) return -1;
  const unit = text.charCodeAt(at);
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x10000 : unit;
}

function areEqual(m: Machine, a: Value, b: Value, at: number, depth: number): boolean {
  if (isNumber(a)) return isNumber(b) && orderNumbers(m, a, b, at) === 0;
  if (typeof a === "string") {
    if (typeof b !== "string" || a.length !== b.length) return false;
    m.pay(charactersPrice(a.length), at);
    return a === b;
  }
  if (!(b instanceof List) || a.items.length !== b.items.length) return false;
  if (depth >= m.limits.depth) {
    fail("DEPTH", at, `Lists inside lists: at most ${m.limits.depth} levels can be compared.`);
  }
  for (let i = 0; i < a.items.length; i++) {
    m.pay(2, at);
    if (!areEqual(m, a.items[i]!, b.items[i]!, at, depth + 1)) return false;
  }
  return true;
}
