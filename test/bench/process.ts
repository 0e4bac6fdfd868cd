import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

/** CPU time of all threads of a process so far, in ms, from the scheduler: exact to the nanosecond. */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return spent.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

/** Megabytes that are resident, and those that the process has written itself. */
export function memoryMb(pid: number): { readonly resident: number; readonly private: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const sum = (pattern: RegExp): number =>
    [...rollup.matchAll(pattern)].reduce((kb, match) => kb + Number(match[1]), 0) / 1024;
  return { resident: sum(/^Rss:\s+(\d+)/gm), private: sum(/^Private_Dirty:\s+(\d+)/gm) };
}

/** A child process that has said its ready line. */
export type Running = AsyncDisposable & {
  readonly pid: number;
  /** What the ready line gave. */
  readonly ready: string;
  /** Gone at once, without a word. */
  kill(): Promise<void>;
};

/**
 * Start a program and wait until its output matches `ready`; its first group is given.
 *
 * @param withinMs absent: half a minute.
 * @throws when it ends before that, with what it wrote, or when the time has passed.
 */
export async function start(
  command: string,
  args: readonly string[],
  ready: RegExp,
  env: NodeJS.ProcessEnv = process.env,
  withinMs = 30_000,
): Promise<Running> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
  const found = await matchOf(child, ready, `${command} ${args.slice(0, 5).join(" ")}`, withinMs);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid!,
    ready: found,
    kill: () => end("SIGKILL"),
    async [Symbol.asyncDispose]() {
      const slow = setTimeout(() => child.kill("SIGKILL"), 5000);
      await end("SIGTERM");
      clearTimeout(slow);
    },
  };
}

/** Wait. Benches live in true time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A TCP port of loopback that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject()));
    });
  });
}

function matchOf(child: ChildProcess, ready: RegExp, what: string, withinMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${what} was not ready within ${withinMs} ms: ${said.slice(-500)}`));
    }, withinMs);
    const hear = (text: Buffer): void => {
      if (said.length < 100_000) said += String(text);
      const match = ready.exec(said);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match[1] ?? "");
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`${what} ended with ${code}: ${said.slice(-500)}`));
    });
  });
}
