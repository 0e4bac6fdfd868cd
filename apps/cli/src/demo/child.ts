import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ProgramName } from "../programs.ts";
import { programArguments, programEnvironment } from "../programs.ts";

/** One supervised program of the demo. */
export type Child = {
  readonly name: ProgramName;
  /** Resolves with the child's ready message; rejects when it ends before. */
  readonly ready: Promise<{ readonly url?: string }>;
  /** Resolves when it has ended, with what it said last. */
  readonly ended: Promise<{ readonly code: number | null; readonly lastWords: readonly string[] }>;
  /** Asks for a clean end; insists after five seconds. */
  stop(): Promise<void>;
};

/** Start `name` with `args`; what it logs goes to `logFile`. */
export function startChild(name: ProgramName, args: readonly string[], logFile: string): Child {
  const child = spawn(process.execPath, [...programArguments(name), ...args], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: programEnvironment(process.env),
  });
  const lastWords = keepLog(child, logFile);
  const ended = new Promise<{ code: number | null; lastWords: readonly string[] }>((resolve) => {
    child.on("error", (error) => resolve({ code: null, lastWords: [error.message] }));
    // "close" comes after "exit" and after the last line of its log.
    child.on("close", (code) => resolve({ code, lastWords }));
  });
  const ready = new Promise<{ url?: string }>((resolve, reject) => {
    child.on("message", (message) => {
      if (isReady(message)) resolve(message);
    });
    void ended.then(() => reject(new Error(`${name} ended before it was ready`)));
  });
  // Whoever waits sees the rejection; nobody needs to.
  ready.catch(() => {});
  return {
    name,
    ready,
    ended,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const insist = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(insist);
    },
  };
}

function isReady(message: unknown): message is { type: "ready"; url?: string } {
  return typeof message === "object" && message !== null && "type" in message && message.type === "ready";
}

/** The last lines are kept for the sentence that explains a failure. */
function keepLog(child: ChildProcess, logFile: string): readonly string[] {
  const last: string[] = [];
  if (child.stderr === null) return last;
  const file = createWriteStream(logFile);
  // A full disk must not end the demo: the log is a convenience.
  file.on("error", () => {});
  createInterface({ input: child.stderr }).on("line", (line) => {
    file.write(`${line}\n`);
    last.push(line);
    if (last.length > 20) last.shift();
  });
  return last;
}
