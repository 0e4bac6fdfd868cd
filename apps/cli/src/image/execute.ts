import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { CommandError } from "../problem.ts";

/** Runs other programs, one after the other, with what they say kept in a file. */
export type Execute = {
  /**
   * Runs a program to its end.
   *
   * @throws CommandError with `what` and the last lines that it wrote, unless it ended with 0; the signal's reason when aborted.
   */
  run(what: string, command: string, args: readonly string[], options?: RunOptions): Promise<void>;
  /** The same; gives what it wrote to standard output. */
  read(what: string, command: string, args: readonly string[]): Promise<string>;
};

/** How one program is run. */
type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** A file that becomes its standard input. */
  readonly input?: string;
  /** Makes a sentence of what it wrote, where that is known; null: its last lines are shown. */
  readonly explain?: (log: string) => string | null;
};

/** The environment that programs are found and run in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Programs write to `logFile`. When `signal` is aborted the whole group of processes is ended: mmdebstrap has children.
 */
export function createExecute(logFile: string, signal: AbortSignal, environment: Environment): Execute {
  const run = (
    what: string,
    command: string,
    args: readonly string[],
    { env = {}, input, explain = () => null }: RunOptions,
    wantsOutput: boolean,
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const log = openSync(logFile, "a");
      const from = readFileSync(logFile).length;
      const stdin = input === undefined ? ("ignore" as const) : openSync(input, "r");
      const child = spawn(command, args, {
        // depmod and others are not on everybody's path.
        env: { ...environment, PATH: `${environment.PATH ?? ""}:/usr/sbin:/sbin`, LC_ALL: "C.UTF-8", ...env },
        stdio: [stdin, wantsOutput ? "pipe" : log, log],
        detached: true,
      });
      const output: Uint8Array[] = [];
      child.stdout?.on("data", (bytes: Uint8Array) => output.push(bytes));
      const end = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
        } catch {
          // It is gone already.
        }
      };
      signal.addEventListener("abort", end, { once: true });
      const done = (settle: () => void): void => {
        signal.removeEventListener("abort", end);
        closeSync(log);
        if (typeof stdin === "number") closeSync(stdin);
        settle();
      };
      child.once("error", (error) => done(() => reject(new CommandError(`${what}: ${command}: ${error.message}`))));
      child.once("close", (code, by) =>
        done(() => {
          if (signal.aborted) return reject(signal.reason);
          if (code === 0) return resolve(Buffer.concat(output).toString("utf8"));
          const said = readFileSync(logFile).subarray(from).toString("utf8");
          const sentence = explain(said) ?? commonTrouble(said);
          reject(
            sentence === null
              ? new CommandError(`${what}: ${command} ended with ${code ?? by}\n${lastLines(said)}`)
              : new CommandError(`${what}: ${sentence}`),
          );
        }),
      );
    });
  return {
    run: async (what, command, args, options = {}) => void (await run(what, command, args, options, false)),
    read: (what, command, args) => run(what, command, args, {}, true),
  };
}

function commonTrouble(log: string): string | null {
  if (/No space left on device|write failed .*ENOSPC/i.test(log)) return "the disk is full";
  return null;
}

function lastLines(log: string): string {
  const lines = log.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  return lines
    .slice(-12)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}
