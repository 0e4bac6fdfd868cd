import type { QuickFix, Range } from "@bramble/warble";
import { placeOf, problemsOf } from "@bramble/warble";
import type { Composed, Draft } from "./compose.ts";
import { draftOf, rangeInTyped, rangeOfDraft } from "./compose.ts";
import type { Answer } from "./running.ts";

/** What is wrong with a piece of what was typed, UTF-16 offsets in it. */
export type Mark = Range & {
  readonly severity: "error" | "warning";
  /** The class of an error; null for a warning. */
  readonly class: string | null;
  readonly message: string;
  readonly fix: QuickFix | null;
};

/** All that reading finds wrong with what was typed, placed in it. Bounded by 280 characters, so this may happen here. */
export function problemsIn(typed: string): readonly Mark[] {
  if (typed.trim() === "") return [];
  const draft = draftOf(typed);
  return withOneRemarkOnClosers(
    problemsOf(draft.post).map((problem) => ({
      ...problem,
      ...rangeOfDraft(typed, draft, problem),
      fix: fixInTyped(typed, draft, problem.fix),
    })),
  );
}

/** What went wrong while a program ran and what it was forgiven, placed in what was typed. */
export function problemsOfRun(typed: string, composed: Composed, { error, warnings }: Answer): readonly Mark[] {
  const at = (pos: number) => rangeInTyped(typed, composed, placeOf(composed.text, pos));
  const told = warnings.map(
    ({ pos, message }): Mark => ({ ...at(pos), severity: "warning", class: null, message, fix: null }),
  );
  if (error === null) return told;
  const { pos, message } = error;
  return [{ ...at(pos), severity: "error", class: error.class, message, fix: null }, ...told];
}

/** The typed text with a fix made. */
export function mended(typed: string, { from, to, insert }: QuickFix): string {
  return typed.slice(0, from) + insert + typed.slice(to);
}

/** A problem in one line, as the command line tells it. */
export function inWords({ class: errorClass, message }: Mark): string {
  return errorClass === null ? message : `${errorClass}: ${message}`;
}

/** Several closers that are missing at one place are one remark with one remedy. */
function withOneRemarkOnClosers(marks: readonly Mark[]): readonly Mark[] {
  const closers = marks.filter(({ fix }) => fix !== null && fix.from === fix.to && /^[)\]}]+$/.test(fix.insert));
  const together = closers.filter(({ fix }) => fix?.from === closers[0]?.fix?.from);
  const first = together[0];
  if (first === undefined || first.fix === null || together.length < 2) return marks;
  const insert = together.map(({ fix }) => fix?.insert ?? "").join("");
  const message = `${[...insert].slice(0, -1).join(" ")} and ${insert.at(-1)} were missing here and were supplied.`;
  const one: Mark = { ...first, message, fix: { ...first.fix, insert, label: `Put in ${insert}` } };
  return marks.flatMap((mark) => (mark === first ? [one] : together.includes(mark) ? [] : [mark]));
}

function fixInTyped(typed: string, draft: Draft, fix: QuickFix | null): QuickFix | null {
  if (fix === null) return null;
  // The brace that we put behind is not theirs to take away.
  if (fix.to > fix.from && fix.to - draft.shift > typed.length) return null;
  return { ...fix, ...rangeOfDraft(typed, draft, fix) };
}
