import type { Constants } from "./constants.ts";
import {
  addDecimals,
  compareDecimals,
  decimalOf,
  decimalZero,
  divideDecimals,
  fitDecimal,
  magnitudeOf,
  multiplyDecimals,
  negateDecimal,
  rootDecimal,
  stick,
} from "./decimal.ts";
import { fail } from "./errors.ts";
import { fixedAtan, fixedCosSin, fixedExp, fixedLog } from "./fixed.ts";
import type { Machine } from "./machine.ts";
import { dividePrice, piPrice, rootPrice, seriesPrice } from "./price.ts";
import { exactBits } from "./roots.ts";
import { Decimal } from "./values.ts";

/**
 * The functions under SETPRECISION: each takes a decimal and gives `places` right digits (the last is hardly ever one off; ten
 * of them are never shown). They work on binary fixed-point numbers and pay for the bits they use.
 */

const bitsPerDigit = 3.3219280948874;

/** pi. */
export function piDecimal(m: Machine, places: number, at: number): Decimal {
  const bits = bitsFor(places);
  m.pay(piPrice(bits) + dividePrice(bits, 64), at);
  return fromFixed(m.constants, m.constants.pi(bits), bits, places);
}

/** The square root of x >= 0. */
export function sqrtDecimal(m: Machine, x: Decimal, places: number, at: number): Decimal {
  m.pay(12 + rootPrice((2 * places + x.digits) * bitsPerDigit), at);
  return rootDecimal(m.constants, x, places);
}

/** e^x. */
export function expDecimal(m: Machine, x: Decimal, places: number, at: number): Decimal {
  const k = m.constants;
  const magnitude = magnitudeOf(x);
  if (magnitude > 10) {
    if (x.coefficient < 0n) return decimalZero;
    return fail("RANGE", at, "This power of e is too large.");
  }
  if (magnitude < -(places / 2) - 3) return addDecimals(k, decimalOf(k, 1n, 0), x, places); // x² is not seen
  const bits = bitsFor(places) + Math.max(0, magnitude) * 4;
  m.pay(seriesPrice(bits, 2), at);
  const fixed = toFixed(k, x, bits);
  const ten = k.logTen(bits);
  let turns = fixed / ten;
  let rest = fixed - turns * ten;
  if (rest * 2n > ten) {
    rest -= ten;
    turns++;
  } else if (rest * 2n < -ten) {
    rest += ten;
    turns--;
  }
  const near = fromFixed(k, fixedExp(rest, bits), bits, places);
  return new Decimal(near.coefficient, near.exponent + Number(turns), near.digits);
}

/** The natural logarithm of x > 0. */
export function logDecimal(m: Machine, x: Decimal, places: number, at: number): Decimal {
  const k = m.constants;
  const over = addDecimals(k, x, decimalOf(k, -1n, 0), places + x.digits + 2);
  if (over.coefficient === 0n) return decimalZero;
  if (magnitudeOf(over) < -(places / 2) - 3) {
    const near = fitDecimal(k, over, places + 4);
    const square = multiplyDecimals(k, near, near, places + 2);
    const half = multiplyDecimals(k, square, new Decimal(-5n, -1, 1), places + 2);
    return addDecimals(k, over, half, places);
  }
  const power = magnitudeOf(x);
  const mantissa = new Decimal(x.coefficient, x.exponent - power, x.digits); // 1…9.99
  const lost = String(power).length * 4;
  return converge(m, places, 5 * lost, lost, at, 5, (bits) => {
    return fixedLog(toFixed(k, mantissa, bits), bits) + BigInt(power) * k.logTen(bits);
  });
}

/** Sine, cosine or tangent of x. */
export function turnDecimal(m: Machine, what: "SIN" | "COS" | "TAN", x: Decimal, places: number, at: number): Decimal {
  const k = m.constants;
  const magnitude = magnitudeOf(x);
  if (x.coefficient === 0n) return what === "COS" ? decimalOf(k, 1n, 0) : decimalZero;
  if (magnitude < -(places / 2) - 3) return what === "COS" ? decimalOf(k, 1n, 0) : fitDecimal(k, x, places); // nor x³
  // Far from 0 the turns that are taken off cost as many digits of pi; near it the sine needs its zeros twice.
  const lost = magnitude > 0 ? magnitude * bitsPerDigit + 4 : 4;
  return converge(m, places, magnitude > 0 ? lost + 32 : -magnitude * 7, lost, at, 3, (bits) => {
    const quarter = k.pi(bits) >> 1n;
    const fixed = toFixed(k, x, bits);
    let turns = fixed / quarter;
    let rest = fixed - turns * quarter;
    if (rest * 2n > quarter) {
      rest -= quarter;
      turns++;
    } else if (rest * 2n < -quarter) {
      rest += quarter;
      turns--;
    }
    const { cos, sin } = fixedCosSin(rest, bits);
    const side = Number(((turns % 4n) + 4n) % 4n);
    const sine = [sin, cos, -sin, -cos][side]!;
    const cosine = [cos, -sin, -cos, sin][side]!;
    if (what === "SIN") return sine;
    if (what === "COS") return cosine;
    return cosine === 0n ? 0n : (sine << BigInt(bits)) / cosine;
  });
}

/** The angle of the point (x, y), from -pi to pi; 0 for the origin. */
export function atan2Decimal(m: Machine, y: Decimal, x: Decimal, places: number, at: number): Decimal {
  const k = m.constants;
  if (y.coefficient === 0n && x.coefficient >= 0n) return decimalZero;
  const pi = () => piDecimal(m, places + 4, at);
  if (x.coefficient === 0n) {
    const half = multiplyDecimals(k, pi(), new Decimal(5n, -1, 1), places);
    return y.coefficient < 0n ? negateDecimal(half) : half;
  }
  m.pay(12 + dividePrice((places + x.digits) * bitsPerDigit, x.digits * bitsPerDigit), at);
  const slope = divideDecimals(k, y, x, places + 8);
  const angle = atanDecimal(m, slope, places + 4, at);
  if (x.coefficient > 0n) return fitDecimal(k, angle, places);
  return addDecimals(k, angle, y.coefficient < 0n ? negateDecimal(pi()) : pi(), places);
}

/** The arc tangent of x. */
export function atanDecimal(m: Machine, x: Decimal, places: number, at: number): Decimal {
  const k = m.constants;
  const magnitude = magnitudeOf(x);
  if (x.coefficient === 0n) return decimalZero;
  if (magnitude < -(places / 2) - 3) return fitDecimal(k, x, places);
  if (magnitude >= 0) {
    // atan x = pi/2 - atan 1/x: both of its parts are of the size of the result.
    const one = decimalOf(k, x.coefficient < 0n ? -1n : 1n, 0);
    const isOne = compareDecimals(k, x, one) === 0;
    const part = multiplyDecimals(
      k,
      piDecimal(m, places + 4, at),
      isOne ? new Decimal(25n, -2, 2) : new Decimal(5n, -1, 1),
      places + 4,
    );
    const angle = x.coefficient < 0n ? negateDecimal(part) : part;
    if (isOne) return fitDecimal(k, angle, places);
    const under = atanDecimal(m, divideDecimals(k, decimalOf(k, 1n, 0), x, places + 8), places + 4, at);
    return addDecimals(k, angle, negateDecimal(under), places);
  }
  return converge(m, places, -magnitude * 7, 4, at, 5, (bits) => fixedAtan(toFixed(k, x, bits), bits));
}

/** The arc sine of x, |x| <= 1. */
export function asinDecimal(m: Machine, x: Decimal, places: number, at: number): Decimal {
  const k = m.constants;
  if (magnitudeOf(x) < -(places / 2) - 3) return fitDecimal(k, x, places); // x³ is not seen
  const one = decimalOf(k, 1n, 0);
  const exact = x.digits + Math.abs(magnitudeOf(x)) + places + 8;
  // Exact first, since 1-x may be short; then no longer than it must be.
  const below = fitDecimal(k, addDecimals(k, one, negateDecimal(x), exact), 2 * places);
  const above = fitDecimal(k, addDecimals(k, one, x, exact), 2 * places);
  const other = sqrtDecimal(m, multiplyDecimals(k, below, above, 2 * places), places + 8, at);
  return atan2Decimal(m, x, other, places, at);
}

/** The arc cosine of x, |x| <= 1. */
export function acosDecimal(m: Machine, x: Decimal, places: number, at: number): Decimal {
  const k = m.constants;
  if (magnitudeOf(x) < -(places / 2) - 3) {
    const half = multiplyDecimals(k, piDecimal(m, places + 4, at), new Decimal(5n, -1, 1), places + 4);
    return addDecimals(k, half, negateDecimal(x), places);
  }
  const one = decimalOf(k, 1n, 0);
  const exact = x.digits + Math.abs(magnitudeOf(x)) + places + 8;
  const below = sqrtDecimal(m, addDecimals(k, one, negateDecimal(x), exact), places + 8, at);
  const above = sqrtDecimal(m, addDecimals(k, one, x, exact), places + 8, at);
  return multiplyDecimals(k, atan2Decimal(m, below, above, places + 4, at), decimalOf(k, 2n, 0), places);
}

function bitsFor(places: number): number {
  return Math.ceil(places * bitsPerDigit) + 48;
}

/**
 * Evaluate with more bits until enough of them are right: `lost` are wrong at the end from the start; a result with
 * zeros in front lost as many again on its way, and one far above 1 came from a divisor with zeros.
 */
function converge(
  m: Machine,
  places: number,
  extra: number,
  lost: number,
  at: number,
  times: number,
  evaluate: (bits: number) => bigint,
): Decimal {
  const needed = Math.ceil(places * bitsPerDigit) + 16;
  let bits = bitsFor(places) + Math.ceil(extra);
  for (;;) {
    m.pay(seriesPrice(bits, times) + piPrice(bits), at);
    const value = evaluate(bits);
    const zeros = bits - exactBits(value);
    const missing = needed - (bits - zeros - lost - (zeros > 0 ? zeros : -3 * zeros));
    if (missing <= 0) return fromFixed(m.constants, value, bits, places);
    bits += Math.ceil(missing) + 32;
  }
}

function toFixed(k: Constants, x: Decimal, bits: number): bigint {
  if (x.exponent >= 0) return (x.coefficient * k.ten(x.exponent)) << BigInt(bits);
  return (x.coefficient << BigInt(bits)) / k.ten(-x.exponent);
}

function fromFixed(k: Constants, value: bigint, bits: number, places: number): Decimal {
  const magnitude = Math.floor((exactBits(value) - bits) / bitsPerDigit);
  const shift = places + 2 - magnitude;
  const size = value < 0n ? -value : value;
  const scaled = shift >= 0 ? size * k.ten(shift) : size / k.ten(-shift);
  // Cut, not rounded: what follows 5 is still to be seen when it is rounded to its places.
  const digits = stick(scaled >> BigInt(bits));
  return fitDecimal(k, decimalOf(k, value < 0n ? -digits : digits, -shift), places);
}
