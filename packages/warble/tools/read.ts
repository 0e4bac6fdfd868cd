import type { Checked } from "../check.ts";
import type { WarbleError, Warning } from "../errors.ts";
import { lex } from "../lex.ts";
import { type Limits, publicLimits } from "../limits.ts";
import { decodePost, markOf, openPost } from "../post.ts";
import { parse } from "../run.ts";

/** A post taken apart: its program, and the words around it that no program ever looks at. */
export type ReadPost = {
  readonly text: string;
  readonly program: Checked;
  readonly warnings: readonly Warning[];
  /** What stands before the program's brace, `#pi` included. */
  readonly head: string;
  /** What stands behind the program's last brace. */
  readonly tail: string;
};

/** What the tools allow: they must also read what is still too long to be posted. */
export const toolLimits: Limits = { ...publicLimits, postLength: 4000 };

/** Read a post of any length that a person would write. */
export function readPost(post: string): ReadPost | { readonly error: WarbleError } {
  const parsed = parse(post, toolLimits);
  if ("error" in parsed) return parsed;
  const { text, open } = openPost(post, toolLimits.postLength);
  const end = lex(text, open).tokens.at(-1)!.start;
  const spare = /^[\s;}]*\}[\s;}]*$/;
  const tail = text.slice(end);
  return {
    text,
    program: parsed.program,
    warnings: parsed.warnings,
    head: headOf(text, open),
    tail: spare.test(tail) ? "" : tail,
  };
}

/** The text of a post in which positions count: entities decoded, normalised, trimmed. */
export function textOfPost(post: string): string {
  try {
    return decodePost(post, toolLimits.postLength);
  } catch {
    return post.trim(); // far too long to be a post
  }
}

/** Before the program: the mark as everybody writes it, and what stands in front of it; nothing where a brace begins. */
function headOf(text: string, open: number): string {
  const mark = markOf(text, open);
  return mark === open ? "" : `${text.slice(0, mark)}#pi`;
}
