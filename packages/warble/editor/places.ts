import { entities } from "../post.ts";

/**
 * Where each piece of a decoded post stands in what was typed. The language counts code points of the decoded, trimmed
 * post (SPEC section 1), an editor UTF-16 units of the raw text.
 */
export type PostMap = {
  /** The decoded, trimmed post. */
  readonly text: string;
  /** Its code points: what counts towards 280. */
  readonly length: number;
  /** For each UTF-16 unit of `text` its offset in the raw text, then one for the end. Never falls. */
  readonly starts: readonly number[];
};

/** A piece of the raw text, in UTF-16 offsets. */
export type Range = { readonly from: number; readonly to: number };

/** Read a post as `parse` does, and keep where everything came from. Any text will do, also one that is too long. */
export function mapPost(post: string): PostMap {
  const lead = post.length - post.trimStart().length;
  const end = post.trimEnd().length;
  const starts: number[] = [];
  let text = "";
  const keep = (segment: string, units: readonly number[]): void => {
    const folded = segment.normalize("NFC");
    // Where letters and marks were joined or reordered, all of them stand for all of it.
    for (let i = 0; i < folded.length; i++) starts.push(folded === segment ? units[i]! : units[0]!);
    text += folded;
  };
  let segment = "";
  let units: number[] = [];
  for (let at = lead; at < end; ) {
    const entity = entityAt(post, at);
    const letter = entity === undefined ? String.fromCodePoint(post.codePointAt(at)!) : entities.get(entity)!;
    if (segment !== "" && !joins(segment, letter)) {
      keep(segment, units);
      segment = "";
      units = [];
    }
    segment += letter;
    for (let i = 0; i < letter.length; i++) units.push(at + i);
    at += (entity ?? letter).length;
  }
  keep(segment, units);
  starts.push(Math.max(lead, end));
  return { text, length: lengthOf(text), starts };
}

/** The raw offset of an offset in the decoded text. */
export function rawAt({ starts }: PostMap, at: number): number {
  return starts[Math.max(0, Math.min(at, starts.length - 1))]!;
}

/** The offset in the decoded text that a raw offset stands at or in; 0 before it, its length behind it. */
export function textAt({ starts }: PostMap, raw: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= raw) low = middle;
    else high = middle - 1;
  }
  // Letters that were joined share a start: the first of them is meant.
  while (low > 0 && starts[low - 1] === starts[low]) low--;
  return low;
}

/** The offset in the decoded text of a position that an error names (a code point, from 1). */
export function offsetOf({ text }: PostMap, pos: number): number {
  let at = 0;
  for (let left = pos - 1; left > 0 && at < text.length; left--) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

function entityAt(post: string, at: number): string | undefined {
  if (post[at] !== "&") return undefined;
  for (const entity of entities.keys()) if (post.startsWith(entity, at)) return entity;
  return undefined;
}

/** Whether a letter is one with what stands before it when both are normalised. */
function joins(segment: string, letter: string): boolean {
  if (letter.charCodeAt(0) < 0x300) return false;
  if (/^\p{M}/u.test(letter)) return true;
  return (segment + letter).normalize("NFC") !== segment.normalize("NFC") + letter.normalize("NFC");
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
