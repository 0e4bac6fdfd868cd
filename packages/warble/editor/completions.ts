import { aliases, builtins, findBuiltin } from "../builtins/table.ts";
import { keywords } from "../keywords.ts";
import { type Range, rawAt, textAt } from "./places.ts";
import { isWord, type Reading, readPost, type WordKind, wordKind } from "./reading.ts";

/** A word that may be meant: what is written, how it is used, what it does. */
export type Completion = {
  readonly label: string;
  readonly kind: WordKind;
  /** How it is used, without its name: `(x[,d])`; empty where there is nothing to say. */
  readonly detail: string;
  readonly summary: string;
  /** Brackets belong behind it, and stand not there yet. */
  readonly opens: boolean;
};

/** What may stand at a place: `from` to `to` is the word so far, empty between words. */
export type Completions = Range & { readonly options: readonly Completion[] };

/**
 * What may be meant at a raw offset: the program's own names and functions first, then keywords, built-ins and aliases.
 * Null inside a text or a number, and where the program is not.
 */
export function completionsAt(post: string, at: number): Completions | null {
  const reading = readPost(post);
  const { map, open, end, isClosed, tokens } = reading;
  const offset = textAt(map, at);
  if (open < 0 || offset <= open || (isClosed ? offset >= end : offset > end)) return null;
  const index =
    at > rawAt(map, offset) ? -1 : tokens.findIndex(({ start, end: stop }) => start < offset && offset <= stop);
  const token = tokens[index];
  if (token?.kind === "number") return null;
  // A text ends behind its closing quote, if it has one.
  if (token?.kind === "text" && (offset < token.end || token.end - token.start < token.text.length + 2)) return null;
  const isTyped = token !== undefined && isWord(token);
  const isCalled = tokens.find(({ start }) => start >= offset)?.kind === "(";
  const from = isTyped ? rawAt(map, token.start) : at;
  return { from, to: at, options: [...own(reading, isTyped ? index : -1, isCalled), ...known(isCalled)] };
}

function own(reading: Reading, typed: number, isCalled: boolean): Completion[] {
  const found = new Map<string, Completion>();
  for (const [label, params] of reading.functions) {
    const detail = `(${params.join(",")})`;
    const opens = !isCalled;
    found.set(label, { label, kind: "function", detail, summary: "A function of this program.", opens });
  }
  reading.tokens.forEach((token, index) => {
    // A word is no suggestion for itself.
    if (index === typed || token.kind !== "word" || found.has(token.text)) return;
    if (wordKind(reading, index) !== "name" || reading.tokens[index + 1]?.kind === "(") return;
    const { text: label } = token;
    found.set(label, { label, kind: "name", detail: "", summary: "A name of this program.", opens: false });
  });
  return [...found.values()];
}

function known(isCalled: boolean): Completion[] {
  return [
    ...keywords.map(({ name, signature, summary }): Completion => {
      const detail = signature.startsWith(name) ? signature.slice(name.length) : ` ${signature}`;
      return { label: name, kind: "keyword", detail, summary, opens: detail.startsWith("(") && !isCalled };
    }),
    ...builtins.map(({ name, signature, summary }): Completion => {
      const opens = name !== "PI" && !isCalled;
      return { label: name, kind: "builtin", detail: signature.slice(name.length), summary, opens };
    }),
    ...[...aliases].map(([label, name]): Completion => {
      const { signature, summary } = findBuiltin(name)!;
      const detail = signature.slice(name.length);
      return { label, kind: "builtin", detail, summary: `Short for ${name}. ${summary}`, opens: !isCalled };
    }),
  ];
}
