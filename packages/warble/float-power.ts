import { nearestDouble, scaleDouble, takeApart } from "./float.ts";
import { exactBits } from "./roots.ts";

/**
 * x^n correctly rounded, for a double x that is neither 0 nor 1 in size and an integer n other than 0. V8's own power
 * is wrong in the last digit for some 9 % of such powers (`10 ** -5` prints 0.000009999999999999999). Infinite when too
 * large, 0 when too small.
 *
 * First a product of double-doubles, some 100 ns; where its error bound leaves the rounding open, big numbers.
 */
export function floatPower(x: number, n: number): number {
  const size = Math.abs(x);
  const isNegative = x < 0 && n % 2 !== 0;
  const magnitude = n * Math.log2(size);
  if (magnitude > 1025) return isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (magnitude < -1077) return isNegative ? -0 : 0;
  let power = -1;
  if (size > 1e-290 && size < 1e290 && Math.abs(n) < 2147483648) power = quickPower(size, n, magnitude);
  if (power < 0) power = exactPower(size, n);
  return isNegative ? -power : power;
}

const splitter = 134217729; // 2^27 + 1 (Veltkamp)

/** The power by double-doubles, or -1 where the last digit stays open. */
function quickPower(size: number, n: number, magnitude: number): number {
  if (magnitude < -1020 || magnitude > 1022) return -1;
  let exponent = Math.floor(Math.log2(size));
  let baseHigh = size * 2 ** -exponent;
  let baseLow = 0;
  let high = 1;
  let low = 0;
  let shift = 0;
  for (let left = Math.abs(n); ; ) {
    if ((left & 1) === 1) {
      const product = high * baseHigh;
      const rest = productError(high, baseHigh, product) + (high * baseLow + low * baseHigh);
      high = product + rest;
      low = rest - (high - product);
      shift += exponent;
      if (high >= 2) {
        high *= 0.5;
        low *= 0.5;
        shift++;
      }
    }
    left >>>= 1;
    if (left === 0) break;
    const square = baseHigh * baseHigh;
    const rest = productError(baseHigh, baseHigh, square) + 2 * baseHigh * baseLow;
    baseHigh = square + rest;
    baseLow = rest - (baseHigh - square);
    exponent *= 2;
    if (baseHigh >= 2) {
      baseHigh *= 0.5;
      baseLow *= 0.5;
      exponent++;
    }
  }
  if (n < 0) {
    const quotient = 1 / high;
    const product = quotient * high;
    const rest = (1 - product - productError(quotient, high, product) - quotient * low) / high;
    high = quotient + rest;
    low = rest - (high - quotient);
    shift = -shift;
  }
  const error = high * (Math.abs(n) + 8) * 2 ** -99;
  const near = high + (low + error);
  return near === high + (low - error) ? scaleDouble(near, shift) : -1;
}

/** a · b - product exactly (Dekker). */
function productError(a: number, b: number, product: number): number {
  const aScaled = splitter * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = splitter * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** The power with ever more bits until the rounding is certain. It ends: a long odd power is never halfway. */
function exactPower(size: number, n: number): number {
  const { mantissa, exponent } = takeApart(size);
  const times = Math.abs(n);
  if (times * exactBits(mantissa) < 4096) {
    const power = mantissa ** BigInt(times);
    if (n > 0) return nearestDouble(power, exponent * times, false);
    const bits = exactBits(power) + 66;
    const quotient = (1n << BigInt(bits)) / power;
    return nearestDouble(quotient, -bits - exponent * times, mantissa !== 1n);
  }
  for (let bits = 256; ; bits *= 2) {
    const { low, high, scale } = boundPower(mantissa, exponent, times, bits);
    if (n > 0) {
      const near = nearestDouble(low, scale, true);
      if (near === nearestDouble(high, scale, true)) return near;
    } else {
      const one = 1n << BigInt(2 * bits);
      const near = nearestDouble(one / low, -2 * bits - scale, true);
      if (near === nearestDouble(one / high, -2 * bits - scale, true)) return near;
    }
  }
}

/** Bounds of mantissa^times · 2^(exponent · times): low · 2^scale and high · 2^scale. */
function boundPower(mantissa: bigint, exponent: number, times: number, bits: number) {
  let base = mantissa;
  let baseScale = exponent;
  let power = 1n;
  let scale = 0;
  const cut = (n: bigint): number => Math.max(0, exactBits(n) - bits);
  for (let left = BigInt(times); left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) {
      power *= base;
      const drop = cut(power);
      power >>= BigInt(drop);
      scale += baseScale + drop;
    }
    base *= base;
    const drop = cut(base);
    base >>= BigInt(drop);
    baseScale = 2 * baseScale + drop;
  }
  // Every cut loses less than one part in 2^(bits-1), and a square doubles what was lost: under 4 · times parts in all.
  const slack = (power >> BigInt(bits - 4)) * BigInt(times) + 1n;
  return { low: power, high: power + slack, scale };
}
