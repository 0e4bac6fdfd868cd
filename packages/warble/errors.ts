/** The class of everything that can go wrong with a post; the first word of each error line. */
export type ErrorClass =
  | "NOTWARBLE"
  | "LONG"
  | "SYNTAX"
  | "NAME"
  | "ARGS"
  | "TYPE"
  | "INDEX"
  | "DIV0"
  | "DOMAIN"
  | "RANGE"
  | "PURE"
  | "DEPTH"
  | "STEPS"
  | "TIME"
  | "MEMORY"
  | "OUTPUT";

/** How a program ended when it did not end well: class, 1-based code point in the trimmed post, a teaching sentence. */
export type WarbleError = { readonly class: ErrorClass; readonly pos: number; readonly message: string };

/** Something that we forgave, and how to write it so that nothing needs forgiving. Never on stdout. */
export type Warning = { readonly pos: number; readonly message: string };

/** A small change that mends what an error or a warning is about: `text` in place of what stands from `start` to `end`. */
export type Fix = { readonly start: number; readonly end: number; readonly text: string };

/** A remark or failure before its offset in UTF-16 units is turned into a position in code points. */
export type Remark = { readonly at: number; readonly message: string; readonly fix?: Fix };

/** Thrown inside the package only; `run` and `parse` turn it into a `WarbleError`. `at` is an offset in UTF-16 units. */
export class Failure extends Error {
  readonly class: ErrorClass;
  readonly at: number;
  readonly fix: Fix | undefined;
  constructor(errorClass: ErrorClass, at: number, message: string, fix?: Fix) {
    super(message);
    this.class = errorClass;
    this.at = at;
    this.fix = fix;
  }
}

/** End the program with an error of `errorClass` at the UTF-16 offset `at`; `fix`, where one is known, is for editors. */
export function fail(errorClass: ErrorClass, at: number, message: string, fix?: Fix): never {
  throw new Failure(errorClass, at, message, fix);
}

/** The error of a program that its host had to stop: wall time is watched from outside, never in here. */
export function timeError(pos = 1): WarbleError {
  return { class: "TIME", pos, message: "The program took longer than the wall time that it may have." };
}

/** The 1-based code point position of the UTF-16 offset `at` in `text`. */
export function positionOf(text: string, at: number): number {
  let position = 1;
  const end = Math.min(at, text.length);
  for (let i = 0; i < end; i++) {
    if (text.codePointAt(i)! > 0xffff && i + 1 < end) i++;
    position++;
  }
  return position;
}
