import type { ProgramError } from "@bramble/core/work";
import { parse } from "@bramble/warble";

/**
 * What is wrong with a post that can be told without running it: no Warble, too long, not its grammar; or null.
 * Reading a post is pure and bounded by its length, so the head does it on its own thread; running is the sandbox's.
 */
export function checkPost(post: string): ProgramError | null {
  const parsed = parse(post);
  return "error" in parsed ? parsed.error : null;
}
