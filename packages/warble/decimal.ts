import type { Constants } from "./constants.ts";
import { wholeRoot } from "./roots.ts";
import { Decimal } from "./values.ts";

/**
 * Decimal arithmetic on big numbers. Each operation takes the significant digits that its result may have and rounds
 * half to even. Nothing here counts steps: callers pay before.
 */

/** Zero. */
export const decimalZero: Decimal = new Decimal(0n, 0, 1);

/** coefficient · 10^exponent, exactly. */
export function decimalOf(k: Constants, coefficient: bigint, exponent: number, guess = 0): Decimal {
  if (coefficient === 0n) return decimalZero;
  return new Decimal(coefficient, exponent, k.digitsOf(coefficient < 0n ? -coefficient : coefficient, guess));
}

/** The exponent of the first digit: 0 for 1…9.99. */
export function magnitudeOf(a: Decimal): number {
  return a.exponent + a.digits - 1;
}

/** `a` with at most `places` significant digits, half to even. */
export function fitDecimal(k: Constants, a: Decimal, places: number): Decimal {
  const drop = a.digits - places;
  if (drop <= 0) return a;
  const coefficient = dropDigits(k, a.coefficient, drop);
  const fitted = decimalOf(k, coefficient, a.exponent + drop, places);
  if (fitted.digits <= places) return fitted;
  return new Decimal(coefficient / 10n, fitted.exponent + 1, places); // 99.9… became 100
}

/** `a` rounded to `places` digits after the point (before it when negative), half to even. */
export function roundDecimal(k: Constants, a: Decimal, places: number): Decimal {
  const drop = -places - a.exponent;
  if (drop <= 0) return a;
  if (drop > a.digits) return decimalZero;
  return decimalOf(k, dropDigits(k, a.coefficient, drop), -places);
}

function dropDigits(k: Constants, coefficient: bigint, drop: number): bigint {
  const unit = k.ten(drop);
  const quotient = coefficient / unit;
  const rest = coefficient - quotient * unit;
  const twice = rest < 0n ? -2n * rest : 2n * rest;
  if (twice < unit || (twice === unit && (quotient & 1n) === 0n)) return quotient;
  return coefficient < 0n ? quotient - 1n : quotient + 1n;
}

/** -a, exactly. */
export function negateDecimal(a: Decimal): Decimal {
  return new Decimal(-a.coefficient, a.exponent, a.digits);
}

/** x + y with at most `places` significant digits. */
export function addDecimals(k: Constants, x: Decimal, y: Decimal, places: number): Decimal {
  if (x.coefficient === 0n) return fitDecimal(k, y, places);
  if (y.coefficient === 0n) return fitDecimal(k, x, places);
  let [high, low] = x.exponent >= y.exponent ? [x, y] : [y, x];
  // A part too small to be seen only tips the rounding; its place is held by a 1 (as CPython's decimal does).
  const [large, small] = magnitudeOf(x) >= magnitudeOf(y) ? [x, y] : [y, x];
  const floor = Math.min(large.exponent, magnitudeOf(large) - places) - 2;
  if (magnitudeOf(small) < floor) {
    high = large;
    low = new Decimal(small.coefficient < 0n ? -1n : 1n, floor, 1);
  }
  const shift = high.exponent - low.exponent;
  const sum = high.coefficient * k.ten(shift) + low.coefficient;
  return fitDecimal(k, decimalOf(k, sum, low.exponent, Math.max(high.digits + shift, low.digits)), places);
}

/** x · y with at most `places` significant digits. */
export function multiplyDecimals(k: Constants, x: Decimal, y: Decimal, places: number): Decimal {
  const product = x.coefficient * y.coefficient;
  return fitDecimal(k, decimalOf(k, product, x.exponent + y.exponent, x.digits + y.digits), places);
}

/** x / y; y is not zero. */
export function divideDecimals(k: Constants, x: Decimal, y: Decimal, places: number): Decimal {
  if (x.coefficient === 0n) return decimalZero;
  const shift = places + 2 + y.digits - x.digits;
  const top = shift > 0 ? x.coefficient * k.ten(shift) : x.coefficient;
  const bottom = shift < 0 ? y.coefficient * k.ten(-shift) : y.coefficient;
  const quotient = top / bottom;
  const sticky = quotient * bottom === top ? quotient : stick(quotient);
  return fitDecimal(k, decimalOf(k, sticky, x.exponent - y.exponent - shift, places + 2), places);
}

/** A last digit that shows that more follows: rounding must not take the value for a tie or for exact. */
export function stick(n: bigint): bigint {
  if (n % 5n !== 0n) return n;
  return n < 0n ? n - 1n : n + 1n;
}

/** The square root of x >= 0. */
export function rootDecimal(k: Constants, x: Decimal, places: number): Decimal {
  if (x.coefficient === 0n) return decimalZero;
  let shift = Math.max(0, 2 * places + 4 - x.digits);
  if (((x.exponent - shift) & 1) !== 0) shift++;
  const scaled = x.coefficient * k.ten(shift);
  const root = wholeRoot(scaled);
  const sticky = root * root === scaled ? root : stick(root);
  return fitDecimal(k, decimalOf(k, sticky, (x.exponent - shift) / 2), places);
}

/** Negative, zero or positive as x is below, equal to or above y. */
export function compareDecimals(k: Constants, x: Decimal, y: Decimal): number {
  const signX = x.coefficient < 0n ? -1 : x.coefficient > 0n ? 1 : 0;
  const signY = y.coefficient < 0n ? -1 : y.coefficient > 0n ? 1 : 0;
  if (signX !== signY || signX === 0) return signX - signY;
  const higher = magnitudeOf(x) - magnitudeOf(y);
  if (higher !== 0) return higher * signX;
  const shift = x.exponent - y.exponent;
  const a = shift > 0 ? x.coefficient * k.ten(shift) : x.coefficient;
  const b = shift < 0 ? y.coefficient * k.ten(-shift) : y.coefficient;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The largest whole number that is not above `a`. */
export function floorDecimal(k: Constants, a: Decimal): bigint {
  if (a.exponent >= 0) return a.coefficient * k.ten(a.exponent);
  if (magnitudeOf(a) < 0) return a.coefficient < 0n ? -1n : 0n;
  return floorDivide(a.coefficient, k.ten(-a.exponent));
}

/** The floor of the exact quotient and its remainder; y is not zero. */
export function floorDivideDecimals(k: Constants, x: Decimal, y: Decimal): { quotient: bigint; rest: Decimal } {
  const exponent = Math.min(x.exponent, y.exponent);
  const a = x.coefficient * k.ten(x.exponent - exponent);
  const b = y.coefficient * k.ten(y.exponent - exponent);
  const quotient = floorDivide(a, b);
  return { quotient, rest: decimalOf(k, a - quotient * b, exponent) };
}

/** The floor of a quotient of big numbers. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a < 0n !== b < 0n && quotient * b !== a ? quotient - 1n : quotient;
}

/** What decimal digits with a point or an exponent mean, exactly; null when the exponent is beyond all sense. */
export function parseDecimal(k: Constants, text: string): Decimal | null {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  if (parts === null) return null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  const power = Number(exponent);
  if (whole + fraction === "") return null;
  const coefficient = BigInt(whole + fraction);
  if (power < -1e9 || coefficient === 0n) return decimalZero;
  if (power > 1e9) return null;
  return decimalOf(k, sign === "-" ? -coefficient : coefficient, power - fraction.length);
}

/** A float by its shortest decimal form. */
export function decimalOfDouble(k: Constants, x: number): Decimal {
  return parseDecimal(k, String(x))!;
}

/** The nearest float; infinite when there is none. */
export function doubleOfDecimal(k: Constants, a: Decimal): number {
  const most = 800; // no halfway point between floats has more digits than this
  if (a.digits <= most) return Number(`${a.coefficient}e${a.exponent}`);
  const drop = a.digits - most;
  const quotient = a.coefficient / k.ten(drop);
  return Number(`${quotient}1e${a.exponent + drop - 1}`);
}

/** `a` to `places` digits as Python's look has it: always with `.0` or an exponent, without trailing zeros. */
export function printDecimal(k: Constants, a: Decimal, places: number): string {
  const fitted = fitDecimal(k, a, places);
  if (fitted.coefficient === 0n) return "0.0";
  const sign = fitted.coefficient < 0n ? "-" : "";
  const all = (fitted.coefficient < 0n ? -fitted.coefficient : fitted.coefficient).toString();
  const digits = trimZeros(all);
  const magnitude = magnitudeOf(fitted);
  if (magnitude < -6 || magnitude >= Math.max(16, places)) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const power = Math.abs(magnitude);
    return `${sign}${digits.charAt(0)}${fraction}e${magnitude < 0 ? "-" : "+"}${power < 10 ? "0" : ""}${power}`;
  }
  if (magnitude < 0) return `${sign}0.${"0".repeat(-magnitude - 1)}${digits}`;
  if (digits.length <= magnitude + 1) return `${sign}${digits}${"0".repeat(magnitude + 1 - digits.length)}.0`;
  return `${sign}${digits.slice(0, magnitude + 1)}.${digits.slice(magnitude + 1)}`;
}

function trimZeros(digits: string): string {
  let end = digits.length;
  while (end > 1 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}
