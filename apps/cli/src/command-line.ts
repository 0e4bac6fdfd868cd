import { messageOf } from "@bramble/core/base";
import { Command, CommanderError } from "commander";
import { addBoards } from "./commands/boards.ts";
import { addCheck } from "./commands/check.ts";
import { addDemo } from "./commands/demo.ts";
import type { ExitWith } from "./commands/programs.ts";
import { addPrograms } from "./commands/programs.ts";
import { addSim } from "./commands/sim.ts";
import { addStatus } from "./commands/status.ts";
import { addTop } from "./commands/top.ts";
import { addVersion, version } from "./commands/version.ts";
import { addWarble } from "./commands/warble.ts";
import { CommandError, exitCodes } from "./problem.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs one command line.
 *
 * @param args what stood after `bramble`. @param signal ends live commands (`top`, `demo`).
 * @returns the exit code: 0 done, 1 it failed, 2 the command line was wrong, 3 no head answered.
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  try {
    let exitCode: number = exitCodes.ok;
    const program = commandLine(terminal, signal, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    // Whatever failed while Ctrl+C took everything down is no news.
    if (signal.aborted) return exitCodes.ok;
    terminal.note(`bramble: ${messageOf(thrown)}`);
    if (thrown instanceof CommandError && thrown.hint !== null) terminal.note(thrown.hint);
    return thrown instanceof CommandError ? thrown.exitCode : exitCodes.failed;
  }
}

function commandLine(terminal: Terminal, signal: AbortSignal, exitWith: ExitWith): Command {
  const program = new Command("bramble")
    .description("The operating software of a Raspberry Pi cluster: from five boards on a desk to a thousand in a box.")
    .version(version(), "-V, --version")
    .exitOverride()
    .showHelpAfterError("(`bramble --help` lists the commands)")
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      "after",
      "\nFirst steps:\n  bramble demo                                      a simulated police box of 1050 boards\n  bramble check examples/desk-5.yaml                what a cluster file says\n  bramble warble post '#pi{PRINT(\"hello cluster\")}'  run a program on a board",
    );
  addDemo(program, terminal, signal);
  addCheck(program, terminal);
  addPrograms(program, exitWith);
  addSim(program, terminal, exitWith);
  addStatus(program, terminal);
  addBoards(program, terminal);
  addTop(program, terminal, signal);
  addWarble(program, terminal, exitWith);
  addVersion(program, terminal);
  return program;
}
