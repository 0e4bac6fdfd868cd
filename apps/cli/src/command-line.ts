import { messageOf } from "@bramble/core/base";
import { Command, CommanderError } from "commander";
import type { ExitWith } from "./commands/programs.ts";
import { version } from "./commands/version.ts";
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
    const typed = asHelpOf(args);
    const program = await commandLine(typed[0] ?? "", terminal, signal, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...typed], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    // Whatever failed while Ctrl+C took everything down is no news.
    if (signal.aborted) return exitCodes.ok;
    const said = messageOf(thrown);
    // What a program of ours said begins with its name already.
    terminal.note(said.startsWith("bramble ") ? said : `bramble: ${said}`);
    if (thrown instanceof CommandError && thrown.hint !== null) terminal.note(thrown.hint);
    return thrown instanceof CommandError ? thrown.exitCode : exitCodes.failed;
  }
}

/** `help sim` is `sim --help`, whose programs have more to say; of a command that there is not, the mistake is told, not the general help. */
function asHelpOf(args: readonly string[]): readonly string[] {
  const [first = "", second = ""] = args;
  if (first === "help" && second !== "") return asHelpOf([second, ...args.slice(2), "--help"]);
  return !first.startsWith("-") && first !== "help" && !isCommand(first) ? args.slice(0, 1) : args;
}

function isCommand(name: string): boolean {
  return topics.some(([, loads]) => loads.some(([names]) => names.includes(name)));
}

/** The commands by topic; each is loaded when it is asked for, so that `bramble status` does not wait for the rest. */
type Load = (program: Command, terminal: Terminal, signal: AbortSignal, exitWith: ExitWith) => Promise<void>;
const topics: readonly (readonly [string, readonly (readonly [readonly string[], Load])[]])[] = [
  [
    "To see it work:",
    [
      [
        ["demo"],
        async (program, terminal, signal) => (await import("./commands/demo.ts")).addDemo(program, terminal, signal),
      ],
    ],
  ],
  [
    "Your own cluster:",
    [
      [["check"], async (program, terminal) => (await import("./commands/check.ts")).addCheck(program, terminal)],
      [
        ["head", "agent"],
        async (program, _, __, exitWith) => (await import("./commands/programs.ts")).addPrograms(program, exitWith),
      ],
      [
        ["image"],
        async (program, terminal, signal) => (await import("./commands/image.ts")).addImage(program, terminal, signal),
      ],
    ],
  ],
  [
    "How it stands:",
    [
      [["status"], async (program, terminal) => (await import("./commands/status.ts")).addStatus(program, terminal)],
      [
        ["boards", "board"],
        async (program, terminal) => (await import("./commands/boards.ts")).addBoards(program, terminal),
      ],
      [
        ["top"],
        async (program, terminal, signal) => (await import("./commands/top.ts")).addTop(program, terminal, signal),
      ],
      [
        ["boot"],
        async (program, terminal, signal) => (await import("./commands/boot.ts")).addBoot(program, terminal, signal),
      ],
    ],
  ],
  [
    "Power:",
    [
      [
        ["up", "down", "cycle", "power", "plan"],
        async (program, terminal, signal) => (await import("./commands/power.ts")).addPower(program, terminal, signal),
      ],
    ],
  ],
  [
    "Work and play:",
    [
      [
        ["role"],
        async (program, terminal, signal) => (await import("./commands/role.ts")).addRole(program, terminal, signal),
      ],
      [
        ["warble"],
        async (program, terminal, signal, exitWith) =>
          (await import("./commands/warble.ts")).addWarble(program, terminal, signal, exitWith),
      ],
      [
        ["sim"],
        async (program, terminal, _, exitWith) =>
          (await import("./commands/sim.ts")).addSim(program, terminal, exitWith),
      ],
    ],
  ],
  [
    "About:",
    [[["version"], async (program, terminal) => (await import("./commands/version.ts")).addVersion(program, terminal)]],
  ],
];

async function commandLine(
  asked: string,
  terminal: Terminal,
  signal: AbortSignal,
  exitWith: ExitWith,
): Promise<Command> {
  const program = new Command("bramble")
    .description("The operating software of a Raspberry Pi cluster: from five boards on a desk to a thousand in a box.")
    .version(version(), "-V, --version", "the version of Bramble")
    .helpOption("-h, --help", "this text, or that of a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, "bramble: ")),
    })
    .configureHelp({ sortSubcommands: false, subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .addHelpText(
      "after",
      "\nFirst steps:\n  bramble demo                                       a simulated police box of 1050 boards\n  bramble check examples/desk-5.yaml                 what a cluster file says\n  bramble warble post '#pi{PRINT(\"hello cluster\")}'  run a program on a board\n\ndocs/README.md tells where everything is described.",
    );
  const isKnown = isCommand(asked);
  for (const [topic, loads] of topics) {
    program.commandsGroup(topic);
    for (const [names, load] of loads) {
      if (!isKnown || names.includes(asked)) await load(program, terminal, signal, exitWith);
    }
  }
  program.helpCommand("help [command]", "this text, or that of a command");
  tellWhereHelpIs(program);
  return program;
}

/** After a mistake: whose help to read. */
function tellWhereHelpIs(command: Command, path = "bramble"): void {
  command.showHelpAfterError(`(\`${path} --help\` tells more)`);
  for (const each of command.commands) tellWhereHelpIs(each, `${path} ${each.name()}`);
}
