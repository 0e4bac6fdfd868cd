/** Printed tokens and how they may touch: what the tree is turned into before it is text again. */

/** One token of a printed program. */
export type Piece = {
  readonly text: string;
  readonly kind: "word" | "number" | "mark";
  /** What the wide layout puts before it: nothing, a space, or a new line with so many levels of indentation. */
  readonly before: "" | " " | number;
};

/** How a program is laid out. */
export type Style = {
  /** As short as can be, or wide for people. */
  readonly isShort: boolean;
  /** Without signs such as `²`, `√` and `≤`, which are one character each but on no keyboard. */
  readonly isAscii: boolean;
  /** `PI` is the number everywhere in the program, never a variable: it may be written by its sign. */
  readonly hasPi: boolean;
  /** The program's own functions: their names win over those of built-ins. */
  readonly functions: ReadonlySet<string>;
};

/** A word: a name or a keyword. */
export function word(text: string, before: Piece["before"] = ""): Piece {
  return { text, kind: "word", before };
}

/** Anything that is neither word nor number: a sign, a bracket, a text in quotes. */
export function mark(text: string, before: Piece["before"] = ""): Piece {
  return { text, kind: "mark", before };
}

/** The pieces as text: spaced for people, or with only the spaces without which they would be read differently. */
export function joinPieces(pieces: readonly Piece[], isShort: boolean): string {
  let text = "";
  let last: Piece | undefined;
  for (const piece of pieces) {
    const { before } = piece;
    if (last !== undefined) {
      if (!isShort && typeof before === "number") text += `\n${"  ".repeat(before)}`;
      else if ((!isShort && before === " ") || mustPart(last, piece)) text += " ";
    }
    text += piece.text;
    last = piece;
  }
  return text;
}

/** Whether two tokens that touched would be read as other tokens. */
export function mustPart(a: Piece, b: Piece): boolean {
  if (a.kind === "word") return b.kind !== "mark";
  if (a.kind === "number") {
    if (b.kind === "number") return !(b.text.startsWith(".") && /[.eE]/.test(a.text));
    return b.kind === "word" && /^e(?:\d|$)/i.test(b.text);
  }
  return (a.text === "+" || a.text === "-") && b.text.startsWith(a.text);
}

/** A post's program text as a post may carry it: what looks like an entity is kept from being decoded. */
export function escapeEntities(text: string): string {
  return text.replace(/&(?=(?:lt|gt|amp|quot|#39);)/g, "&amp;");
}

/** The characters that count against the limit: code points. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) length--;
  return length;
}
