import type { CancelWarbleAnswer, PostedAnswer, WarbleBody } from "@bramble/core/api";
import type { Command } from "commander";
import type { HeadClient } from "../head-client.ts";
import { headClient } from "../head-client.ts";
import type { HeadOptions } from "../options.ts";
import { defaultHead, headAddress, withHead } from "../options.ts";
import { CommandError, exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { environmentHere } from "../warble/environment.ts";
import { type Following, followWarble } from "../warble/follow.ts";
import { readPost } from "../warble/post.ts";
import { readSaved, writeSaved } from "../warble/saved.ts";
import { rememberToken, tokenOf } from "../warble/tokens.ts";
import type { ExitWith } from "./programs.ts";
import { addWarbleTools } from "./warble-tools.ts";

const defaultUser = "cli:me";

type RunOptions = { user: string; store?: string; sleep: boolean; json?: boolean };
type PostOptions = HeadOptions & { user: string; wait: boolean };
type CancelOptions = HeadOptions & { user: string };

/** `bramble warble run|post|cancel|check|format|shrink|explain|bench|repl`. */
export function addWarble(program: Command, terminal: Terminal, signal: AbortSignal, exitWith: ExitWith): void {
  const warble = program.command("warble").description("write, run and post Warbles: programs that fit into a post");

  warble
    .command("run")
    .description("run a program on this computer; no head is needed")
    .argument("<post>", "the post, a file, or - for standard input")
    .option("--user <name>", "under which name: whose saved values", defaultUser)
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
    .option("--user <name>", "under which name", defaultUser)
    .option("--no-wait", "print the id of the post and end; GET /api/v1/warbles/ID has the answer")
    .addHelpText(
      "after",
      "\nCtrl+C asks whether to leave it running or to take it back.\n\nExample:\n  bramble warble post '#pi{LIGHTS(0,255,0,0)}'",
    )
    .action((post: string, options: PostOptions) => postToCluster({ terminal, signal, exitWith }, post, options));

  withHead(warble.command("cancel"))
    .description("take a posted program back that waits or runs")
    .argument("<id>", "the id of the post, as post --no-wait printed it")
    .option("--user <name>", "under which name it was posted", defaultUser)
    .addHelpText("after", "\nExample:\n  bramble warble cancel w42")
    .action((id: string, options: CancelOptions) => cancelPost(terminal, id, options));

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

async function postToCluster(
  { terminal, ...stopping }: Pick<Following, "terminal" | "signal" | "exitWith">,
  argument: string,
  options: PostOptions,
): Promise<void> {
  const post = await readPost(argument);
  const posted = await headOf(options).post<PostedAnswer>("/warbles", { text: post, user: options.user });
  const { url } = headAddress(options);
  if (posted.token !== undefined) rememberToken(url, options.user, posted.token);
  if (!options.wait) return terminal.out(options.json ? JSON.stringify(posted) : posted.id);
  if (posted.place > 0) terminal.note(`place ${posted.place} in the queue, about ${Math.ceil(posted.waitMs / 1000)} s`);
  // Made anew: a first post has brought the token of its name.
  const head = headOf(options);
  const cancelling = `bramble warble cancel ${posted.id}${flagsOf(options)}`;
  const warble = await followWarble({ head, id: posted.id, cancelling, terminal, ...stopping });
  if (warble === null) return;
  if (options.json) return terminal.out(JSON.stringify(warble, null, 2));
  tellEnd(warble, terminal);
}

/** What must be typed again for the same head and name. */
function flagsOf({ head, user }: PostOptions): string {
  return `${user === defaultUser ? "" : ` --user ${user}`}${head === defaultHead ? "" : ` --head ${head}`}`;
}

function headOf(options: HeadOptions & { readonly user: string }): HeadClient {
  const address = headAddress(options);
  return headClient({ ...address, player: tokenOf(address.url, options.user) });
}

function tellEnd({ out, board, state, steps, error }: WarbleBody, terminal: Terminal): void {
  for (const line of out) terminal.out(line);
  // What is found before it runs needs no board; its error says enough.
  if (board !== null) terminal.note(`${state} on ${board}, ${steps === 1 ? "one step" : `${steps} steps`}`);
  if (error !== null) throw new CommandError(`${error.class} @${error.pos}: ${error.message}`);
}

async function cancelPost(terminal: Terminal, id: string, options: CancelOptions): Promise<void> {
  const path = `/warbles/${encodeURIComponent(id)}/cancel`;
  const answer = await headOf(options).post<CancelWarbleAnswer>(path, {});
  if (options.json) return terminal.out(JSON.stringify(answer));
  terminal.out(answer.cancelled ? `${id} is taken back.` : `${id} had ended already.`);
}
