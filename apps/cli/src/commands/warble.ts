import type { PostedAnswer, WarbleBody } from "@bramble/core/api";
import type { Command } from "commander";
import type { HeadClient } from "../head-client.ts";
import { headClient } from "../head-client.ts";
import type { HeadOptions } from "../options.ts";
import { headAddress, withHead } from "../options.ts";
import { CommandError, exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { environmentHere } from "../warble/environment.ts";
import { readPost } from "../warble/post.ts";
import { readSaved, writeSaved } from "../warble/saved.ts";
import { rememberToken, tokenOf } from "../warble/tokens.ts";
import type { ExitWith } from "./programs.ts";
import { addWarbleTools } from "./warble-tools.ts";

type RunOptions = { user: string; store?: string; sleep: boolean; json?: boolean };
type PostOptions = HeadOptions & { user: string; wait: boolean };

/** `bramble warble run|post|check|format|shrink|explain|bench|repl`. */
export function addWarble(program: Command, terminal: Terminal, exitWith: ExitWith): void {
  const warble = program.command("warble").description("write, run and post Warbles: programs that fit into a post");

  warble
    .command("run")
    .description("run a program on this computer; no head is needed")
    .argument("<post>", "the post, a file, or - for standard input")
    .option("--user <name>", "under which name: whose saved values", "cli:me")
    .option("--store <dir>", "folder that keeps the saved values; without it they are forgotten")
    .option("--no-sleep", "do not wait where the program sleeps")
    .option("--json", "print {out, effects, error, warnings, steps}")
    .addHelpText(
      "after",
      "\nExample:\n  bramble warble run '#pi{PRINT(\"hello cluster\")}'\n  echo '{2+2}' | bramble warble run -",
    )
    .action((post: string, options: RunOptions) => runHere(terminal, exitWith, post, options));

  withHead(warble.command("post"))
    .description("post a program to the cluster and wait for its board's answer")
    .argument("<post>", "the post, a file, or - for standard input")
    .option("--user <name>", "under which name", "cli:me")
    .option("--no-wait", "print the id of the post and end; GET /api/v1/warbles/ID has the answer")
    .addHelpText("after", "\nExample:\n  bramble warble post '#pi{LIGHTS(0,255,0,0)}'")
    .action((post: string, options: PostOptions) => postToCluster(terminal, post, options));

  addWarbleTools(warble, terminal, exitWith);
}

async function runHere(terminal: Terminal, exitWith: ExitWith, argument: string, options: RunOptions): Promise<void> {
  const post = await readPost(argument);
  const kept = readSaved(options.store, options.user);
  const { run } = await import("@bramble/warble");
  const result = run(post, environmentHere(terminal, options.user, kept));
  if (options.sleep) {
    const seconds = result.effects.reduce((sum, [name, value]) => (name === "SLEEP" ? sum + Number(value) : sum), 0);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
  writeSaved(options.store, options.user, {
    saved: { ...kept.saved, ...result.saves },
    data: { ...kept.data, ...result.data },
  });
  const { out, effects, error, warnings, steps } = result;
  if (options.json) terminal.out(JSON.stringify({ out, effects, error, warnings, steps }));
  else for (const line of out) terminal.out(line);
  if (!options.json) for (const { pos, message } of warnings) terminal.note(`warning @${pos}: ${message}`);
  if (error !== null) {
    if (!options.json) terminal.note(`${error.class} @${error.pos}: ${error.message}`);
    exitWith(exitCodes.failed);
  }
}

async function postToCluster(terminal: Terminal, argument: string, options: PostOptions): Promise<void> {
  const post = await readPost(argument);
  const address = headAddress(options);
  const head = headClient({ ...address, player: tokenOf(address.url, options.user) });
  const posted = await head.post<PostedAnswer>("/warbles", { text: post, user: options.user });
  if (posted.token !== undefined) rememberToken(address.url, options.user, posted.token);
  if (!options.wait) return terminal.out(options.json ? JSON.stringify(posted) : posted.id);
  if (posted.place > 0) terminal.note(`place ${posted.place} in the queue, about ${Math.ceil(posted.waitMs / 1000)} s`);
  const warble = await waitFor(head, posted.id, terminal);
  if (options.json) return terminal.out(JSON.stringify(warble, null, 2));
  for (const line of warble.out) terminal.out(line);
  // What is found before it runs needs no board; its error says enough.
  if (warble.board !== null)
    terminal.note(`${warble.state} on ${warble.board}, ${warble.steps === 1 ? "one step" : `${warble.steps} steps`}`);
  if (warble.error !== null)
    throw new CommandError(`${warble.error.class} @${warble.error.pos}: ${warble.error.message}`);
}

/** Waits for the end, and tells how far a sum that is spread over the boards is. */
async function waitFor(head: HeadClient, id: string, terminal: Terminal): Promise<WarbleBody> {
  let told = "";
  for (let wait = "0.5"; ; ) {
    const warble = await head.get<WarbleBody>(`/warbles/${id}`, { wait });
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
