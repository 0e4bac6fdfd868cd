import type { WarbleError, Warning } from "../errors.ts";
import { escapeEntities, joinPieces, lengthOf } from "./pieces.ts";
import { printTree } from "./print-tree.ts";
import { readPost } from "./read.ts";

/** A post written anew, and its characters after and before; or why it could not be read. */
export type Rewritten =
  | {
      /** The new post. Longer than 280 characters it is still right, only too long to be posted. */
      readonly post: string;
      /** Its characters, as the limit counts them. */
      readonly length: number;
      /** The characters of the post that was given. */
      readonly lengthBefore: number;
      readonly warnings: readonly Warning[];
    }
  | { readonly error: WarbleError };

/**
 * Lay a post out for people: a line a statement, names of built-ins in capitals, every closer in its place. It is the
 * same program to the last step, and formatting it again changes nothing. What stands around the program stays.
 *
 * Never throws; a post may have up to 4000 characters.
 */
export function format(post: string): Rewritten {
  const read = readPost(post);
  if ("error" in read) return read;
  const { text, head, tail, program, warnings } = read;
  const style = { isShort: false, isAscii: true, hasPi: false, functions: new Set(program.functions.keys()) };
  const pieces = printTree(program.tree, style, 1);
  const body = pieces.length === 0 ? "{}" : `{\n  ${joinPieces(pieces, false)}\n}`;
  const wide = `${head}${body}${tail}`;
  return { post: escapeEntities(wide), length: lengthOf(wide), lengthBefore: lengthOf(text), warnings };
}
