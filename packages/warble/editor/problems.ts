import { check } from "../check.ts";
import { type ErrorClass, Failure, type Fix } from "../errors.ts";
import { lex } from "../lex.ts";
import { type Limits, publicLimits } from "../limits.ts";
import { parseTokens } from "../parse.ts";
import { openPost } from "../post.ts";
import { mapPost, offsetOf, type PostMap, type Range, rawAt } from "./places.ts";
import { type Reading, readPost, tokenAt } from "./reading.ts";

/** A change of the raw text that mends a problem, and its name for a button. */
export type QuickFix = Range & { readonly insert: string; readonly label: string };

/** What is wrong with a post, or was forgiven, and where in the raw text. */
export type Problem = Range & {
  readonly severity: "error" | "warning";
  /** The class of an error; null for a warning. */
  readonly class: ErrorClass | null;
  readonly message: string;
  readonly fix: QuickFix | null;
};

/** All that can be found wrong with a post without running it, by the language's own checks. Never throws. */
export function problemsOf(post: string, limits: Limits = publicLimits): readonly Problem[] {
  const reading = readPost(post);
  const { map } = reading;
  try {
    const { text, open } = openPost(post, limits.postLength);
    const { tree, remarks } = parseTokens(lex(text, open));
    return check(tree, remarks).remarks.map(({ at, message, fix }) => ({
      ...rangeAt(reading, at),
      severity: "warning",
      class: null,
      message,
      fix: quickFixOf(map, fix),
    }));
  } catch (thrown) {
    if (!(thrown instanceof Failure)) return [];
    const { class: errorClass, at, message, fix } = thrown;
    const range =
      errorClass === "LONG"
        ? { from: rawAt(map, offsetOf(map, limits.postLength + 1)), to: rawAt(map, map.text.length) }
        : rangeAt(reading, at);
    return [{ ...range, severity: "error", class: errorClass, message, fix: quickFixOf(map, fix) }];
  }
}

/** The piece of a raw post that a position of an error or a warning names: a word, a sign; never empty if the post is not. */
export function placeOf(post: string, pos: number): Range {
  const reading = readPost(post);
  return rangeAt(reading, offsetOf(reading.map, pos));
}

/** What a post counts towards its 280: the code points of its decoded, trimmed text. */
export function lengthOfPost(post: string): number {
  return mapPost(post).length;
}

function rangeAt(reading: Reading, at: number): Range {
  const { map, tokens } = reading;
  const token = tokens[tokenAt(reading, at)];
  const isInside = token !== undefined && token.start <= at && at < token.end;
  const start = isInside ? token.start : Math.min(at, Math.max(0, map.text.length - 1));
  let end = isInside ? token.end : start + ((map.text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
  // A letter and its mark that were reordered stand for one piece of the raw text.
  while (end < map.text.length && rawAt(map, end) === rawAt(map, start)) end++;
  return { from: rawAt(map, start), to: rawAt(map, end) };
}

function quickFixOf(map: PostMap, fix: Fix | undefined): QuickFix | null {
  if (fix === undefined) return null;
  const { start, end, text: insert } = fix;
  const old = map.text.slice(start, end);
  const label =
    old.trim() === "" ? `Put in ${insert}` : insert === "" ? `Take out ${old}` : `Write ${insert} for ${old}`;
  return { from: rawAt(map, start), to: rawAt(map, end), insert, label };
}
