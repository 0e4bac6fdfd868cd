import { bits, foresee, keep, outlived, toDecimal, today } from "../arithmetic.ts";
import { order } from "../compare.ts";
import { floorDecimal, negateDecimal, parseDecimal } from "../decimal.ts";
import { toDouble } from "../doubles.ts";
import { fail } from "../errors.ts";
import { floatOf } from "../float.ts";
import type { Machine } from "../machine.ts";
import { modularPower, power } from "../power.ts";
import { addPrice, dividePrice, multiplyPrice, rootPrice, textPrice } from "../price.ts";
import { exactBits, wholeRoot } from "../roots.ts";
import { Decimal, Float, isWhole, List, type Value, wholeOf } from "../values.ts";
import { type Builtin, builtin, numberIn, wholeIn } from "./builtin.ts";

/** Whole numbers, kinds of numbers, the smallest and the largest. */
export const wholes: readonly Builtin[] = [
  builtin("COMB(n,k)", "In how many ways k of n can be chosen.", (m, args, at) => combinations(m, args, at)),
  builtin("GCD(a,b)", "The greatest common divisor.", (m, [a = 0, b = 0], at) => {
    let x = BigInt(wholeIn(a, "GCD", at));
    let y = BigInt(wholeIn(b, "GCD", at));
    while (y !== 0n) {
      const size = m.constants.bitsOf(y);
      m.pay(1 + dividePrice(Math.max(size, m.constants.bitsOf(x)), size), at);
      [x, y] = [y, x % y];
    }
    return wholeOf(x < 0n ? -x : x);
  }),
  builtin("ISQRT(n)", "The whole square root, rounded down.", (m, [x = 0], at) => {
    const n = wholeIn(x, "ISQRT", at);
    if (n < 0) return fail("DOMAIN", at, "A negative number has no real square root.");
    if (typeof n === "number" && n < 4503599627370496) return Math.floor(Math.sqrt(n));
    const size = m.constants.bitsOf(BigInt(n));
    m.pay(rootPrice(size), at);
    return keep(m, wholeRoot(BigInt(n)), size / 2 + 1, at);
  }),
  builtin("POW(a,b[,m])", "a to the power of b; with m, the remainder of that by m.", (m, [a = 0, b = 0, n], at) => {
    if (n === undefined) return power(m, a, b, at);
    const whole = (v: Value) => BigInt(wholeIn(v, "POW(a,b,m)", at));
    return modularPower(m, whole(a), whole(b), whole(n), at);
  }),
  builtin("XOR(a,b)", "The bits that are set in one of two wholes, not in both.", (m, [a = 0, b = 0], at) =>
    bits(m, "XOR", a, b, at),
  ),
  builtin("MIN(a…)", "The smallest of its arguments, or of a list.", (m, args, at) => best(m, args, "MIN", at)),
  builtin("MAX(a…)", "The largest of its arguments, or of a list.", (m, args, at) => best(m, args, "MAX", at)),
  builtin("INT(x)", "The whole part of a number, or the whole number that a text says.", (m, [x = 0], at) => {
    if (typeof x === "string") return readWhole(m, x, at);
    const v = today(m, numberIn(m.precision === 0 ? outlived(m, x, at) : x, "INT", at), at);
    if (v instanceof Float) return wholeOf(BigInt(v.value));
    if (!(v instanceof Decimal)) return isWhole(v) ? v : Math.trunc(v) + 0;
    const size = (v.digits + Math.max(0, v.exponent)) * 3.33;
    foresee(m, size, at);
    m.pay(2 * dividePrice(size, 64) + multiplyPrice(size, size), at);
    const isNegative = v.coefficient < 0n;
    const part = floorDecimal(m.constants, isNegative ? negateDecimal(v) : v);
    return keep(m, isNegative ? -part : part, size, at);
  }),
  builtin("FLOAT(x)", "x as a float, or as a decimal under SETPRECISION; also of a text.", (m, [x = 0], at) => {
    if (typeof x === "string") return readFloat(m, x, at);
    const v = numberIn(x, "FLOAT", at);
    return m.precision > 0 ? toDecimal(m, v, at) : floatOf(toDouble(v, m, at));
  }),
];

function best(m: Machine, args: Value[], what: "MIN" | "MAX", at: number): Value {
  const [only] = args;
  const items = args.length === 1 && only instanceof List ? only.items : args;
  let found = items[0];
  if (found === undefined) return fail("ARGS", at, `${what} of an empty list is nothing.`);
  for (let i = 1; i < items.length; i++) {
    m.pay(1, at);
    const difference = order(m, items[i]!, found, at, what);
    if (what === "MIN" ? difference < 0 : difference > 0) found = items[i]!;
  }
  return found;
}

function combinations(m: Machine, [a = 0, b = 0]: Value[], at: number): Value {
  const n = wholeIn(a, "COMB", at);
  const chosen = wholeIn(b, "COMB", at);
  if (n < 0 || chosen < 0) return fail("DOMAIN", at, "COMB takes wholes of 0 or more.");
  if (chosen > n) return 0;
  const other = BigInt(n) - BigInt(chosen);
  const least = other < BigInt(chosen) ? other : BigInt(chosen);
  const count = Number(least);
  // The result is no less than (n/k)^k.
  const log = typeof n === "number" ? Math.log2(n) : exactBits(n) - 1;
  if (count > 0) foresee(m, count * Math.max(1, log - Math.log2(count)), at);
  let result = 1n;
  let top = BigInt(n) - least;
  const eachBits = m.constants.bitsOf(BigInt(n)) + 1;
  for (let i = 1n; i <= least; i++) {
    const size = m.constants.bitsOf(result) + eachBits;
    foresee(m, size, at);
    m.pay(2 + multiplyPrice(size, eachBits) + addPrice(size), at);
    top += 1n;
    result = (result * top) / i;
  }
  return keep(m, result, m.constants.bitsOf(result), at);
}

function readWhole(m: Machine, text: string, at: number): Value {
  const digits = text.trim();
  if (!/^[+-]?\d+$/.test(digits)) return fail("TYPE", at, "INT of a text takes digits only; FLOAT reads a point.");
  m.pay(textPrice(digits.length * 3.33), at);
  const size = digits.replace(/^[+-]/, "");
  const n = BigInt(size);
  return keep(m, digits.startsWith("-") ? -n : n, size.length * 3.33, at);
}

function readFloat(m: Machine, text: string, at: number): Value {
  const trimmed = text.trim();
  m.pay(textPrice(trimmed.length * 3.33), at);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed)) {
    return fail("TYPE", at, "FLOAT of a text takes a number such as 3.14 or 1e-5.");
  }
  if (m.precision > 0) {
    return parseDecimal(m.constants, trimmed) ?? fail("RANGE", at, "This number is too large for a decimal.");
  }
  const x = Number(trimmed);
  return Number.isFinite(x) ? floatOf(x) : fail("RANGE", at, "This number is too large for a float.");
}
