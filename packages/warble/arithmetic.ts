import {
  addDecimals,
  decimalOf,
  decimalOfDouble,
  decimalZero,
  divideDecimals,
  fitDecimal,
  floorDivideDecimals,
  magnitudeOf,
  multiplyDecimals,
  negateDecimal,
} from "./decimal.ts";
import { toDouble } from "./doubles.ts";
import { fail } from "./errors.ts";
import { divideToDouble, floatOf, floorDivideFloats, moduloFloats, remainderPrice } from "./float.ts";
import type { Machine } from "./machine.ts";
import { power } from "./power.ts";
import { addPrice, charactersPrice, dividePrice, longPrice, multiplyPrice, powerPrice } from "./price.ts";
import { characterCount, textOf } from "./text.ts";
import type { BinaryOperator } from "./tree.ts";
import { Decimal, Float, isNumber, isWhole, kindOf, List, mostSmall, type Value, wholeOf } from "./values.ts";

// Numbers below this size are too small to be worth counting as memory.
const weightyBits = 4096;
// A decimal operation costs some microseconds' fraction even on few digits.
const decimalSteps = 12;
// Writing a float's shortest digits and reading them again.
const floatSteps = 20;
const deepestMagnitude = 999_999_999;

/** a + b: the one operator that also joins texts. */
export function add(m: Machine, a: Value, b: Value, at: number): Value {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isInteger(a) && Number.isInteger(b)) {
      if (sum <= mostSmall && sum >= -mostSmall) return sum;
      m.pay(1, at);
      return BigInt(a) + BigInt(b);
    }
    if (m.precision === 0) return toFloat(sum, at);
  }
  return combine(m, "+", a, b, at);
}

/** a - b. */
export function subtract(m: Machine, a: Value, b: Value, at: number): Value {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isInteger(a) && Number.isInteger(b)) {
      if (difference <= mostSmall && difference >= -mostSmall) return difference;
      m.pay(1, at);
      return BigInt(a) - BigInt(b);
    }
    if (m.precision === 0) return toFloat(difference, at);
  }
  return combine(m, "-", a, b, at);
}

/** a * b. */
export function multiply(m: Machine, a: Value, b: Value, at: number): Value {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isInteger(a) && Number.isInteger(b)) {
      if (product <= mostSmall && product >= -mostSmall) return product + 0; // -0 is no whole number
      m.pay(1, at);
      return BigInt(a) * BigInt(b);
    }
    if (m.precision === 0) return toFloat(product, at);
  }
  return combine(m, "*", a, b, at);
}

/** a / b: always a float, or a decimal under SETPRECISION. */
export function divide(m: Machine, a: Value, b: Value, at: number): Value {
  if (typeof a === "number" && typeof b === "number" && m.precision === 0) {
    if (b === 0) return failZero(at);
    return toFloat(a / b, at);
  }
  return combine(m, "/", a, b, at);
}

/** a // b, the floor of the quotient. */
export function floorDivision(m: Machine, a: Value, b: Value, at: number): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) {
    if (b === 0) return failZero(at);
    // Exact: the remainder is taken off before a double divides.
    const rest = a % b;
    const quotient = (a - rest) / b;
    return (rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient) + 0;
  }
  return combine(m, "//", a, b, at);
}

/** a % b, with the sign of b. */
export function modulo(m: Machine, a: Value, b: Value, at: number): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) {
    if (b === 0) return failZero(at);
    const rest = a % b;
    return rest === 0 ? 0 : rest < 0 !== b < 0 ? rest + b : rest;
  }
  return combine(m, "%", a, b, at);
}

/** The operation for an operator. */
export function operationOf(op: BinaryOperator): (m: Machine, a: Value, b: Value, at: number) => Value {
  switch (op) {
    case "+":
      return add;
    case "-":
      return subtract;
    case "*":
      return multiply;
    case "/":
      return divide;
    case "//":
      return floorDivision;
    case "%":
      return modulo;
    case "^":
      return power;
    case "&":
      return (m, a, b, at) => bits(m, "&", a, b, at);
    case "|":
      return (m, a, b, at) => bits(m, "|", a, b, at);
  }
}

/** A number as results are now: under SETPRECISION an older float is the decimal that it stands for. */
export function today(m: Machine, v: number | bigint | Float | Decimal, at: number): number | bigint | Float | Decimal {
  return m.precision === 0 || v instanceof Decimal || isWhole(v) ? v : toDecimal(m, v, at);
}

/** -a. */
export function negate(m: Machine, value: Value, at: number): Value {
  const a = m.precision === 0 || !isNumber(value) ? value : today(m, value, at);
  if (typeof a === "number") return 0 - a;
  if (a instanceof Float) return floatOf(-a.value);
  if (a instanceof Decimal) {
    if (m.precision === 0) return toFloat(-toDouble(a, m, at), at);
    m.pay(2 + addPrice(a.digits * 3.33), at);
    return keepDecimal(m, negateDecimal(a), at);
  }
  if (typeof a === "bigint") {
    const size = m.constants.bitsOf(a);
    m.pay(addPrice(size), at);
    if (size > weightyBits) m.hold(size, at);
    return -a;
  }
  return fail("TYPE", at, `- takes a number, not ${kindOf(a)}.`);
}

/** Bits of wholes: `&`, `|` and XOR. */
export function bits(m: Machine, op: "&" | "|" | "XOR", a: Value, b: Value, at: number): Value {
  if (!isWhole(a) || !isWhole(b)) {
    const hint = op === "XOR" ? "" : ` To join conditions write ${op}${op}.`;
    return fail("TYPE", at, `${op} takes two whole numbers, not ${kindOf(isWhole(a) ? b : a)}.${hint}`);
  }
  if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b) {
    return op === "&" ? a & b : op === "|" ? a | b : a ^ b;
  }
  const x = BigInt(a);
  const y = BigInt(b);
  const size = Math.max(m.constants.bitsOf(x), m.constants.bitsOf(y));
  // Below zero the engine takes bits of copies.
  m.pay(1 + (size > weightyBits && (x < 0n || y < 0n) ? 3 : 1) * addPrice(size), at);
  return keep(m, op === "&" ? x & y : op === "|" ? x | y : x ^ y, size, at);
}

/** A whole number in its one form, checked against its limit and counted. `size` is no less than its bits. */
export function keep(m: Machine, n: bigint, size: number, at: number): number | bigint {
  if (size > weightyBits) {
    if (size > m.limits.wholeBits && m.constants.bitsOf(n) > m.limits.wholeBits) {
      const most = 1n << BigInt(m.limits.wholeBits);
      if (n >= most || n <= -most) failTooLong(m, at);
    }
    m.hold(size, at);
  }
  return wholeOf(n);
}

/** End the program before a whole number of `size` estimated bits is made, if even a fifth less is too long. */
export function foresee(m: Machine, size: number, at: number): void {
  if (size > m.limits.wholeBits * 1.2 + 1024) failTooLong(m, at);
}

function failTooLong(m: Machine, at: number): never {
  const digits = Math.floor(m.limits.wholeBits * 0.30103).toLocaleString("en");
  return fail("MEMORY", at, `This whole number is longer than the ${digits} digits that one may have.`);
}

/** End the program for a divisor of zero. */
export function failZero(at: number): never {
  return fail("DIV0", at, "Nothing can be divided by zero.");
}

/** The float value of a double, unless there is none. */
export function toFloat(x: number, at: number): number | Float {
  if (Number.isInteger(x)) return new Float(x);
  if (Number.isFinite(x)) return x;
  return fail("RANGE", at, "This float is larger than 1.8e308, the largest there is.");
}

/** The decimal that a number is; exact, a float by its shortest form. */
export function toDecimal(m: Machine, v: number | bigint | Float | Decimal, at: number): Decimal {
  if (v instanceof Decimal) return v;
  if (v instanceof Float) return decimalOfFloat(m, v.value, at);
  if (typeof v === "number") {
    return Number.isInteger(v) ? decimalOf(m.constants, BigInt(v), 0) : decimalOfFloat(m, v, at);
  }
  const size = m.constants.bitsOf(v);
  // Its digits are counted by a power of ten as long as it is.
  m.pay(addPrice(size * 8) + (size > 4096 ? powerPrice(size) : 0), at);
  return decimalOf(m.constants, v, 0);
}

/** A number that would be a float: that float, or the decimal it stands for under SETPRECISION. */
export function inexact(m: Machine, x: number, at: number): Value {
  return m.precision === 0 ? toFloat(x, at) : decimalOfFloat(m, x, at);
}

/** A float by its shortest digits, which are written and read again. */
function decimalOfFloat(m: Machine, x: number, at: number): Decimal {
  m.pay(floatSteps, at);
  return decimalOfDouble(m.constants, x);
}

/** A value where no precision is set: a decimal that outlived its own is the nearest float. */
export function outlived(m: Machine, v: Value, at: number): Value {
  return v instanceof Decimal ? toFloat(toDouble(v, m, at), at) : v;
}

/** The significant digits that decimals carry now: ten more than are shown. */
export function places(m: Machine): number {
  return m.precision + 10;
}

/** A decimal result, unless its exponent is beyond all sense. */
export function keepDecimal(m: Machine, d: Decimal, at: number): Decimal {
  const magnitude = magnitudeOf(d);
  if (magnitude > deepestMagnitude) return fail("RANGE", at, "This decimal is too large.");
  if (magnitude < -deepestMagnitude) return decimalZero;
  if (d.digits > 1024) m.hold(d.digits * 3.4, at);
  return d;
}

function combine(m: Machine, op: "+" | "-" | "*" | "/" | "//" | "%", a: Value, b: Value, at: number): Value {
  if (m.precision === 0) {
    const x = a instanceof Float ? a.value : a;
    const y = b instanceof Float ? b.value : b;
    if (typeof x === "number" && typeof y === "number" && (a !== x || b !== y || !isWhole(a) || !isWhole(b))) {
      return combineFloats(m, op, x, y, at);
    }
  }
  if (!isNumber(a) || !isNumber(b)) return op === "+" ? join(m, a, b, at) : failOperands(op, a, b, at);
  if (isWhole(a) && isWhole(b)) {
    if (op !== "/") return combineWholes(m, op, BigInt(a), BigInt(b), at);
    if (m.precision === 0) return divideWholes(m, BigInt(a), BigInt(b), at);
  }
  if (m.precision > 0) return combineDecimals(m, op, toDecimal(m, a, at), toDecimal(m, b, at), at);
  return combineFloats(m, op, toDouble(a, m, at), toDouble(b, m, at), at);
}

function combineFloats(m: Machine, op: "+" | "-" | "*" | "/" | "//" | "%", x: number, y: number, at: number): Value {
  switch (op) {
    case "+":
      return toFloat(x + y, at);
    case "-":
      return toFloat(x - y, at);
    case "*":
      return toFloat(x * y, at);
  }
  if (y === 0) return failZero(at);
  if (op !== "/") m.pay(remainderPrice(x, y), at);
  return toFloat(op === "/" ? x / y : op === "//" ? floorDivideFloats(x, y) : moduloFloats(x, y), at);
}

function combineWholes(m: Machine, op: "+" | "-" | "*" | "//" | "%", a: bigint, b: bigint, at: number): Value {
  const sizeA = m.constants.bitsOf(a);
  const sizeB = m.constants.bitsOf(b);
  switch (op) {
    case "+":
    case "-": {
      const size = Math.max(sizeA, sizeB) + 1;
      m.pay(addPrice(size), at);
      return keep(m, op === "+" ? a + b : a - b, size, at);
    }
    case "*":
      foresee(m, sizeA + sizeB, at);
      m.pay(multiplyPrice(sizeA, sizeB), at);
      return keep(m, a * b, sizeA + sizeB, at);
  }
  if (b === 0n) return failZero(at);
  m.pay(dividePrice(sizeA, sizeB) + (op === "//" ? addPrice(sizeA) : 0), at);
  if (op === "//") {
    const quotient = a / b;
    // Cut towards zero is rounded down, save where the signs differ: then a product, cheaper than a second division, tells.
    const isAbove = a < 0n !== b < 0n && quotient * b !== a;
    return keep(m, isAbove ? quotient - 1n : quotient, Math.max(1, sizeA - sizeB + 2), at);
  }
  const rest = a % b;
  return keep(m, rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest, sizeB, at);
}

function divideWholes(m: Machine, a: bigint, b: bigint, at: number): Value {
  if (b === 0n) return failZero(at);
  m.pay(8 + addPrice(Math.max(m.constants.bitsOf(a), m.constants.bitsOf(b)) * 16), at);
  return toFloat(divideToDouble(a, b), at);
}

function combineDecimals(
  m: Machine,
  op: "+" | "-" | "*" | "/" | "//" | "%",
  a: Decimal,
  b: Decimal,
  at: number,
): Value {
  const k = m.constants;
  const most = places(m);
  const sizeA = a.digits * 3.33;
  const sizeB = b.digits * 3.33;
  const size = most * 3.33;
  const long = longPrice(a.digits, most) + longPrice(b.digits, most);
  switch (op) {
    case "+":
    case "-":
      m.pay(decimalSteps + addPrice(sizeA + sizeB) + multiplyPrice(size, size) + long, at);
      return keepDecimal(m, addDecimals(k, a, op === "-" ? negateDecimal(b) : b, most), at);
    case "*":
      m.pay(
        decimalSteps + multiplyPrice(sizeA, sizeB) + dividePrice(sizeA + sizeB, Math.max(64, sizeA + sizeB - size)),
        at,
      );
      return keepDecimal(m, multiplyDecimals(k, a, b, most), at);
  }
  if (b.coefficient === 0n) return failZero(at);
  if (op === "/") {
    m.pay(decimalSteps + dividePrice(sizeB + size, sizeB) + multiplyPrice(size, size) + long, at);
    return keepDecimal(m, divideDecimals(k, a, b, most), at);
  }
  const shift = Math.abs(a.exponent - b.exponent) * 3.33;
  foresee(m, sizeA + sizeB + shift, at);
  m.pay(decimalSteps + 2 * dividePrice(sizeA + shift, 64) + multiplyPrice(sizeA + shift, sizeB + shift), at);
  if (sizeA + shift > size) m.pay(dividePrice(sizeA + shift, Math.max(64, sizeA + shift - size)), at);
  const { quotient, rest } = floorDivideDecimals(k, a, b);
  return keepDecimal(m, fitDecimal(k, op === "//" ? decimalOf(k, quotient, 0) : rest, most), at);
}

function join(m: Machine, a: Value, b: Value, at: number): Value {
  if (typeof a !== "string" && typeof b !== "string") return failOperands("+", a, b, at);
  const left = textOf(m, a, m.limits.textLength, at);
  const right = textOf(m, b, m.limits.textLength, at);
  return keepText(m, left, right, at);
}

/** The two texts joined, within the limit of one text. */
function keepText(m: Machine, left: string, right: string, at: number): string {
  const length = left.length + right.length;
  m.pay(charactersPrice(length), at);
  if (length > m.limits.textLength && characterCount(left) + characterCount(right) > m.limits.textLength) {
    fail("MEMORY", at, `A text has at most ${m.limits.textLength} characters.`);
  }
  if (length > 256) m.hold(length * 16, at);
  return left + right;
}

function failOperands(op: string, a: Value, b: Value, at: number): never {
  const wrong = isNumber(a) ? b : a;
  const hint = typeof wrong === "string" ? " INT(text) or FLOAT(text) makes a number of it." : "";
  const list = wrong instanceof List ? " Take its elements: a[0]." : "";
  return fail("TYPE", at, `${op} takes numbers, not ${kindOf(wrong)}.${hint}${list}`);
}
