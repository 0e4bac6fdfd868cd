import type { CancelWarbleAnswer, WarbleBody } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ExitWith } from "../commands/programs.ts";
import type { HeadClient } from "../head-client.ts";
import { exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";

/** What following a post is made of. */
export type Following = {
  readonly head: HeadClient;
  readonly id: string;
  /** The command that takes it back later. */
  readonly cancelling: string;
  readonly terminal: Terminal;
  /** Ctrl+C. The program goes on unless somebody says otherwise. */
  readonly signal: AbortSignal;
  readonly exitWith: ExitWith;
};

/**
 * Wait for the end of a posted Warble, and tell how far a sum that is spread over the boards is. After Ctrl+C a person is
 * asked whether it shall go on; then there is no end to give, and it is null.
 */
export async function followWarble(following: Following): Promise<WarbleBody | null> {
  const { head, id, terminal, signal } = following;
  const path = `/warbles/${encodeURIComponent(id)}`;
  let told = "";
  for (let wait = "0.5"; ; ) {
    const warble = await head.get<WarbleBody>(path, { wait }, signal).catch((thrown: unknown) => {
      if (signal.aborted) return null;
      throw thrown;
    });
    if (warble === null) return leaveOrCancel(following);
    const { state, fold } = warble;
    if (state === "done" || state === "failed") return warble;
    // Whoever runs may come to a big sum any moment; who waits in the queue does not.
    wait = state === "leased" ? "0.5" : "10";
    if (fold === null) continue;
    const boards = fold.boards === 1 ? "1 board" : `${fold.boards} boards`;
    const line = `${fold.done} of ${fold.total} chunks, ${boards}`;
    if (line !== told) terminal.note(line);
    told = line;
  }
}

async function leaveOrCancel({ head, id, cancelling, terminal, exitWith }: Following): Promise<null> {
  const said = await terminal.ask?.("\nIt goes on without this window. Enter: leave it running. c: take it back. ");
  if (said?.trim().toLowerCase() !== "c") {
    terminal.note(`${id} goes on; \`${cancelling}\` takes it back.`);
    return null;
  }
  try {
    const { cancelled } = await head.post<CancelWarbleAnswer>(`/warbles/${encodeURIComponent(id)}/cancel`, {});
    terminal.note(cancelled ? `${id} is taken back.` : `${id} had ended already.`);
  } catch (thrown) {
    terminal.note(`${id} could not be taken back: ${messageOf(thrown)}`);
    exitWith(exitCodes.failed);
  }
  return null;
}
