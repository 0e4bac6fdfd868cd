import type { ExitWith } from "../commands/programs.ts";
import { exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { tell } from "./place.ts";

/** `bramble warble check`: every error and warning of a post, with its place. */
export async function checkPost(
  terminal: Terminal,
  exitWith: ExitWith,
  post: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const { parse, publicLimits, shrink, textOfPost, toolLimits } = await import("@bramble/warble");
  const parsed = parse(post, toolLimits);
  const text = textOfPost(post);
  const length = [...text].length;
  const over = Math.max(0, length - publicLimits.postLength);
  const error = "error" in parsed ? parsed.error : null;
  const warnings = "error" in parsed ? [] : parsed.warnings;
  if (error !== null) exitWith(exitCodes.failed);
  if (options.json) return terminal.out(JSON.stringify({ valid: error === null, length, over, error, warnings }));
  if (error !== null) tell(terminal, text, error);
  for (const warning of [...warnings].sort((a, b) => a.pos - b.pos)) tell(terminal, text, warning);
  if (over > 0 && error?.class !== "LONG")
    terminal.note(overSentence(length, over, shrink(post), publicLimits.postLength));
  if ("program" in parsed) terminal.out(summary(length, publicLimits.postLength, parsed.program.functions.size));
}

/** How much too long, and what shrinking would do about it. */
function overSentence(length: number, over: number, shrunk: { length: number } | object, most: number): string {
  const said = `warning: ${length} characters, ${over} more than the ${most} that a post may have`;
  if (!("length" in shrunk)) return said;
  const fits = shrunk.length <= most ? "and fits" : `still ${shrunk.length - most} too many`;
  return `${said}; bramble warble shrink makes it ${shrunk.length}, ${fits}`;
}

function summary(length: number, most: number, functions: number): string {
  const own = functions === 0 ? "" : functions === 1 ? ", one function" : `, ${functions} functions`;
  const verdict = length > most ? "This is right but too long to be posted" : "This can be posted";
  return `${verdict}: ${length} of ${most} characters${own}.`;
}
