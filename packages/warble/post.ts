import { foldUnit, isAscii } from "./characters.ts";
import { fail } from "./errors.ts";

/** A post made ready to be read: its decoded, trimmed text and where the program's `{` stands in it. */
export type Post = { readonly text: string; readonly open: number };

const entity = /&(?:lt|gt|amp|quot|#39);/g;
/** What web pages write in place of a character, and the character. */
export const entities: ReadonlyMap<string, string> = new Map([
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&amp;", "&"],
  ["&quot;", '"'],
  ["&#39;", "'"],
]);
// Six units an entity, two a character, four characters that NFC may join into one: more cannot shrink to the limit.
const mostUnitsPerCharacter = 48;

/**
 * Decode, normalise and trim a post and find its program (SPEC section 1).
 *
 * @throws Failure LONG or NOTWARBLE; `decoded` is what positions count in.
 */
export function openPost(post: string, postLength: number): Post {
  const text = decodePost(post, postLength);
  let length = text.length;
  if (length > postLength) {
    for (let i = 0; i < text.length; i++) if (text.codePointAt(i)! > 0xffff) length--;
    if (length > postLength) {
      fail("LONG", text.length, `A post has at most ${postLength} characters; this one has ${length}.`);
    }
  }
  const open = findOpen(text);
  if (open < 0) fail("NOTWARBLE", 0, "A Warble looks like #pi{PRINT(1)}: here is no #pi{ and no { at the start.");
  return { text, open };
}

/** Whether a text has a `#pi{`, or starts with `{`. Looks at the first few thousand characters only. */
export function holdsProgram(text: string): boolean {
  const most = 10_000;
  return findOpen(decodePost(text.trim().slice(0, most), most)) >= 0;
}

/** The text in which positions count: entities decoded, NFC, trimmed. */
export function decodePost(post: string, postLength: number): string {
  let text = post.trim();
  if (text.length > postLength * mostUnitsPerCharacter) {
    fail("LONG", 0, `A post has at most ${postLength} characters; this one has far more.`);
  }
  if (text.includes("&")) text = text.replace(entity, (found) => entities.get(found)!);
  // What is ASCII is composed, and no entity stands for a space.
  return isAscii(text) ? text : text.normalize("NFC").trim();
}

/** Where the `#` of the mark before the program's `{` stands; at the brace itself where a post begins with it. */
export function markOf(text: string, open: number): number {
  for (let at = open - 1; at >= 0; at--) if (foldUnit(text.charCodeAt(at)) === 35) return at;
  return open;
}

/** Where the `{` of the program stands in a decoded text; -1 when it has none. */
export function findOpen(text: string): number {
  // What a trim leaves at the start and is read as a space all the same: zero-width spaces, soft hyphens.
  const start = skipSpaces(text, 0);
  if (foldUnit(text.charCodeAt(start)) === 123) return start;
  for (let i = 0; i < text.length; i++) {
    if (foldUnit(text.charCodeAt(i)) !== 35) continue;
    let j = skipSpaces(text, i + 1);
    if ((foldUnit(text.charCodeAt(j)) | 32) !== 112) continue;
    if ((foldUnit(text.charCodeAt(j + 1)) | 32) !== 105) continue;
    j = skipSpaces(text, j + 2);
    if (foldUnit(text.charCodeAt(j)) === 123) return j;
  }
  return -1;
}

function skipSpaces(text: string, from: number): number {
  let i = from;
  while (i < text.length && foldUnit(text.charCodeAt(i)) === 32) i++;
  return i;
}
