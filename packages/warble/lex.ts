import { builtinOf, foldUnit, foldWord, operatorOf, superscriptOf } from "./characters.ts";
import { fail, type Remark } from "./errors.ts";
import { keywords } from "./keywords.ts";

/**
 * One token. `kind` is `number`, `text`, `word`, `sign` (a `√` and its like), `end`, a keyword in capitals or the
 * operator itself; `text` is what it means (folded); `upper` is the word in capitals when it is plain ASCII.
 */
export type Token = {
  readonly kind: string;
  readonly text: string;
  readonly upper: string;
  readonly start: number;
  readonly end: number;
};

/** The tokens from `{` to the brace that matches it, then one of kind `end`; and what was forgiven. */
export type Lexed = { readonly tokens: readonly Token[]; readonly remarks: readonly Remark[] };

// To one string each: strings that are the same object are compared fastest.
const reserved: ReadonlyMap<string, string> = new Map(keywords.map(({ name }) => [name, name]));
// Marks go on a word, save variation selectors, which are spaces.
const letters =
  /[\p{L}_\uff3f](?:(?![\u180b-\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\p{L}\p{M}_0-9\uff10-\uff19\uff3f])*/uy;
const operators = "{ } ( ) [ ] ; , ? : + - * / % ^ = < > ! & | ++ -- += -= *= /= //= %= ^= // == != <= >= && ||".split(
  " ",
);
const capitals: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code).toUpperCase());
// By code for one sign; by both codes for two.
const single: readonly (string | undefined)[] = Array.from({ length: 128 }, (_, code) =>
  operators.find((operator) => operator === String.fromCharCode(code)),
);
const double: readonly (string | undefined)[] = Array.from({ length: 128 * 128 }, (_, codes) =>
  operators.find((operator) => operator === String.fromCharCode(codes >> 7, codes & 127)),
);

// Brackets, separators and the like never grow: only signs that have a longer form look on.
const grows: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  operators.some((operator) => operator.length === 2 && operator.charCodeAt(0) === code),
);

/**
 * Cut `text` into tokens, from the `{` at `open` to its matching brace (or the end of the post).
 *
 * @throws Failure SYNTAX for a text that never closes or a character that means nothing.
 */
export function lex(text: string, open: number): Lexed {
  const tokens: Token[] = [];
  const remarks: Remark[] = [];
  let braces = 0;
  let i = open;
  while (i < text.length) {
    const unit = text.charCodeAt(i);
    const code = foldUnit(unit);
    if (code < 128 && single[code] !== undefined) {
      i = lexOperator(text, i, code, tokens);
      if (code === 123) braces++;
      else if (code === 125 && --braces === 0) break;
    } else if (code === 32) {
      i++;
    } else if (isDigit(code) || (code === 46 && isDigit(foldUnit(text.charCodeAt(i + 1))))) {
      i = lexNumber(text, i, tokens);
    } else if (isLetter(code)) {
      i = lexWord(text, i, tokens);
    } else if (code === 34 || code === 39) {
      i = lexText(text, i, code, tokens);
    } else if (code === 92) {
      i = dropBackslashes(text, i);
    } else if (code < 128) {
      strange(text, i);
    } else {
      i = lexOther(text, i, unit, tokens);
    }
  }
  if (braces === 0) remarkSpare(text, i, remarks);
  tokens.push({ kind: "end", text: "", upper: "", start: i, end: i });
  return { tokens, remarks };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function lexNumber(text: string, start: number, tokens: Token[]): number {
  let i = skipDigits(text, start);
  if (foldUnit(text.charCodeAt(i)) === 46) i = skipDigits(text, i + 1);
  if ((foldUnit(text.charCodeAt(i)) | 32) === 101) {
    const sign = foldUnit(text.charCodeAt(i + 1));
    const digits = sign === 43 || sign === 45 ? i + 2 : i + 1;
    if (isDigit(foldUnit(text.charCodeAt(digits)))) i = skipDigits(text, digits);
  }
  let number = "";
  for (let j = start; j < i; j++) {
    if (text.charCodeAt(j) >= 128) {
      for (let k = start; k < i; k++) number += String.fromCharCode(foldUnit(text.charCodeAt(k)));
      break;
    }
  }
  tokens.push({ kind: "number", text: number || text.slice(start, i), upper: "", start, end: i });
  return i;
}

function skipDigits(text: string, from: number): number {
  let i = from;
  while (isDigit(foldUnit(text.charCodeAt(i)))) i++;
  return i;
}

function lexWord(text: string, start: number, tokens: Token[]): number {
  let i = start;
  let unit = text.charCodeAt(i);
  while (unit < 128 && (isLetter(unit) || isDigit(unit))) unit = text.charCodeAt(++i);
  if (unit >= 128) {
    letters.lastIndex = start;
    i = start + letters.exec(text)![0].length;
    pushWord(foldWord(text.slice(start, i)), start, i, tokens);
  } else pushWord(text.slice(start, i), start, i, tokens);
  return i;
}

function pushWord(word: string, start: number, end: number, tokens: Token[]): void {
  const upper = upperOf(word);
  const keyword = word.length > 1 && word.length < 9 ? reserved.get(upper) : undefined;
  tokens.push({ kind: keyword ?? "word", text: word, upper, start, end });
}

/** A word of ASCII letters in capitals; empty for any other, which is no keyword and no built-in. */
function upperOf(word: string): string {
  // Most words are one letter, and asking the engine costs more than all else that is done for it.
  if (word.length === 1) return capitals[word.charCodeAt(0)] ?? "";
  let isUpper = true;
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i);
    if (unit > 127) return "";
    if (unit > 96) isUpper = false;
  }
  return isUpper ? word : word.toUpperCase();
}

function lexText(text: string, start: number, quote: number, tokens: Token[]): number {
  let value = "";
  let from = start + 1;
  for (let i = from; i < text.length; i++) {
    const code = foldUnit(text.charCodeAt(i));
    if (code === quote) {
      tokens.push({ kind: "text", text: value + text.slice(from, i), upper: "", start, end: i + 1 });
      return i + 1;
    }
    if (code === 92) {
      const end = skipBackslashes(text, i);
      if (isQuote(text, end)) {
        value += text.slice(from, i);
        from = end;
      }
      i = end - 1;
    }
  }
  // Most likely it was to end before the closers at the end.
  let end = text.length;
  while (end > start + 1 && "; )]}\n".includes(text.charAt(end - 1))) end--;
  const fix = { start: end, end, text: text.charAt(start) };
  return fail("SYNTAX", start, "This text never closes: a quote is missing at its end.", fix);
}

function skipBackslashes(text: string, from: number): number {
  let i = from;
  while (foldUnit(text.charCodeAt(i)) === 92) i++;
  return i;
}

function isQuote(text: string, at: number): boolean {
  const code = foldUnit(text.charCodeAt(at));
  return code === 34 || code === 39;
}

function dropBackslashes(text: string, start: number): number {
  const end = skipBackslashes(text, start);
  if (!isQuote(text, end)) {
    fail("SYNTAX", start, "A \\ means nothing here; floor division is //.", { start, end, text: "//" });
  }
  return end;
}

function lexOperator(text: string, start: number, code: number, tokens: Token[]): number {
  let operator = single[code]!;
  let i = start + 1;
  if (grows[code]) {
    const next = foldUnit(text.charCodeAt(i));
    const longer = next < 128 ? double[(code << 7) | next] : undefined;
    if (longer !== undefined) {
      operator = longer;
      i++;
      if (longer === "//" && foldUnit(text.charCodeAt(i)) === 61) {
        operator = "//=";
        i++;
      }
    }
  }
  tokens.push({ kind: operator, text: operator, upper: "", start, end: i });
  return i;
}

function lexOther(text: string, start: number, unit: number, tokens: Token[]): number {
  const operator = operatorOf(unit);
  if (operator !== undefined) {
    tokens.push({ kind: operator, text: operator, upper: "", start, end: start + 1 });
    return start + 1;
  }
  if (superscriptOf(unit) !== undefined) return lexSuperscript(text, start, tokens);
  if (isFarSelector(text, start)) return start + 2;
  const sign = builtinOf(text.charAt(start));
  letters.lastIndex = start;
  const word = letters.exec(text)?.[0];
  if (sign !== undefined && (word === undefined || word.length === 1)) {
    const kind = sign === "PI" ? "word" : "sign";
    tokens.push({ kind, text: sign, upper: sign, start, end: start + 1 });
    return start + 1;
  }
  if (word === undefined) return strange(text, start);
  pushWord(foldWord(word), start, start + word.length, tokens);
  return start + word.length;
}

/** Whether a variation selector beyond the first plane (U+E0100 to U+E01EF) stands here: a space like the near ones. */
function isFarSelector(text: string, at: number): boolean {
  const code = text.codePointAt(at)!;
  return code >= 0xe0100 && code <= 0xe01ef;
}

/** A character as a sentence shows it; by its number where a terminal would show nothing, or obey it. */
function shown(code: number): string {
  const character = String.fromCodePoint(code);
  if (!/[\p{C}\p{Z}\p{M}]/u.test(character)) return character;
  return `The character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function strange(text: string, start: number): never {
  const code = text.codePointAt(start)!;
  const fix = { start, end: start + (code > 0xffff ? 2 : 1), text: "" };
  return fail("SYNTAX", start, `${shown(code)} means nothing in Warble outside a text in quotes.`, fix);
}

/** `x¹⁰` reads `x^10` and `x⁻¹` reads `x^-1`. */
function lexSuperscript(text: string, start: number, tokens: Token[]): number {
  tokens.push({ kind: "^", text: "^", upper: "", start, end: start });
  let i = start;
  let digits = "";
  let found = superscriptOf(text.charCodeAt(i));
  while (found !== undefined) {
    if (found === "-") {
      if (digits !== "") break;
      tokens.push({ kind: "-", text: "-", upper: "", start: i, end: i + 1 });
    } else digits += found;
    found = superscriptOf(text.charCodeAt(++i));
  }
  if (digits === "") fail("SYNTAX", start, "A raised minus needs raised digits behind it, as in 2⁻¹.");
  tokens.push({ kind: "number", text: digits, upper: "", start, end: i });
  return i;
}

function remarkSpare(text: string, from: number, remarks: Remark[]): void {
  if (from === text.length) return;
  const rest = text.slice(from);
  if (/^[\s;}]*\}[\s;}]*$/.test(rest)) {
    const start = from + rest.indexOf("}");
    const fix = { start, end: from + rest.length, text: "" };
    remarks.push({ at: start, message: "A spare } at the end was left out.", fix });
  }
}
