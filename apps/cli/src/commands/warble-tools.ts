import { createInterface } from "node:readline";
import type { Command } from "commander";
import { whole } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { readPost } from "../warble/post.ts";
import type { ExitWith } from "./programs.ts";

type Json = { json?: boolean };

/** What helps to write a Warble: `check`, `format`, `shrink`, `explain`, `bench`, `repl`. */
export function addWarbleTools(warble: Command, terminal: Terminal, exitWith: ExitWith): void {
  onePost(warble, "check", "tell every mistake of a program, and what would be forgiven, with its place")
    .option("--json", "print {valid, length, over, error, warnings}")
    .addHelpText("after", "\nExample:\n  bramble warble check '#pi{x=1yPRINT(x)}'")
    .action(async (post: string, options: Json) =>
      (await import("../warble/check.ts")).checkPost(terminal, exitWith, await readPost(post), options),
    );

  onePost(warble, "format", "lay a program out, a line a statement; it stays the same program")
    .option("--json", "print {post, length, lengthBefore, warnings}")
    .addHelpText("after", "\nExample:\n  bramble warble format '#pi{x=0FOR(i=0;i<9;i++)x+=i PRINT(x)}'")
    .action(async (post: string, options: Json) =>
      (await import("../warble/rewrite.ts")).formatPost(terminal, exitWith, await readPost(post), options),
    );

  onePost(warble, "shrink", "the same program in fewer characters, for the 280 of a post")
    .option("--ascii", "only characters of a keyboard: no ², √, π, ∑, ≤")
    .option("--json", "print {post, length, lengthBefore, warnings}")
    .addHelpText("after", "\nExample:\n  bramble warble shrink '#pi{sum=0;FOR(i=1;i<=9;i++){sum=sum+i}PRINT(sum)}'")
    .action(async (post: string, options: Json & { ascii?: boolean }) =>
      (await import("../warble/rewrite.ts")).shrinkPost(terminal, exitWith, await readPost(post), options),
    );

  onePost(warble, "explain", "say in words what a program does, line by line, and what it cost")
    .option("--user <name>", "under which name it runs", "cli:me")
    .option("--json", "print {lines, calls, result, uses, dearest}")
    .addHelpText("after", "\nExample:\n  bramble warble explain '#pi{FOR(i=0;i<24;i++)LIGHTS(i,0,0,255)}'")
    .action(async (post: string, options: Json & { user: string }) =>
      (await import("../warble/explain.ts")).explainPost(terminal, exitWith, await readPost(post), options),
    );

  onePost(warble, "bench", "run a program again and again: its median time, steps, and what takes them")
    .option("--runs <n>", "how often; without it for about a second", whole(1, 1_000_000))
    .option("--json", "print {runs, medianMs, fastestMs, readMs, closuresMs, steps, stepsPerSecond, dearest, error}")
    .addHelpText("after", "\nExample:\n  bramble warble bench '#pi{FOR(i=0;i<100000;i++)x+=i%7}'")
    .action(async (post: string, options: Json & { runs?: number }) =>
      (await import("../warble/bench.ts")).benchPost(terminal, exitWith, await readPost(post), options),
    );

  warble
    .command("repl")
    .description("type a program line by line; names keep their values; Ctrl+D ends")
    .option("--user <name>", "under which name: whose saved values", "cli:me")
    .option("--store <dir>", "folder that keeps the saved values; without it they are forgotten")
    .addHelpText(
      "after",
      "\nAll lines together are one program, run from its start after each: its limits count for all of them.\n\nExample:\n  bramble warble repl",
    )
    .action(async (options: { user: string; store?: string }) =>
      (await import("../warble/repl.ts")).runRepl(terminal, typedLines(), options),
    );
}

function onePost(warble: Command, name: string, description: string): Command {
  return warble.command(name).description(description).argument("<post>", "the post, a file, or - for standard input");
}

/** The lines of standard input; a person is asked for each. */
async function* typedLines(): AsyncGenerator<string> {
  const isAsked = process.stdin.isTTY === true;
  const reader = createInterface({
    input: process.stdin,
    ...(isAsked ? { output: process.stderr, prompt: "warble> " } : {}),
  });
  reader.once("SIGINT", () => reader.close());
  if (isAsked) reader.prompt();
  for await (const line of reader) {
    yield line;
    if (isAsked) reader.prompt();
  }
  if (isAsked) process.stderr.write("\n");
}
