import { inexact, keepDecimal, negate, outlived, places, toDecimal, today, toFloat } from "../arithmetic.ts";
import type { Constants } from "../constants.ts";
import { floorDecimal, magnitudeOf, negateDecimal, roundDecimal } from "../decimal.ts";
import {
  acosDecimal,
  asinDecimal,
  atan2Decimal,
  atanDecimal,
  expDecimal,
  logDecimal,
  piDecimal,
  sqrtDecimal,
  turnDecimal,
} from "../decimal-functions.ts";
import { toDouble } from "../doubles.ts";
import { fail } from "../errors.ts";
import { roundToPlaces, roundToWhole } from "../float.ts";
import { atan2Float, atanFloat, expFloat, inverseFloat, logFloat, logWhole, turnFloat } from "../float-functions.ts";
import type { Machine } from "../machine.ts";
import { dividePrice, longPrice, multiplyPrice } from "../price.ts";
import { Decimal, Float, isWhole, type Value, wholeOf } from "../values.ts";
import { type Builtin, builtin, numberIn, wholeIn } from "./builtin.ts";

// Rounding and roots cost some hundred nanoseconds, the other functions of floats some microseconds.
const functionSteps = 5;
const realSteps = 160;
// To some places, and to places so far away that only big numbers find them.
const quickRoundSteps = 24;
const longRoundSteps = 120;

const functions: readonly Builtin[] = [
  builtin("ABS(x)", "The size of x without its sign; keeps the kind.", (m, [x = 0], at) => {
    const v = today(m, numberIn(x, "ABS", at), at);
    if (v instanceof Float) return v.value < 0 || Object.is(v.value, -0) ? negate(m, v, at) : v;
    if (v instanceof Decimal) return v.coefficient < 0n ? negate(m, v, at) : v;
    return v < 0 ? negate(m, v, at) : v;
  }),
  builtin("ROUND(x[,d])", "x to the nearest whole, or to d decimals, half to even.", (m, args, at) =>
    round(m, args, at),
  ),
  builtin("FLOOR(x)", "The largest whole number not above x.", (m, [x = 0], at) => floor(m, x, 1, "FLOOR", at)),
  builtin("CEIL(x)", "The smallest whole number not below x.", (m, [x = 0], at) => floor(m, x, -1, "CEIL", at)),
  builtin("SQRT(x)", "The square root of x.", (m, [x = 0], at) => {
    const v = numberIn(x, "SQRT", at);
    if (v instanceof Decimal ? v.coefficient < 0n : v instanceof Float ? v.value < 0 : v < 0) {
      return fail("DOMAIN", at, "A negative number has no real square root.");
    }
    if (m.precision > 0) return sqrtDecimal(m, toDecimal(m, v, at), places(m), at);
    return inexact(m, Math.sqrt(toDouble(v, m, at)), at);
  }),
  builtin("EXP(x)", "e to the power of x.", (m, [x = 0], at) => {
    const v = numberIn(x, "EXP", at);
    if (m.precision > 0) return keepDecimal(m, expDecimal(m, toDecimal(m, v, at), places(m), at), at);
    return real(m, at, (k) => expFloat(k, toDouble(v, m, at)));
  }),
  builtin("LN(x)", "The natural logarithm of x.", (m, [x = 0], at) => logarithm(m, x, at)),
  angle("SIN", "The sine of x radians."),
  angle("COS", "The cosine of x radians."),
  angle("TAN", "The tangent of x radians."),
  inverse("ASIN", "The angle whose sine is x.", asinDecimal),
  inverse("ACOS", "The angle whose cosine is x.", acosDecimal),
  builtin("ATAN(x)", "The angle whose tangent is x.", (m, [x = 0], at) => {
    const v = numberIn(x, "ATAN", at);
    if (m.precision > 0) return atanDecimal(m, toDecimal(m, v, at), places(m), at);
    return real(m, at, (k) => atanFloat(k, toDouble(v, m, at)));
  }),
  builtin("ATAN2(y,x)", "The angle of the point (x,y), from -pi to pi.", (m, [y = 0, x = 0], at) => {
    const a = numberIn(y, "ATAN2", at);
    const b = numberIn(x, "ATAN2", at);
    if (m.precision > 0) return atan2Decimal(m, toDecimal(m, a, at), toDecimal(m, b, at), places(m), at);
    return real(m, at, (k) => atan2Float(k, toDouble(a, m, at), toDouble(b, m, at)));
  }),
  builtin("PI()", "pi, to the precision that is set; written PI without brackets, too.", (m, _, at) => pi(m, at)),
];

/** Rounding, roots, logarithms and angles. */
export const mathematics: readonly Builtin[] = functions.map((entry) => ({
  ...entry,
  run: (m, args, at) => {
    m.pay(functionSteps, at);
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!;
      if (!(arg instanceof Decimal)) continue;
      if (m.precision === 0) args[i] = outlived(m, arg, at);
      else m.pay(longPrice(arg.digits, places(m)), at);
    }
    return entry.run(m, args, at);
  },
}));

/** pi as a float, or as a decimal under SETPRECISION. */
export function pi(m: Machine, at: number): Value {
  return m.precision > 0 ? piDecimal(m, places(m), at) : Math.PI;
}

function angle(name: "SIN" | "COS" | "TAN", summary: string): Builtin {
  return builtin(`${name}(x)`, summary, (m, [x = 0], at) => {
    const v = numberIn(x, name, at);
    if (m.precision > 0) return keepDecimal(m, turnDecimal(m, name, toDecimal(m, v, at), places(m), at), at);
    return real(m, at, (k) => turnFloat(k, name, toDouble(v, m, at)));
  });
}

function inverse(
  name: "ASIN" | "ACOS",
  summary: string,
  decimal: (m: Machine, x: Decimal, places: number, at: number) => Decimal,
): Builtin {
  return builtin(`${name}(x)`, summary, (m, [x = 0], at) => {
    const v = numberIn(x, name, at);
    const size = Math.abs(v instanceof Decimal ? sizeOf(m.constants, v) : v instanceof Float ? v.value : Number(v));
    if (size > 1) return fail("DOMAIN", at, `${name} takes a number from -1 to 1.`);
    if (m.precision > 0) return decimal(m, toDecimal(m, v, at), places(m), at);
    return real(m, at, (k) => inverseFloat(k, name, toDouble(v, m, at)));
  });
}

/** 0, 1 or 2 as the decimal's size is below, at or above 1. */
function sizeOf(k: Constants, v: Decimal): number {
  if (magnitudeOf(v) !== 0) return magnitudeOf(v) < 0 ? 0 : 2;
  const unit = k.ten(v.digits - 1);
  const size = v.coefficient < 0n ? -v.coefficient : v.coefficient;
  return size === unit ? 1 : 2;
}

function logarithm(m: Machine, x: Value, at: number): Value {
  const v = numberIn(x, "LN", at);
  if (v instanceof Decimal ? v.coefficient <= 0n : v instanceof Float ? v.value <= 0 : v <= 0) {
    return fail("DOMAIN", at, "Only numbers above 0 have a real logarithm.");
  }
  if (m.precision > 0) return logDecimal(m, toDecimal(m, v, at), places(m), at);
  if (typeof v === "bigint") m.pay(dividePrice(m.constants.bitsOf(v) * 8, 64), at);
  return real(m, at, (k) => (typeof v === "bigint" ? logWhole(k, v) : logFloat(k, toDouble(v, m, at))));
}

/** A correctly rounded function of floats, paid for. */
function real(m: Machine, at: number, find: (k: Constants) => number): Value {
  m.pay(realSteps, at);
  return inexact(m, find(m.constants), at);
}

function floor(m: Machine, x: Value, sign: 1 | -1, what: string, at: number): Value {
  const v = today(m, numberIn(x, what, at), at);
  if (v instanceof Float) return wholeOf(BigInt(v.value));
  if (v instanceof Decimal) {
    payShift(m, v, 0, at);
    const found = floorDecimal(m.constants, sign === 1 ? v : negateDecimal(v));
    return wholeOf(sign === 1 ? found : -found);
  }
  if (isWhole(v)) return v;
  return (sign === 1 ? Math.floor(v) : Math.ceil(v)) + 0;
}

function round(m: Machine, [x = 0, d]: Value[], at: number): Value {
  const v = today(m, numberIn(x, "ROUND", at), at);
  if (d === undefined) {
    if (v instanceof Float) return wholeOf(BigInt(v.value));
    if (v instanceof Decimal) {
      payShift(m, v, 0, at);
      return wholeOf(floorDecimal(m.constants, roundDecimal(m.constants, v, 0)));
    }
    return isWhole(v) ? v : roundToWhole(v);
  }
  const digits = Number(wholeIn(d, "The second number of ROUND", at));
  const count = Math.max(-2e9, Math.min(2e9, digits));
  if (v instanceof Decimal) {
    payShift(m, v, count, at);
    return roundDecimal(m.constants, v, count);
  }
  if (isWhole(v)) return count >= 0 ? v : roundWhole(m, BigInt(v), -count, at);
  const float = v instanceof Float ? v.value : v;
  m.pay(count >= 0 && count < 50 && Math.abs(float) < 1e20 ? quickRoundSteps : longRoundSteps, at);
  return toFloat(roundToPlaces(float, count), at);
}

function roundWhole(m: Machine, n: bigint, drop: number, at: number): Value {
  const size = m.constants.bitsOf(n);
  if (drop > size * 0.31 + 2) return 0;
  m.pay(dividePrice(size, 64) + dividePrice(size, drop * 3.33) + multiplyPrice(size, size), at);
  const decimal = toDecimal(m, n, at);
  return wholeOf(floorDecimal(m.constants, roundDecimal(m.constants, decimal, -drop)));
}

/** Pay for shifting the point of a decimal, and end the program where a whole number would be too long. */
function payShift(m: Machine, v: Decimal, count: number, at: number): void {
  const size = (v.digits + Math.max(0, v.exponent)) * 3.33;
  if (v.exponent > 0 && size > m.limits.wholeBits) {
    fail("MEMORY", at, "This decimal is too large to be a whole number.");
  }
  m.pay(4 + 2 * dividePrice(size, Math.max(64, Math.min(size, -(v.exponent + count) * 3.33))), at);
}
