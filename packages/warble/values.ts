/**
 * What a Warble name may hold. A JavaScript integer below 2^53 is a whole number and a bigint is one beyond it; a
 * JavaScript number that is no integer is a float; a float that happens to be an integer (and -0) is boxed, so that
 * `4/2` stays `2.0`. Outsiders pass values through `encodeValue` and look no further.
 */
export type Value = number | bigint | string | Float | Decimal | List;

/** A float whose value is an integer. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A decimal: coefficient · 10^exponent, where the coefficient has `digits` digits (1 for zero). */
export class Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
  readonly digits: number;
  constructor(coefficient: bigint, exponent: number, digits: number) {
    this.coefficient = coefficient;
    this.exponent = exponent;
    this.digits = digits;
  }
}

/** A list, shared by reference. `born` counts the cells made before it: inside SUM only younger lists may change. */
export class List {
  items: Value[];
  readonly born: number;
  constructor(items: Value[], born: number) {
    this.items = items;
    this.born = born;
  }
}

/** The largest whole number held in a JavaScript number. */
export const mostSmall = 9007199254740991;
const mostSmallBig = 9007199254740991n;

/** The value of a whole number in its one form. */
export function wholeOf(n: bigint): number | bigint {
  return n <= mostSmallBig && n >= -mostSmallBig ? Number(n) : n;
}

/** Whether the value is a whole number. */
export function isWhole(v: Value): v is number | bigint {
  return typeof v === "number" ? Number.isInteger(v) : typeof v === "bigint";
}

/** Whether the value is a number of any kind. */
export function isNumber(v: Value): v is number | bigint | Float | Decimal {
  return typeof v === "number" || typeof v === "bigint" || v instanceof Float || v instanceof Decimal;
}

/** Whether the value counts as true: not 0, 0.0, an empty text or an empty list. */
export function isTrue(v: Value): boolean {
  if (typeof v === "number") return v !== 0;
  if (typeof v === "string") return v !== "";
  if (v instanceof Float) return v.value !== 0;
  if (v instanceof List) return v.items.length > 0;
  if (v instanceof Decimal) return v.coefficient !== 0n;
  return true;
}

/** The kind of a value in words, for error sentences. */
export function kindOf(v: Value): string {
  if (typeof v === "string") return "a text";
  if (v instanceof List) return "a list";
  if (v instanceof Decimal) return "a decimal";
  return isWhole(v) ? "a whole number" : "a float";
}
