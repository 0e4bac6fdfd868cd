import { type Range, rawAt } from "./places.ts";
import { isWord, type Reading, readPost, type WordKind, wordKind } from "./reading.ts";

/** What a piece of a post is, for its colour. `outside`: not looked at; `mark`: the `#pi`; `strange`: means nothing. */
export type TokenKind = WordKind | "number" | "text" | "operator" | "bracket" | "mark" | "outside" | "strange";

/** A coloured piece of a post, in UTF-16 offsets of the raw text. */
export type ColourToken = Range & { readonly kind: TokenKind };

/** The pieces of a post in their order, as the language reads them. Spaces stand in none. */
export function tokensOf(post: string): readonly ColourToken[] {
  const reading = readPost(post);
  const { map, mark, open, end } = reading;
  const pieces: (readonly [start: number, end: number, kind: TokenKind])[] = [];
  if (open < 0) pieces.push([0, map.text.length, "outside"]);
  else {
    pieces.push([0, mark, "outside"], [mark, open, "mark"]);
    reading.tokens.forEach((token, index) => {
      pieces.push([token.start, token.end, kindOf(reading, index)]);
    });
    for (const [start, stop] of reading.strange) pieces.push([start, stop, "strange"]);
    pieces.push([end, map.text.length, "outside"]);
  }
  return pieces
    .filter(([start, stop]) => stop > start)
    .sort(([a], [b]) => a - b)
    .map(([start, stop, kind]) => ({ from: rawAt(map, start), to: rawAt(map, stop), kind }))
    .filter(({ from, to }) => to > from);
}

/** The brackets that match the one beside a raw offset: both, or the lone one; null when none stands there. */
export function bracketsAt(
  post: string,
  at: number,
): { readonly pair: readonly Range[]; readonly isMatched: boolean } | null {
  const { map, tokens } = readPost(post);
  const rangeOf = (index: number): Range => ({
    from: rawAt(map, tokens[index]!.start),
    to: rawAt(map, tokens[index]!.end),
  });
  const beside = (isBehind: boolean): number =>
    tokens.findIndex(({ kind }, index) => {
      if (!partners.has(kind)) return false;
      const { from, to } = rangeOf(index);
      return (isBehind ? to : from) === at;
    });
  const index = beside(true) < 0 ? beside(false) : beside(true);
  if (index < 0) return null;
  const { kind } = tokens[index]!;
  const step = openers.includes(kind) ? 1 : -1;
  const open = [partners.get(kind)];
  for (let other = index + step; other >= 0 && other < tokens.length; other += step) {
    const found = tokens[other]!.kind;
    const partner = partners.get(found);
    if (partner === undefined) continue;
    if (openers.includes(found) === (step === 1)) open.push(partner);
    else if (open.pop() !== found) break;
    else if (open.length === 0) return { pair: [rangeOf(index), rangeOf(other)], isMatched: true };
  }
  return { pair: [rangeOf(index)], isMatched: false };
}

const openers = "([{";
const partners: ReadonlyMap<string, string> = new Map(["()", ")(", "[]", "][", "{}", "}{"].map(([a, b]) => [a!, b!]));

function kindOf(reading: Reading, index: number): TokenKind {
  const token = reading.tokens[index]!;
  if (token.kind === "number" || token.kind === "text") return token.kind;
  if (isWord(token)) return wordKind(reading, index);
  return partners.has(token.kind) ? "bracket" : "operator";
}
