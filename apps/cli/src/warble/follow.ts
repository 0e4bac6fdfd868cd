import type { CancelWarbleAnswer, WarbleBody } from "@bramble/core/api";
import type { HeadClient } from "../head-client.ts";
import type { Terminal } from "../terminal.ts";

/**
 * Wait for the end of a posted Warble, and tell how far a sum that is spread over the boards is. After Ctrl+C a person is
 * asked whether it shall go on; null when it does, without us.
 */
export async function followWarble(
  head: HeadClient,
  id: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<WarbleBody | null> {
  const path = `/warbles/${encodeURIComponent(id)}`;
  let told = "";
  for (let wait = "0.5"; ; ) {
    const warble = await head.get<WarbleBody>(path, { wait }, signal).catch((thrown: unknown) => {
      if (signal.aborted) return null;
      throw thrown;
    });
    if (warble === null) return leaveOrCancel(head, id, terminal);
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

async function leaveOrCancel(head: HeadClient, id: string, terminal: Terminal): Promise<null> {
  const said = await terminal.ask?.("\nIt goes on without this window. Enter: leave it running. c: take it back. ");
  if (said?.trim().toLowerCase() === "c") {
    const { cancelled } = await head.post<CancelWarbleAnswer>(`/warbles/${encodeURIComponent(id)}/cancel`, {});
    terminal.note(cancelled ? `${id} is taken back.` : `${id} had ended already.`);
  } else {
    terminal.note(`${id} goes on; \`bramble warble cancel ${id}\` takes it back.`);
  }
  return null;
}
