import type { Rewritten } from "@bramble/warble";
import type { ExitWith } from "../commands/programs.ts";
import { exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { tell } from "./place.ts";

type Options = { readonly json?: boolean };

/** `bramble warble format`: the post laid out for people. */
export async function formatPost(terminal: Terminal, exitWith: ExitWith, post: string, options: Options) {
  const { format, publicLimits, shrink, textOfPost } = await import("@bramble/warble");
  const most = publicLimits.postLength;
  const result = format(post);
  if (!show(terminal, exitWith, textOfPost(post), result, options)) return;
  if (result.length <= most) return;
  const shrunk = shrink(post);
  const shorter = "error" in shrunk ? "" : `; shrunk it has ${shrunk.length}`;
  terminal.note(`${result.length} characters like this, ${result.length - most} too many for a post${shorter}`);
}

/** `bramble warble shrink`: the post in fewer characters, and whether it fits now. */
export async function shrinkPost(
  terminal: Terminal,
  exitWith: ExitWith,
  post: string,
  options: Options & { readonly ascii?: boolean },
) {
  const { publicLimits, shrink, textOfPost } = await import("@bramble/warble");
  const most = publicLimits.postLength;
  const result = shrink(post, { isAscii: options.ascii === true });
  if (!show(terminal, exitWith, textOfPost(post), result, options)) return;
  const { length, lengthBefore } = result;
  const saved = lengthBefore === length ? "nothing to leave out" : `${lengthBefore - length} fewer than before`;
  const fits =
    length > most ? `; still ${length - most} too many for a post` : lengthBefore > most ? "; now it fits" : "";
  terminal.note(`${length} characters, ${saved}${fits}`);
}

/** Prints what came out. @returns whether anything more is to be said. */
function show(
  terminal: Terminal,
  exitWith: ExitWith,
  text: string,
  result: Rewritten,
  { json }: Options,
): result is Exclude<Rewritten, { readonly error: unknown }> {
  if (json) terminal.out(JSON.stringify(result));
  if ("error" in result) {
    if (!json) tell(terminal, text, result.error);
    exitWith(exitCodes.failed);
    return false;
  }
  if (!json) terminal.out(result.post);
  return !json;
}
