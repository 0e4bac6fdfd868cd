import { fail } from "../errors.ts";
import type { Machine } from "../machine.ts";
import { isNumber, isWhole, kindOf, type Value } from "../values.ts";

/** One built-in function or command. The table of them makes the checks, the help and the editor's completions. */
export type Builtin = {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly least: number;
  readonly most: number;
  /** Arguments that may be left out come together or not at all: the three of a colour. */
  readonly together: number;
  /** A command stands alone and prints nothing of itself. */
  readonly isCommand: boolean;
  /** Pure ones may stand inside SUM, PROD and MAP. */
  readonly isPure: boolean;
  readonly run: (m: Machine, args: Value[], at: number) => Value;
};

/** A built-in whose `signature` says how many arguments it takes: `ROUND(x[,d])` one or two, `MIN(a…)` one or more. */
export function builtin(
  signature: string,
  summary: string,
  run: Builtin["run"],
  marks: { readonly isCommand?: boolean; readonly isPure?: boolean } = {},
): Builtin {
  const open = signature.indexOf("(");
  const list = signature.slice(open + 1, -1);
  const [required = "", ...optional] = list.split("[");
  const least = required === "" ? 0 : required.split(",").length;
  const more = list.includes("…") ? Number.POSITIVE_INFINITY : optional.join("").split(/[\],]/).filter(Boolean).length;
  return {
    name: signature.slice(0, open),
    signature,
    summary,
    least,
    most: least + more,
    together: Number.isFinite(more) ? Math.max(1, more) : 1,
    isCommand: marks.isCommand ?? false,
    isPure: marks.isPure ?? true,
    run,
  };
}

/** The number in an argument, or the end of the program. */
export function numberIn(v: Value, what: string, at: number) {
  return isNumber(v) ? v : fail("TYPE", at, `${what} takes a number, not ${kindOf(v)}.`);
}

/** The whole number in an argument, or the end of the program. */
export function wholeIn(v: Value, what: string, at: number): number | bigint {
  if (isWhole(v)) return v;
  const hint = isNumber(v) ? " INT(x), ROUND(x), FLOOR(x) or // make wholes." : "";
  return fail("TYPE", at, `${what} takes a whole number, not ${kindOf(v)}.${hint}`);
}

/** The text in an argument, or the end of the program. */
export function textIn(v: Value, what: string, at: number): string {
  return typeof v === "string" ? v : fail("TYPE", at, `${what} takes a text in quotes, not ${kindOf(v)}.`);
}
