import { exactBits } from "./roots.ts";
import { Float } from "./values.ts";

/** Floats as Python has them: printing, exact rounding, floor division. Nothing here knows of a program. */

/** The value of a finite double: boxed when it is an integer. */
export function floatOf(x: number): number | Float {
  return Number.isInteger(x) ? new Float(x) : x;
}

/** The shortest digits that read back the same, in Python's look. */
export function printFloat(x: number): string {
  const size = Math.abs(x);
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(x) ? `${x}.0` : String(x);
  if (x === 0) return Object.is(x, -0) ? "-0.0" : "0.0";
  const text = x.toExponential();
  const at = text.indexOf("e") + 2;
  return text.length - at < 2 ? `${text.slice(0, at)}0${text.slice(at)}` : text;
}

/** A positive double as an odd (or zero) mantissa and a power of two. */
export function takeApart(x: number): { readonly mantissa: bigint; readonly exponent: number } {
  let exponent = 0;
  let scaled = x;
  while (!Number.isInteger(scaled)) {
    scaled *= 4294967296; // exact: only the exponent moves
    exponent -= 32;
  }
  let mantissa = BigInt(scaled);
  while (mantissa !== 0n && (mantissa & 0xffffn) === 0n) {
    mantissa >>= 16n;
    exponent += 16;
  }
  while (mantissa !== 0n && (mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  return { mantissa, exponent };
}

/** x · 2^exponent, where the result is exact or out of range. */
export function scaleDouble(x: number, exponent: number): number {
  // In two halves: each factor is in range, and only the second can leave the normal numbers.
  const half = exponent >> 1;
  return x * 2 ** half * 2 ** (exponent - half);
}

/**
 * The double nearest to n · 2^exponent, n > 0, half to even; infinite beyond the largest. When `sticky`, a little more
 * than that is meant, and n must have 60 bits or more.
 */
export function nearestDouble(n: bigint, exponent: number, sticky: boolean): number {
  const bits = exactBits(n);
  if (bits + exponent > 1025) return Number.POSITIVE_INFINITY;
  const drop = Math.max(bits - 53, -1074 - exponent, 0);
  if (drop === 0) return scaleDouble(Number(n), exponent);
  if (drop > bits + 1) return 0;
  const shift = BigInt(drop);
  let kept = n >> shift;
  const rest = n - (kept << shift);
  const half = 1n << (shift - 1n);
  if (rest > half || (rest === half && (sticky || (kept & 1n) === 1n))) kept++;
  // Scaling may enter the subnormals: it is exact since the digits were cut for it above.
  return scaleDouble(Number(kept), exponent + drop);
}

/** a / b correctly rounded, of whole numbers of any size; b is not 0; infinite when too large. */
export function divideToDouble(a: bigint, b: bigint): number {
  if (a === 0n) return b < 0n ? -0 : 0;
  const isNegative = a < 0n !== b < 0n;
  const top = a < 0n ? -a : a;
  const bottom = b < 0n ? -b : b;
  const shift = 66 + exactBits(bottom) - exactBits(top);
  const scaledTop = shift > 0 ? top << BigInt(shift) : top;
  const scaledBottom = shift < 0 ? bottom << BigInt(-shift) : bottom;
  const quotient = scaledTop / scaledBottom;
  const x = nearestDouble(quotient, -shift, quotient * scaledBottom !== scaledTop);
  return isNegative ? -x : x;
}

/** Python's `x // y` of floats; y is not 0. */
export function floorDivideFloats(x: number, y: number): number {
  let rest = x % y;
  let quotient = (x - rest) / y;
  if (rest !== 0 && y < 0 !== rest < 0) {
    rest += y;
    quotient -= 1;
  }
  if (quotient === 0) return Object.is(x / y, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/**
 * What a remainder or floor division of floats costs beyond its call, in steps: the engine shifts and subtracts, bit by
 * bit, through all that lies between the two exponents.
 */
export function remainderPrice(x: number, y: number): number {
  const size = Math.abs(x / y);
  return size < 2 ** 64 ? 0 : Math.min(16, Math.floor(Math.log2(size) / 64));
}

/** Python's `x % y` of floats: the sign is that of y, which is not 0. */
export function moduloFloats(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return y < 0 !== rest < 0 ? rest + y : rest;
}

/** The whole number nearest to x, which is none itself, half to even. */
export function roundToWhole(x: number): number {
  const floor = Math.floor(x);
  const over = x - floor;
  return (over > 0.5 || (over === 0.5 && floor % 2 !== 0) ? floor + 1 : floor) + 0;
}

/** x rounded to `places` decimal digits, half to even on its exact binary value; infinite when too large. */
export function roundToPlaces(x: number, places: number): number {
  if (x === 0 || places > 330) return x;
  // Only a multiple of 2^-(places+1) can lie halfway; everything else toFixed, which is exact, rounds right.
  if (places >= 0 && places < 50 && Math.abs(x) < 1e20 && !Number.isInteger(x * 2 ** (places + 1))) {
    return Number(x.toFixed(places));
  }
  if (places < -310) return x < 0 ? -0 : 0;
  const { mantissa, exponent } = takeApart(Math.abs(x));
  let top = mantissa;
  let bottom = 1n;
  if (exponent > 0) top <<= BigInt(exponent);
  else bottom <<= BigInt(-exponent);
  const power = 10n ** BigInt(Math.abs(places));
  if (places > 0) top *= power;
  else bottom *= power;
  let quotient = top / bottom;
  const twice = 2n * (top - quotient * bottom);
  if (twice > bottom || (twice === bottom && (quotient & 1n) === 1n)) quotient++;
  const near = places > 0 ? divideToDouble(quotient, power) : divideToDouble(quotient * power, 1n);
  return x < 0 ? -near : near;
}
