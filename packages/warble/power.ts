import { failZero, foresee, inexact, keep, keepDecimal, places, toDecimal, toFloat } from "./arithmetic.ts";
import { decimalOf, decimalZero, divideDecimals, magnitudeOf, multiplyDecimals } from "./decimal.ts";
import { expDecimal, logDecimal } from "./decimal-functions.ts";
import { toDouble } from "./doubles.ts";
import { fail } from "./errors.ts";
import { powerFloat } from "./float-functions.ts";
import { floatPower } from "./float-power.ts";
import type { Machine } from "./machine.ts";
import { addPrice, dividePrice, longPrice, multiplyPrice, powerPrice } from "./price.ts";
import { exactBits } from "./roots.ts";
import { type Decimal, isNumber, isWhole, kindOf, mostSmall, type Value, wholeOf } from "./values.ts";

/** a ^ b (SPEC section 4). */
export function power(m: Machine, a: Value, b: Value, at: number): Value {
  if (!isNumber(a) || !isNumber(b)) return fail("TYPE", at, `^ takes numbers, not ${kindOf(isNumber(a) ? b : a)}.`);
  if (isWhole(a) && isWhole(b) && b >= 0) return wholePower(m, a, b, at);
  if (m.precision > 0) return decimalPower(m, toDecimal(m, a, at), toDecimal(m, b, at), at);
  const x = toDouble(a, m, at);
  const y = toDouble(b, m, at);
  m.pay(floatPowerPrice(x, y), at);
  return toFloat(powerOfDoubles(m, x, y, at), at);
}

/** a^b of wholes below 2^53, b >= 0; NaN where it is not below 2^53 itself and so costs more. */
export function powerOfSmall(a: number, b: number): number {
  const quick = smallPower(a, b);
  if (quick !== 0) return quick;
  if (b === 0 || a === 1) return 1;
  if (a === 0) return 0;
  return a === -1 ? (b % 2 === 0 ? 1 : -1) : Number.NaN;
}

/** What a power of floats costs: little by double-doubles, more where only big numbers round right. */
export function floatPowerPrice(x: number, y: number): number {
  if (!Number.isInteger(y)) return 600;
  const times = Math.abs(y);
  if (times >= 2147483648) return 1500;
  return times * Math.abs(Math.log2(Math.abs(x))) > 900 ? 250 : 8 + Math.floor(Math.log2(times + 1));
}

function wholePower(m: Machine, a: number | bigint, b: number | bigint, at: number): Value {
  if (typeof a === "number" && typeof b === "number") {
    const small = powerOfSmall(a, b);
    if (!Number.isNaN(small)) return small;
  }
  if (b === 0 || a === 1) return 1;
  if (a === 0) return 0;
  if (a === -1) return BigInt(b) % 2n === 0n ? 1 : -1;
  const base = BigInt(a);
  if (typeof a === "bigint") m.pay(addPrice(m.constants.bitsOf(a) * 4), at);
  const each = typeof a === "number" ? Math.log2(Math.abs(a)) : exactBits(a);
  const size = Math.ceil(each * Number(b)) + 1;
  foresee(m, size, at);
  m.pay(powerPrice(size), at);
  return keep(m, base ** BigInt(b), size, at);
}

/** a^b while it and its squares stay below 2^53, else 0. */
function smallPower(a: number, b: number): number {
  if (b > 52) return 0;
  let base = a;
  let result = 1;
  for (let left = b; ; ) {
    if ((left & 1) === 1) result *= base;
    left >>= 1;
    if (left === 0) break;
    base *= base;
    if (base > mostSmall) return 0;
  }
  return Math.abs(result) <= mostSmall ? result : 0;
}

/** x^y of doubles, correctly rounded. @throws Failure DIV0 or DOMAIN. */
export function powerOfDoubles(m: Machine, x: number, y: number, at: number): number {
  if (y === 0 || x === 1) return 1;
  if (x === 0) return y < 0 ? failZero(at) : y % 2 === 0 || !Number.isInteger(y) ? 0 : x;
  if (Number.isInteger(y)) return x === -1 ? (y % 2 === 0 ? 1 : -1) : floatPower(x, y);
  if (x < 0) return failNegative(at);
  return powerFloat(m.constants, x, y);
}

function failNegative(at: number): never {
  return fail("DOMAIN", at, "A negative number has no real power with a fraction.");
}

function decimalPower(m: Machine, x: Decimal, y: Decimal, at: number): Value {
  if (y.coefficient === 0n) return inexact(m, 1, at);
  if (x.coefficient === 0n) return y.coefficient < 0n ? failZero(at) : decimalZero;
  m.pay(longPrice(x.digits, places(m)) + longPrice(y.digits, places(m)), at);
  const whole = wholeExponent(m, y);
  const most = places(m);
  if (whole === null) {
    if (x.coefficient < 0n) return failNegative(at);
    const extra = Math.max(0, magnitudeOf(y)) + 12;
    if (extra > 24) {
      // ln x is far from 0 unless x is 1: such a power is nothing or beyond everything.
      if (magnitudeOf(x) !== 0 && magnitudeOf(x) !== -1)
        return beyond(m, magnitudeOf(x) < 0 !== y.coefficient < 0n, at);
      if (extra > 1000) return fail("RANGE", at, "This exponent is too large.");
    }
    const log = logDecimal(m, x, most + extra, at);
    m.pay(multiplyPrice(log.digits * 3.33, y.digits * 3.33), at);
    return keepDecimal(m, expDecimal(m, multiplyDecimals(m.constants, log, y, most + extra), most, at), at);
  }
  const times = Math.abs(whole);
  const reach = magnitudeOf(x) * times;
  if (Math.abs(reach) > 1.1e9 + times) return beyond(m, reach < 0 !== whole < 0, at);
  const digits = most + String(times).length + 3;
  let base = x;
  let result = decimalOf(m.constants, 1n, 0);
  for (let left = times; ; ) {
    // The first product is of the base as it was given, however long.
    const size = Math.max(digits, base.digits) * 3.33;
    m.pay(12 + 2 * (multiplyPrice(size, size) + dividePrice(2 * size, size)), at);
    if (left % 2 === 1) result = multiplyDecimals(m.constants, result, base, digits);
    left = Math.floor(left / 2);
    if (left === 0) break;
    base = multiplyDecimals(m.constants, base, base, digits);
    if (Math.abs(magnitudeOf(base)) > 4e9) return beyond(m, magnitudeOf(base) < 0 !== whole < 0, at);
  }
  if (whole > 0) return keepDecimal(m, multiplyDecimals(m.constants, result, decimalOf(m.constants, 1n, 0), most), at);
  return keepDecimal(m, divideDecimals(m.constants, decimalOf(m.constants, 1n, 0), result, most), at);
}

function beyond(m: Machine, isSmall: boolean, at: number): Value {
  return isSmall ? decimalZero : fail("RANGE", at, `This power is too large for a decimal of ${m.precision} digits.`);
}

function wholeExponent(m: Machine, y: Decimal): number | null {
  const magnitude = magnitudeOf(y);
  if (magnitude < 0 || magnitude > 15) return null;
  if (y.exponent >= 0) return Number(y.coefficient * m.constants.ten(y.exponent));
  const unit = m.constants.ten(-y.exponent);
  return y.coefficient % unit === 0n ? Number(y.coefficient / unit) : null;
}

/** b^e modulo n, for whole numbers with e >= 0. */
export function modularPower(m: Machine, b: bigint, e: bigint, n: bigint, at: number): Value {
  if (n === 0n) return failZero(at);
  if (e < 0n) return fail("DOMAIN", at, "POW(a,b,m) takes an exponent of 0 or more.");
  const size = m.constants.bitsOf(n);
  const turn = multiplyPrice(size, size) + dividePrice(2 * size, size);
  m.pay(dividePrice(m.constants.bitsOf(b), size), at);
  let base = b % n;
  let result = 1n % n;
  const exponentBits = e.toString(2);
  for (let i = exponentBits.length - 1; i >= 0; i--) {
    m.pay(2 * turn, at);
    if (exponentBits.charCodeAt(i) === 49) result = (result * base) % n;
    if (i > 0) base = (base * base) % n;
  }
  return wholeOf(result !== 0n && result < 0n !== n < 0n ? result + n : result);
}
