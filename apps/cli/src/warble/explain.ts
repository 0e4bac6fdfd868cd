import type { Explanation } from "@bramble/warble";
import type { ExitWith } from "../commands/programs.ts";
import { exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { table } from "../terminal.ts";
import { environmentHere } from "./environment.ts";
import { grouped, tell } from "./place.ts";

/** `bramble warble explain`: what a post does, line by line, and what it cost. */
export async function explainPost(
  terminal: Terminal,
  exitWith: ExitWith,
  post: string,
  options: { readonly json?: boolean; readonly user: string },
): Promise<void> {
  const { explain, textOfPost } = await import("@bramble/warble");
  const explanation = explain(post, environmentHere(terminal, options.user));
  if (options.json) terminal.out(JSON.stringify(explanation));
  if ("error" in explanation) {
    if (!options.json) tell(terminal, textOfPost(post), explanation.error);
    exitWith(exitCodes.failed);
    return;
  }
  if (options.json) return;
  terminal.out(told(explanation));
  const { error, warnings } = explanation.result;
  for (const finding of error === null ? warnings : [...warnings, error]) tell(terminal, textOfPost(post), finding);
}

function told({ lines, calls, result, uses, dearest }: Explanation): string {
  const sections = [
    lines.map(({ pos, depth, source, words }) => [
      `@${pos}`,
      `${"  ".repeat(depth)}${oneLine(source)}`,
      `${"  ".repeat(depth)}${words}`,
    ]),
    calls.map(({ signature, summary }) => ["", signature, summary]),
  ].filter((rows) => rows.length > 0);
  const said = sections.map((rows) => table(["", "", ""], rows).split("\n").slice(1).join("\n"));
  const effects = result.effects.length === 0 ? "" : `, ${count(result.effects.length, "effect")}`;
  said.push(
    `It printed ${count(result.out.length, "line")}${effects}${result.error === null ? "" : `, and ended with ${result.error.class}`}.`,
  );
  const rows = uses.map(({ what, used, most }) => [
    "",
    `${grouped(used)} of ${grouped(most)}`,
    `${what}, ${percent(used / most)}`,
  ]);
  if (rows.length > 0) said.push(table(["", "", ""], rows).split("\n").slice(1).join("\n"));
  if (dearest !== null)
    said.push(
      `Dearest: ${dearest.what} at @${dearest.pos}, ${dearest.share === 1 ? "all" : `about ${percent(dearest.share)}`} of the steps.`,
    );
  return said.join("\n\n");
}

function oneLine(source: string): string {
  return source.replace(/\s*\n\s*/g, " ");
}

function count(n: number, what: string): string {
  return n === 0 ? `no ${what}s` : n === 1 ? `one ${what}` : `${grouped(n)} ${what}s`;
}

function percent(share: number): string {
  if (share > 0 && share < 0.001) return "below 0.1 %";
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
