import { printDecimal } from "./decimal.ts";
import { toDouble } from "./doubles.ts";
import { fail } from "./errors.ts";
import { printFloat } from "./float.ts";
import type { Machine } from "./machine.ts";
import { dividePrice, textPrice } from "./price.ts";
import { type Decimal, Float, List, type Value } from "./values.ts";

// To find a float's shortest digits.
const floatSteps = 3;

/**
 * A value as PRINT and STR show it. Longer than `most` characters: the program ends, before the work is done, with
 * MEMORY, or OUTPUT when it is being printed.
 */
export function textOf(m: Machine, v: Value, most: number, at: number, isPrinting = false): string {
  if (typeof v === "string") return v;
  if (typeof v === "number" && Number.isInteger(v)) return String(v);
  if (typeof v === "number" || v instanceof Float) {
    m.pay(floatSteps, at);
    return printFloat(typeof v === "number" ? v : v.value);
  }
  if (v instanceof List) return new ListWriter(m, most, at, isPrinting).write(v);
  return longText(m, v, most, at, isPrinting);
}

function longText(m: Machine, v: bigint | Decimal, most: number, at: number, isPrinting: boolean): string {
  if (typeof v === "bigint") {
    const size = m.constants.bitsOf(v);
    // The estimate is at most a fifth too high: what it calls too long by more than that is.
    if (size * 0.25 > most) tooLong(m, at, isPrinting);
    m.pay(textPrice(size), at);
    return within(m, v.toString(), most, at, isPrinting);
  }
  if (m.precision === 0) return printFloat(toDouble(v, m, at));
  if (Math.min(v.digits, m.precision) > most) tooLong(m, at, isPrinting);
  m.pay(8 + textPrice(m.precision * 3.33) + dividePrice(v.digits * 3.33, 64), at);
  return within(m, printDecimal(m.constants, v, m.precision), most, at, isPrinting);
}

function within(m: Machine, text: string, most: number, at: number, isPrinting: boolean): string {
  return text.length > most ? tooLong(m, at, isPrinting) : text;
}

function tooLong(m: Machine, at: number, isPrinting: boolean): never {
  if (isPrinting) m.outOfOutput(at);
  return fail("MEMORY", at, `A text has at most ${m.limits.textLength} characters.`);
}

/** Writes a list element by element, paying for each, so that a small list of huge printed form is cut in time. */
class ListWriter {
  readonly #m: Machine;
  readonly #most: number;
  readonly #at: number;
  readonly #isPrinting: boolean;
  #text = "";
  #length = 0;
  #depth = 0;

  constructor(m: Machine, most: number, at: number, isPrinting: boolean) {
    this.#m = m;
    this.#most = most;
    this.#at = at;
    this.#isPrinting = isPrinting;
  }

  write(list: List): string {
    this.#list(list);
    return this.#text;
  }

  #list(list: List): void {
    if (++this.#depth > this.#m.limits.depth) {
      fail("DEPTH", this.#at, `Lists inside lists: at most ${this.#m.limits.depth} levels can be written.`);
    }
    this.#append("[");
    let isFirst = true;
    for (const item of list.items) {
      this.#m.pay(2, this.#at);
      if (!isFirst) this.#append(", ");
      isFirst = false;
      if (item instanceof List) this.#list(item);
      else if (typeof item === "string") {
        this.#m.pay(item.length >> 3, this.#at);
        this.#append(`"${item}"`, characterCount(item) - item.length);
      } else this.#append(textOf(this.#m, item, this.#most - this.#length, this.#at, this.#isPrinting));
    }
    this.#append("]");
    this.#depth--;
  }

  /** `less`: units that are no characters of their own; bytes of output are counted elsewhere. */
  #append(text: string, less = 0): void {
    this.#length += text.length + (this.#isPrinting ? 0 : less);
    if (this.#length > this.#most) tooLong(this.#m, this.#at, this.#isPrinting);
    this.#text += text;
  }
}

/** The code points of a text. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) count--;
  }
  return count;
}
