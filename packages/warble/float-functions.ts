import type { Constants } from "./constants.ts";
import { floorDivide } from "./decimal.ts";
import { fixedAtan, fixedCosSin, fixedExp, fixedLog } from "./fixed.ts";
import { nearestDouble, takeApart } from "./float.ts";
import { floatPower } from "./float-power.ts";
import { exactBits, wholeRoot } from "./roots.ts";

/**
 * The functions of floats, correctly rounded: the nearest float to the true value, as good C libraries (and so Python)
 * give it in all but a few cases in ten thousand. JavaScript engines differ from that, and from each other, in the
 * last digit of some 3 to 20 % of results, and two boards or browsers must find the same. Here each value is found
 * with so many bits that its rounding is certain.
 */

/** The sine, cosine or tangent of a finite x. */
export function turnFloat(k: Constants, what: "SIN" | "COS" | "TAN", x: number): number {
  const size = Math.abs(x);
  if (size < tiny) return what === "COS" ? 1 : x;
  const parts = takeApart(size);
  const value = certain(24, (bits) => fixedTurn(k, what, parts, bits, false));
  return x < 0 && what !== "COS" ? -value : value;
}

/** e^x; infinite when too large. */
export function expFloat(k: Constants, x: number): number {
  if (x === 0 || Math.abs(x) < 2 ** -54) return 1;
  if (x > 710) return Number.POSITIVE_INFINITY;
  if (x < -746) return 0;
  return expOf(k, (bits) => fixedOf(x, bits));
}

/** The natural logarithm of x > 0. */
export function logFloat(k: Constants, x: number): number {
  if (x === 1) return 0;
  return certain(24, (bits) => logOf(k, x, bits));
}

/** The natural logarithm of a whole number n > 1 of any size. */
export function logWhole(k: Constants, n: bigint): number {
  const shift = Math.max(0, exactBits(n) - 2048);
  const mantissa = n >> BigInt(shift);
  return certain(40, (bits) => logOfParts(k, mantissa, shift, bits));
}

/** x^y for x > 0 other than 1, and any y. */
export function powerFloat(k: Constants, x: number, y: number): number {
  // Where a root is exact the power may be, too; no number of bits would show that.
  let base = x;
  let exponent = y;
  while (!Number.isInteger(exponent)) {
    const root = Math.sqrt(base);
    if (!isExactRoot(root, base)) break;
    base = root;
    exponent *= 2;
  }
  if (Number.isInteger(exponent)) return floatPower(base, exponent);
  const magnitude = y * Math.log(x);
  if (magnitude > 711) return Number.POSITIVE_INFINITY;
  if (magnitude < -747) return 0;
  if (Math.abs(magnitude) < 2 ** -56) return 1;
  const { mantissa, exponent: power } = takeApart(Math.abs(y));
  const extra = Math.max(0, exactBits(mantissa) + power) + 8;
  return expOf(k, (bits) => {
    const product = shifted(logOf(k, x, bits + extra) * mantissa, power - extra);
    return y < 0 ? -product : product;
  });
}

/** The angle whose tangent is x. */
export function atanFloat(k: Constants, x: number): number {
  return Math.abs(x) < tiny ? x : atan2Float(k, x, 1);
}

/** The angle of the point (x, y), from -pi to pi; zeros keep their signs as IEEE has it. */
export function atan2Float(k: Constants, y: number, x: number): number {
  if (y === 0 || x === 0) return Math.atan2(y, x);
  const [up, right] = [Math.abs(y), Math.abs(x)];
  const ratio = up / right;
  if (x > 0 && ratio < 2 ** -60) return y / x;
  const a = takeApart(up);
  const b = takeApart(right);
  const apart = exactBits(a.mantissa) + a.exponent - exactBits(b.mantissa) - b.exponent;
  const angle = certain(40, (bits) => {
    // Far apart the angle is an end of its range, to more digits than can be asked for.
    const shift = a.exponent - b.exponent;
    let value: bigint;
    if (apart > 400 || apart < -400) value = apart > 0 ? k.pi(bits) >> 1n : 0n;
    else if (ratio <= 1) value = fixedAtan(quotient(a.mantissa, b.mantissa, shift + bits), bits);
    else value = (k.pi(bits) >> 1n) - fixedAtan(quotient(b.mantissa, a.mantissa, bits - shift), bits);
    return x < 0 ? k.pi(bits) - value : value;
  });
  return y < 0 ? -angle : angle;
}

/** The angle whose sine or cosine is x, |x| <= 1. */
export function inverseFloat(k: Constants, what: "ASIN" | "ACOS", x: number): number {
  const size = Math.abs(x);
  if (what === "ASIN" && size < tiny) return x;
  if (what === "ACOS" && x === 1) return 0;
  const value = certain(40, (bits) => {
    const sine = fixedOf(size, bits);
    const cosine = wholeRoot((1n << BigInt(2 * bits)) - sine * sine);
    const shift = BigInt(bits);
    const half = k.pi(bits) >> 1n;
    const angle =
      sine <= cosine ? fixedAtan((sine << shift) / cosine, bits) : half - fixedAtan((cosine << shift) / sine, bits);
    if (what === "ASIN") return angle;
    return x < 0 ? half + angle : half - angle;
  });
  return what === "ASIN" && x < 0 ? -value : value;
}

function fixedTurn(
  k: Constants,
  what: "SIN" | "COS" | "TAN",
  x: { readonly mantissa: bigint; readonly exponent: number },
  bits: number,
  isWide: boolean,
): bigint {
  // Whole turns cost as many bits of pi as the number has before its point.
  const wide = bits + Math.max(0, exactBits(x.mantissa) + x.exponent) + 8;
  const quarter = k.pi(wide) >> 1n;
  const fixed = shifted(x.mantissa, x.exponent + wide);
  const turns = (fixed * 2n + quarter) / (quarter * 2n);
  const rest = (fixed - turns * quarter) >> BigInt(wide - bits);
  const zeros = bits - exactBits(rest);
  if (zeros > 8 && !isWide) {
    // The sine of a rest with zeros in front loses as many bits, and a tangent that divides by it more.
    const extra = 3 * zeros + 16;
    return fixedTurn(k, what, x, bits + extra, true) >> BigInt(extra);
  }
  const { cos, sin } = fixedCosSin(rest, bits);
  const side = Number(turns & 3n);
  const sine = [sin, cos, -sin, -cos][side]!;
  const cosine = [cos, -sin, -cos, sin][side]!;
  if (what === "TAN") return cosine === 0n ? 0n : (sine << BigInt(bits)) / cosine;
  return what === "SIN" ? sine : cosine;
}

// Below this size sine, tangent and their inverses are nearest to x itself, and the cosine to 1.
const tiny = 2 ** -27;
const firstBits = 128;

/** The double nearest to value / 2^bits, with more bits until an error of 2^slack units cannot change it. */
function certain(slack: number, evaluate: (bits: number) => bigint, scale = 0): number {
  for (let bits = firstBits; ; bits *= 2) {
    const value = evaluate(bits);
    const size = value < 0n ? -value : value;
    const error = 1n << BigInt(slack);
    if (size >> 64n > error) {
      const low = nearestDouble(size - error, scale - bits, true);
      if (low === nearestDouble(size + error, scale - bits, true)) return value < 0n ? -low : low;
    }
  }
}

function expOf(k: Constants, exponent: (bits: number) => bigint): number {
  // Which power of two is taken out is found once: at the edge between two of them either does.
  const two = k.logTwo(firstBits);
  const steps = floorDivide(exponent(firstBits) * 2n + two, two * 2n);
  return certain(24, (bits) => fixedExp(exponent(bits) - steps * k.logTwo(bits), bits), Number(steps));
}

function logOf(k: Constants, x: number, bits: number): bigint {
  const { mantissa, exponent } = takeApart(x);
  return logOfParts(k, mantissa, exponent, bits);
}

/** The logarithm of mantissa · 2^exponent. */
function logOfParts(k: Constants, mantissa: bigint, exponent: number, bits: number): bigint {
  let size = exactBits(mantissa);
  // Between 0.71 and 1.41, so that nothing cancels against the power of two.
  if (Number((mantissa << 60n) >> BigInt(size)) < Math.SQRT1_2 * 2 ** 60) size--;
  const part = shifted(mantissa, bits - size);
  return fixedLog(part, bits) + BigInt(size + exponent) * k.logTwo(bits);
}

function fixedOf(x: number, bits: number): bigint {
  const { mantissa, exponent } = takeApart(Math.abs(x));
  const fixed = shifted(mantissa, exponent + bits);
  return x < 0 ? -fixed : fixed;
}

function shifted(n: bigint, by: number): bigint {
  return by >= 0 ? n << BigInt(by) : n >> BigInt(-by);
}

function quotient(a: bigint, b: bigint, shift: number): bigint {
  return shift >= 0 ? (a << BigInt(shift)) / b : a / (b << BigInt(-shift));
}

function isExactRoot(root: number, x: number): boolean {
  const { mantissa, exponent } = takeApart(root);
  const square = takeApart(x);
  return mantissa * mantissa === square.mantissa && 2 * exponent === square.exponent;
}
