/** A list of names in short form could not be read; `at` counts characters from 0. */
export type NamesFault = { readonly kind: "invalid"; readonly at: number; readonly message: string };

/** What a text with ranges stands for, in the order written. */
export type Names = { readonly kind: "ok"; readonly names: readonly string[] };

/**
 * Spell out one name with ranges: `b[01-03,7]` is `b01 b02 b03 b7`, `pdu[1-2].[1-2]` is four outlets.
 * A range keeps the zeros of its first number; `/n` takes every n-th.
 *
 * @param cap more names than this is a fault: nobody means a billion boards.
 */
export function expandNames(text: string, cap: number): Names | NamesFault {
  let names: string[] = [""];
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf("[", position);
    const literal = open < 0 ? text.slice(position) : text.slice(position, open);
    const stray = literal.indexOf("]");
    if (stray >= 0) return fault(position + stray, '"]" closes nothing; a range opens with "["');
    names = names.map((name) => name + literal);
    if (open < 0) break;
    const close = text.indexOf("]", open);
    if (close < 0) return fault(open, 'this "[" is never closed');
    const numbers = expandNumbers(text.slice(open + 1, close), open + 1, Math.floor(cap / names.length));
    if (numbers.kind === "invalid") return numbers;
    names = names.flatMap((name) => numbers.names.map((number) => name + number));
    position = close + 1;
  }
  return { kind: "ok", names };
}

/** Spell out `1-42`, `1-41/2` or `001-003,7`: the part between the brackets. `offset` shifts reported positions. */
export function expandNumbers(text: string, offset: number, cap: number): Names | NamesFault {
  const names: string[] = [];
  let position = offset;
  for (const part of text.split(",")) {
    const match = RANGE.exec(part);
    if (match === null) return fault(position, `"${part.slice(0, 20)}" is no number or range like 1-42 or 1-41/2`);
    const [, first = "", last = first, every = "1"] = match;
    const from = Number(first);
    const to = Number(last);
    const step = Number(every);
    if (to < from) return fault(position, `the range ${part} runs backwards`);
    if (step === 0) return fault(position, `the step of ${part} is 0`);
    if (names.length + (to - from) / step >= cap) return fault(position, `${part} spells out too many names`);
    for (let n = from; n <= to; n += step) names.push(String(n).padStart(first.length, "0"));
    position += part.length + 1;
  }
  return { kind: "ok", names };
}

/** The shortest text that stands for these names: `b[0001-0042,0050]`. Repeats are dropped, order is natural. */
export function foldNodeSet(names: Iterable<string>): string {
  const numbered = new Map<string, { digits: string; value: number }[]>();
  const plain: string[] = [];
  for (const name of new Set(names)) {
    const match = TRAILING.exec(name);
    const digits = match?.[2];
    if (match === null || digits === undefined) {
      plain.push(name);
      continue;
    }
    const prefix = match[1]!;
    const list = numbered.get(prefix) ?? [];
    list.push({ digits, value: Number(digits) });
    numbered.set(prefix, list);
  }
  const folded = [...numbered].map(([prefix, list]) => foldOne(prefix, list));
  return [...folded, ...plain].sort(compareNames).join(",");
}

/** Natural order: `k2` before `k10`, and `b09` before `b9` so that the order is total. */
export function compareNames(a: string, b: string): number {
  const left = a.match(CHUNKS) ?? [];
  const right = b.match(CHUNKS) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const one = left[i]!;
    const other = right[i]!;
    const bothNumbers = isDigit(one) && isDigit(other);
    const difference = bothNumbers ? Number(one) - Number(other) : 0;
    if (difference !== 0) return difference;
    if (!bothNumbers && one !== other) return one < other ? -1 : 1;
  }
  if (left.length !== right.length) return left.length - right.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The number at the end of a name, `s01` is 1; null where it has none. */
export function numberOf(name: string): number | null {
  const digits = TRAILING.exec(name)?.[2];
  return digits === undefined ? null : Number(digits);
}

/** A name without the zeros that people leave out: `b0412` and `b412` have one key. */
export function looseKey(name: string): string {
  return name.toLowerCase().replace(/(^|[^0-9])0+(?=[0-9])/g, "$1");
}

const RANGE = /^(\d{1,9})(?:-(\d{1,9})(?:\/(\d{1,9}))?)?$/;
const TRAILING = /^(.*?)(\d{1,9})$/s;
const CHUNKS = /\d+|\D+/g;

function foldOne(prefix: string, list: { digits: string; value: number }[]): string {
  list.sort((a, b) => a.value - b.value || a.digits.length - b.digits.length);
  const parts: string[] = [];
  let start = 0;
  while (start < list.length) {
    const first = list[start]!;
    let end = start;
    while (end + 1 < list.length && follows(first.digits, list[end]!.value, list[end + 1]!)) end++;
    parts.push(end === start ? first.digits : `${first.digits}-${list[end]!.digits}`);
    start = end + 1;
  }
  return parts.length === 1 && list.length === 1 ? prefix + parts[0] : `${prefix}[${parts.join(",")}]`;
}

/** A range keeps the width of its first number, so the next name must be written that way too. */
function follows(firstDigits: string, value: number, next: { digits: string; value: number }): boolean {
  return next.value === value + 1 && next.digits === String(next.value).padStart(firstDigits.length, "0");
}

function isDigit(chunk: string): boolean {
  return chunk >= "0" && chunk < ":";
}

function fault(at: number, message: string): NamesFault {
  return { kind: "invalid", at, message };
}
