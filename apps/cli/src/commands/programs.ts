import { spawn } from "node:child_process";
import type { Command } from "commander";
import type { ProgramName } from "../programs.ts";
import { programArguments, programEnvironment } from "../programs.ts";

/** `bramble head|agent|sim …`: the program as a child process, with all its arguments as they are. */
export function addPrograms(program: Command, exitWith: ExitWith): void {
  for (const [name, usage, summary] of summaries) {
    program
      .command(name)
      .description(summary)
      .usage(usage)
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .argument("[arguments...]")
      .action(async (_ignored: string[], _options: object, command: Command) =>
        exitWith(await runProgram(name, command.args)),
      );
  }
}

/** Sets the exit code of the whole command; the last call counts. */
export type ExitWith = (code: number) => void;

/** Runs a program to its end with this terminal, and gives its exit code. */
export function runProgram(name: ProgramName, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...programArguments(name), ...args], {
      stdio: "inherit",
      env: programEnvironment(process.env),
    });
    const terminate = (): void => void child.kill("SIGTERM");
    // A terminal's Ctrl+C reaches the child by itself; we wait for its clean end.
    const wait = (): void => {};
    process.on("SIGINT", wait);
    process.on("SIGTERM", terminate);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", wait);
      process.off("SIGTERM", terminate);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

const summaries: readonly (readonly [ProgramName, string, string])[] = [
  ["head", "--cluster FILE", "run the head: it powers, watches and shows boards, and gives them work"],
  ["agent", "--head URL", "make this computer a board of the head at URL"],
];
