import type { Range } from "@bramble/warble";
import { isWarble, lengthOfPost, shrink } from "@bramble/warble";

/** A post has at most this many code points, as the language counts them: the whole post, decoded and trimmed. */
export const postLength = 280;

const before = "#pi{";
const behind = "}";

/** What will be sent for what was typed. */
export type Composed = {
  readonly text: string;
  /** What `text` counts towards 280. */
  readonly length: number;
  /** We put `#pi{` before it and `}` behind it. */
  readonly isWrapped: boolean;
};

/** What was typed as a post that the language can read, with nothing trimmed: what is typed stands in it from `shift` on. */
export type Draft = { readonly post: string; readonly shift: number };

/** The post for a typed program: as it is when it is a post already, else inside `#pi{…}`. Exactly this is sent and shown. */
export function compose(typed: string): Composed {
  const text = typed.trim();
  if (text === "" || isWarble(typed)) return { text, length: lengthOfPost(text), isWrapped: false };
  const wrapped = before + text + behind;
  return { text: wrapped, length: lengthOfPost(wrapped), isWrapped: true };
}

/** A shorter post that does the same, and how many characters it saves. */
export type Shorter = { readonly post: string; readonly saves: number };

/** The post as short as the language can make it; null when that is no shorter, or the program cannot be read. */
export function shorterOf({ text, length }: Composed): Shorter | null {
  if (text === "") return null;
  const shrunk = shrink(text);
  return "error" in shrunk || shrunk.length >= length ? null : { post: shrunk.post, saves: length - shrunk.length };
}

/** The draft of what was typed: UTF-16 offsets in it are those of the typed text and `shift`. */
export function draftOf(typed: string): Draft {
  if (typed.trim() === "" || isWarble(typed)) return { post: typed, shift: 0 };
  return { post: before + typed + behind, shift: before.length };
}

/** Where a piece of `compose(typed).text` stands in what was typed; what we put around it stands at its ends. */
export function rangeInTyped(typed: string, { isWrapped }: Composed, range: Range): Range {
  const lead = typed.length - typed.trimStart().length - (isWrapped ? before.length : 0);
  return clamped(typed, lead, range);
}

/** Where a piece of a draft stands in what was typed. */
export function rangeOfDraft(typed: string, { shift }: Draft, range: Range): Range {
  return clamped(typed, -shift, range);
}

function clamped(typed: string, by: number, { from, to }: Range): Range {
  const within = (at: number): number => Math.max(0, Math.min(typed.length, at + by));
  return { from: within(from), to: within(to) };
}
