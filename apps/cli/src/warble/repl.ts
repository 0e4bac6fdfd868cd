import type { Terminal } from "../terminal.ts";
import { environmentHere } from "./environment.ts";
import { lineWithCaret } from "./place.ts";
import { readSaved, writeSaved } from "./saved.ts";
import { Session } from "./session.ts";

type Options = { readonly user: string; readonly store?: string };

/** `bramble warble repl`: lines that are run as they come; names keep their values. Ends with the last line. */
export async function runRepl(terminal: Terminal, lines: AsyncIterable<string>, options: Options): Promise<void> {
  const warble = await import("@bramble/warble");
  const kept = readSaved(options.store, options.user);
  const session = new Session(warble, environmentHere(terminal, options.user, kept));
  for await (const line of lines) {
    const { out, effects, warnings, error } = session.add(line);
    for (const each of out) terminal.out(each);
    for (const effect of effects) terminal.note(`(${effect.join(" ")})`);
    for (const warning of warnings) terminal.note(`warning: ${warning}`);
    if (error !== null) {
      terminal.note(`${error.class}: ${error.message}`);
      terminal.note(lineWithCaret(error.text, error.pos, terminal.columns));
    }
    const { saves, data } = session.kept;
    writeSaved(options.store, options.user, {
      saved: { ...kept.saved, ...saves },
      data: { ...kept.data, ...data },
    });
  }
}
