import { findBuiltin, findFold } from "../builtins/table.ts";
import { foldUnit } from "../characters.ts";
import { Failure } from "../errors.ts";
import { lex, type Token } from "../lex.ts";
import { assignments, startsFunction } from "../parse.ts";
import { findOpen, markOf } from "../post.ts";
import { mapPost, type PostMap } from "./places.ts";

/** What a word of a program is. */
export type WordKind = "keyword" | "builtin" | "function" | "name";

/** A post as far as it can be read while it is written: nothing in it need be right. Offsets are those of `map.text`. */
export type Reading = {
  readonly map: PostMap;
  /** Where `#pi` starts and the program's `{` stands; -1 when there is none. */
  readonly mark: number;
  readonly open: number;
  /** Behind the brace that matches, or the end of the post. */
  readonly end: number;
  readonly isClosed: boolean;
  readonly tokens: readonly Token[];
  /** Characters that mean nothing, each one's start and end. */
  readonly strange: readonly (readonly [start: number, end: number])[];
  /** Functions that the program writes: parameters by name. */
  readonly functions: ReadonlyMap<string, readonly string[]>;
};

// What an editor reads at most: far more than a post may have, far less than somebody may paste.
const mostUnits = 20_000;
const mostStrange = 50;

/** Read a post for an editor, by the language's own lexer. Never throws. */
export function readPost(post: string): Reading {
  const map = mapPost(post.slice(0, mostUnits));
  const open = findOpen(map.text);
  if (open < 0) {
    const { length } = map.text;
    return { map, mark: -1, open, end: length, isClosed: false, tokens: [], strange: [], functions: new Map() };
  }
  const mark = markOf(map.text, open);
  const { tokens, strange, end } = lexLeniently(map.text, open);
  const isClosed = tokens.at(-1)?.kind === "}" && isBalanced(tokens);
  return { map, mark, open, end, isClosed, tokens, strange, functions: functionsIn(tokens) };
}

/** What the word at an index of the tokens is. */
export function wordKind({ tokens, functions }: Reading, index: number): WordKind {
  const token = tokens[index]!;
  if (token.kind === "sign") return "builtin";
  if (token.kind !== "word") return "keyword";
  const next = tokens[index + 1]?.kind ?? "end";
  if (next === "(") {
    if (functions.has(token.text)) return "function";
    return findBuiltin(token.upper) !== undefined || findFold(token.upper) !== undefined ? "builtin" : "name";
  }
  if (token.upper !== "PI") return "name";
  // PI is a name like any other where the program sets it.
  const isSet = tokens.some(({ text }, at) => text === token.text && assignments.has(tokens[at + 1]?.kind ?? ""));
  return isSet ? "name" : "builtin";
}

/** Whether a token is a word: a name, a keyword or a sign that stands for a built-in. */
export function isWord({ kind }: Token): boolean {
  return kind === "word" || kind === "sign" || /^[A-Z]/.test(kind);
}

/** The index of the token that stands at an offset, else of the one that ends there; -1 for none. */
export function tokenAt({ tokens }: Reading, at: number): number {
  const index = tokens.findIndex(({ start, end }) => start <= at && at < end);
  return index >= 0 ? index : tokens.findIndex(({ start, end }) => start < end && end === at);
}

function lexLeniently(text: string, open: number): Pick<Reading, "tokens" | "strange" | "end"> {
  const strange: [number, number][] = [];
  let readable = text;
  for (;;) {
    try {
      const { tokens } = lex(readable, open);
      const end = tokens.at(-1)!.end;
      return { tokens: tokens.slice(0, -1), strange, end };
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      const { at } = thrown;
      const quote = foldUnit(readable.charCodeAt(at));
      const isText = quote === 34 || quote === 39;
      if (isText || strange.length >= mostStrange) {
        // A text that never closes is a text up to the end.
        const { tokens } = lex(readable.slice(0, at), open);
        const rest: Token = { kind: "text", text: text.slice(at + 1), upper: "", start: at, end: text.length };
        return { tokens: [...tokens.slice(0, -1), ...(isText ? [rest] : [])], strange, end: text.length };
      }
      const end = thrown.fix?.end ?? at + 1;
      strange.push([at, end]);
      readable = readable.slice(0, at) + " ".repeat(end - at) + readable.slice(end);
    }
  }
}

function isBalanced(tokens: readonly Token[]): boolean {
  let braces = 0;
  for (const { kind } of tokens) braces += kind === "{" ? 1 : kind === "}" ? -1 : 0;
  return braces === 0;
}

function functionsIn(tokens: readonly Token[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let braces = 0;
  tokens.forEach(({ kind, text }, index) => {
    if (kind === "{") braces++;
    else if (kind === "}") braces--;
    if (kind !== "word" || braces !== 1 || found.has(text)) return;
    if (!startsFunction({ peek: (ahead) => tokens[index + ahead]?.kind ?? "end" })) return;
    const close = tokens.findIndex((token, at) => at > index && token.kind === ")");
    found.set(
      text,
      tokens.slice(index + 2, close).flatMap((token) => (token.kind === "word" ? [token.text] : [])),
    );
  });
  return found;
}
