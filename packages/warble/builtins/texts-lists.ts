import { fail } from "../errors.ts";
import { charactersPrice } from "../price.ts";
import { characterCount, textOf } from "../text.ts";
import { kindOf, List } from "../values.ts";
import { type Builtin, builtin, wholeIn } from "./builtin.ts";

/** Texts and lists. */
export const textsAndLists: readonly Builtin[] = [
  builtin("LEN(x)", "The characters of a text or the elements of a list.", (m, [x = 0], at) => {
    if (x instanceof List) return x.items.length;
    if (typeof x !== "string") return fail("TYPE", at, `LEN takes a text or a list, not ${kindOf(x)}.`);
    m.pay(charactersPrice(x.length), at);
    return m.isFlat(x) ? x.length : characterCount(x);
  }),
  builtin("STR(x)", "The text that PRINT would show.", (m, [x = 0], at) => {
    const text = textOf(m, x, m.limits.textLength, at);
    if (text.length > 256) m.hold(text.length * 16, at);
    return text;
  }),
  builtin("CHR(n)", "The character with the number n in Unicode.", (_, [x = 0], at) => {
    const n = Number(wholeIn(x, "CHR", at));
    if (n >= 0 && n <= 0x10ffff && (n < 0xd800 || n > 0xdfff)) return String.fromCodePoint(n);
    return fail("RANGE", at, "CHR takes the number of a character: 0 to 1114111, without 55296 to 57343.");
  }),
  builtin("ARRAY(n[,v])", "A list of n times v, or of n zeros.", (m, [x = 0, v = 0], at) => {
    const n = Number(wholeIn(x, "ARRAY", at));
    if (n < 0) return fail("RANGE", at, "A list has no fewer than 0 elements.");
    if (n > m.limits.listLength) return fail("MEMORY", at, `A list has at most ${m.limits.listLength} elements.`);
    return m.list(new Array(n).fill(v), at);
  }),
];
