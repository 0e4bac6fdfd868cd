import { createInterface } from "node:readline";
import { runCommandLine } from "./command-line.ts";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Error("interrupted")));
process.once("SIGTERM", () => stop.abort(new Error("terminated")));
// A reader that went away (`bramble boards | head`) is no fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

/** Questions go to standard error, so that the answer of the command stays clean. */
function ask(question: string): Promise<string | null> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    reader.once("close", () => resolve(null));
    reader.question(question, (said) => {
      resolve(said);
      reader.close();
    });
  });
}

const isAnswered = process.stdin.isTTY === true && process.stderr.isTTY === true;
process.exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    ...(isAnswered ? { ask } : {}),
    isTty: process.stdout.isTTY === true,
    columns: process.stdout.columns || 100,
    now: Date.now,
  },
  stop.signal,
);
