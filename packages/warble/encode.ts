import { fail } from "./errors.ts";
import { floatOf, printFloat } from "./float.ts";
import { Decimal, Float, isWhole, List, type Value, wholeOf } from "./values.ts";

/**
 * The text form of saved values and of values that travel, which keeps the kind: `42`, `0.5` and `256.0` (floats have
 * a point or an e), `314d-2` (a decimal's coefficient and exponent), `"text"` as in JSON, `[1,"a"]`.
 */

const deepestList = 200;
// Numbers beyond what may be saved are refused before they are written, which takes far longer.
const saveable = 4096;
const saveableBig = 10n ** 4096n;

/** A value in its exact text form. @throws Failure when lists nest deeper than 200 levels (or hold themselves). */
export function encodeValue(v: Value): string {
  return encodeWithin(v, Number.POSITIVE_INFINITY) ?? fail("DEPTH", 0, "Lists inside lists: too many levels to save.");
}

/** The value of an exact text form. @throws Failure when the text is none. */
export function decodeValue(text: string): Value {
  const value = decodeWith(text, (items) => new List(items, 0));
  return value === null ? fail("TYPE", 0, "This is no saved Warble value.") : value;
}

/** The text form if it has at most `most` characters and nests at most 200 deep, else null. Cut while it is written. */
export function encodeWithin(v: Value, most: number): string | null {
  const parts: string[] = [];
  return writeInto(parts, v, most, 0) < 0 ? null : parts.join("");
}

/** Appends the form of `v` to `parts`; gives the characters left of `most`, below 0 when there are none. */
function writeInto(parts: string[], v: Value, most: number, depth: number): number {
  if (!(v instanceof List)) {
    if (typeof v === "bigint" && most <= saveable && (v >= saveableBig || v <= -saveableBig)) return -1;
    if (v instanceof Decimal && v.digits > most) return -1;
    if (typeof v === "string" && v.length > most) return -1;
    const text = encodePlain(v);
    parts.push(text);
    return most - text.length;
  }
  if (depth >= deepestList) return -1;
  let left = most - 2;
  parts.push("[");
  for (let i = 0; i < v.items.length && left >= 0; i++) {
    if (i > 0) {
      parts.push(",");
      left--;
    }
    left = writeInto(parts, v.items[i]!, left, depth + 1);
  }
  parts.push("]");
  return left;
}

function encodePlain(v: number | bigint | string | Float | Decimal): string {
  if (typeof v === "string") return JSON.stringify(v);
  if (v instanceof Decimal) return `${v.coefficient}d${v.exponent}`;
  if (v instanceof Float) return printFloat(v.value);
  return isWhole(v) ? String(v) : printFloat(v);
}

/** The value of a text form, or null; `makeList` makes its lists. */
export function decodeWith(text: string, makeList: (items: Value[]) => List): Value | null {
  const reader = { text, at: 0, depth: 0, makeList };
  const value = read(reader);
  return reader.at === text.length ? value : null;
}

type Reader = { readonly text: string; at: number; depth: number; readonly makeList: (items: Value[]) => List };

const plain = /-?\d+d-?\d{1,10}|-?\d+(?:\.\d+)?(?:e[+-]\d{2,3})?|"(?:[^"\\]|\\.)*"/y;

function read(reader: Reader): Value | null {
  if (reader.text.charAt(reader.at) === "[") return readList(reader);
  plain.lastIndex = reader.at;
  const found = plain.exec(reader.text)?.[0];
  if (found === undefined) return null;
  reader.at += found.length;
  return decodePlain(found);
}

function decodePlain(text: string): Value | null {
  if (text.startsWith('"')) {
    try {
      return JSON.parse(text) as string;
    } catch {
      return null;
    }
  }
  const d = text.indexOf("d");
  if (d >= 0) {
    const coefficient = BigInt(text.slice(0, d));
    const digits = coefficient === 0n ? 1 : String(coefficient).replace("-", "").length;
    const exponent = Number(text.slice(d + 1));
    return Math.abs(exponent) <= 4e9 ? new Decimal(coefficient, coefficient === 0n ? 0 : exponent, digits) : null;
  }
  if (/[.e]/.test(text)) {
    const x = Number(text);
    return Number.isFinite(x) ? floatOf(x) : null;
  }
  return text.length < 16 ? Number(text) + 0 : wholeOf(BigInt(text));
}

function readList(reader: Reader): Value | null {
  if (++reader.depth > deepestList) return null;
  const items: Value[] = [];
  reader.at++;
  if (reader.text.charAt(reader.at) !== "]") {
    for (;;) {
      const item = read(reader);
      if (item === null) return null;
      items.push(item);
      if (reader.text.charAt(reader.at) !== ",") break;
      reader.at++;
    }
  }
  if (reader.text.charAt(reader.at) !== "]") return null;
  reader.at++;
  reader.depth--;
  return reader.makeList(items);
}
