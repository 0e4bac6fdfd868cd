import { fail, type Remark } from "./errors.ts";
import type { Lexed, Token } from "./lex.ts";

// 280 characters cannot nest deeper; longer posts of contests must not reach the end of the JavaScript stack.
const deepestNesting = 600;

/** A place among the tokens, with what both halves of the parser do there. */
export class Cursor {
  readonly remarks: Remark[];
  token: Token;
  readonly #tokens: readonly Token[];
  #next = 0;
  #nesting = 0;

  constructor(lexed: Lexed) {
    this.#tokens = lexed.tokens;
    this.token = lexed.tokens[0]!;
    this.remarks = lexed.remarks.slice();
  }

  /** The token at hand; the next one takes its place. */
  advance(): Token {
    const token = this.token;
    this.token = this.#tokens[++this.#next] ?? token;
    return token;
  }

  /** The token before the one at hand, if any. */
  before(): Token | undefined {
    return this.#tokens[this.#next - 1];
  }

  /** The kind of a token further on; 0 is the one at hand. */
  peek(ahead: number): string {
    return this.#tokens[this.#next + ahead]?.kind ?? "end";
  }

  /** The token at hand, which must be of this kind; `sentence` says why. */
  expect(kind: string, sentence: string): Token {
    if (this.token.kind !== kind) fail("SYNTAX", this.token.start, `${sentence}, not ${describe(this.token)}.`);
    return this.advance();
  }

  /** A closing bracket; before `}` and at the end a missing one is supplied. Gives the offset where it ends. */
  closer(kind: ")" | "]" | "}"): number {
    const token = this.token;
    if (token.kind === kind) return this.advance().end;
    if (token.kind === "end" || token.kind === "}") {
      this.#supplied(kind, token.start);
      return token.start;
    }
    const { start, end } = token;
    const sentence = `Expected an operator, a comma or ${kind}, not ${describe(token)}.`;
    if (token.kind === "=") {
      return fail("SYNTAX", start, `${sentence} To compare write ==.`, { start, end, text: "==" });
    }
    if (!startsValue(token.kind)) return fail("SYNTAX", start, sentence);
    const joined = " Two values side by side need an operator or a comma between them.";
    const fix = { start: this.before()!.end, end: start, text: "," };
    return fail("SYNTAX", start, sentence + joined, fix);
  }

  /** Tell of a supplied closer; of many of a kind at one place once, with all of them to put in. */
  #supplied(kind: string, at: number): void {
    const message = `A ${kind} was missing here and was supplied.`;
    const last = this.remarks.at(-1);
    const isRepeated = last?.at === at && last.message === message;
    const text = (isRepeated ? (last.fix?.text ?? "") : "") + kind;
    if (isRepeated) this.remarks.pop();
    this.remarks.push({ at, message, fix: { start: at, end: at, text } });
  }

  /** Go one level deeper into brackets. */
  nest(at: number): void {
    if (++this.#nesting > deepestNesting) fail("DEPTH", at, "Brackets inside brackets: too many levels.");
  }

  /** Come back from a level. */
  unnest(): void {
    this.#nesting--;
  }
}

/** Whether a token of this kind begins a value that stands alone. */
function startsValue(kind: string): boolean {
  return kind === "number" || kind === "text" || kind === "word" || kind === "sign";
}

/** Whether a token of this kind begins an expression. */
export function startsExpression(kind: string): boolean {
  return startsValue(kind) || "([-+!".includes(kind) || kind === "--" || kind === "++";
}

/** A token in words, for error sentences. */
export function describe(token: Token): string {
  switch (token.kind) {
    case "end":
      return "the end of the post";
    case "text":
      return "a text";
    case "number":
      return `the number ${token.text.length > 20 ? `${token.text.slice(0, 20)}…` : token.text}`;
    default:
      return token.text;
  }
}
