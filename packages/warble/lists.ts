import { fail } from "./errors.ts";
import type { Machine } from "./machine.ts";
import { charactersPrice } from "./price.ts";
import { isNumber, isWhole, kindOf, List, type Value } from "./values.ts";

/** The element of a list or the character of a text. */
export function elementAt(m: Machine, base: Value, index: Value, at: number): Value {
  const i = indexOf(index, at);
  if (base instanceof List) {
    const { items } = base;
    if (i >= 0 && i < items.length) return items[i]!;
    const range = items.length === 0 ? "it is empty" : `its elements are 0 to ${items.length - 1}`;
    return fail("INDEX", at, `The list has no element ${i}: ${range}.`);
  }
  if (typeof base === "string") return characterAt(m, base, i, at);
  return fail("TYPE", at, `Only a list or a text has elements, not ${kindOf(base)}.`);
}

/** The number in an index; beyond 2^53 it is out of any range. */
export function indexOf(index: Value, at: number): number {
  if (isWhole(index)) return Number(index);
  const hint = isNumber(index) ? " Floor division // and INT(x) give wholes." : "";
  return fail("TYPE", at, `An index is a whole number, not ${kindOf(index)}.${hint}`);
}

function characterAt(m: Machine, text: string, i: number, at: number): string {
  if (i >= 0 && i < text.length) {
    m.pay(charactersPrice(text.length), at);
    if (m.isFlat(text)) return text.charAt(i);
    m.pay(1 + (text.length >> 3), at);
    let unit = 0;
    for (let left = i; left > 0 && unit < text.length; left--) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
    if (unit < text.length) return String.fromCodePoint(text.codePointAt(unit)!);
  }
  return fail("INDEX", at, `The text has no character ${i}; the first is 0.`);
}
