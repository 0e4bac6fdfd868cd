import type { SimAnswer, SimStatus } from "@bramble/core/api";
import { ports, simVerbs } from "@bramble/core/api";
import { nearest } from "@bramble/core/base";
import type { Command } from "commander";
import { CommandError, exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import type { ExitWith } from "./programs.ts";
import { runProgram } from "./programs.ts";

/** `bramble sim …`: starts the simulator, or (with a verb) does something to the one that runs. */
export function addSim(program: Command, terminal: Terminal, exitWith: ExitWith): void {
  program
    .command("sim")
    .description("pretend boards and PDUs (--cluster FILE), and faults on purpose: sim kill @g03")
    .usage("--cluster FILE | VERB SET")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument("[arguments...]")
    .action(async (_ignored: string[], _options: object, command: Command) => {
      const [verb, ...rest] = command.args;
      if (verb === "--help" || verb === "-h") terminal.out(verbHelp);
      if (verb === undefined || verb.startsWith("-")) return exitWith(await runProgram("sim", command.args));
      const { words, control, json } = readArguments(rest);
      if (verb === "status") return showStatus(terminal, control, json);
      const answer = await ask<SimAnswer>(control, "/command", commandFrom(verb, words));
      terminal.out(json ? JSON.stringify(answer, null, 2) : answer.message);
    });
}

/** The body that a verb and its words make. @throws CommandError that names the verb or what is missing. */
function commandFrom(verb: string, words: readonly string[]): Record<string, unknown> {
  if (!(simVerbs as readonly string[]).includes(verb)) {
    const meant = nearest(verb, [...simVerbs, "status"]);
    throw new CommandError(`sim knows no "${verb}"${meant === null ? "" : `; did you mean "${meant}"?`}`, {
      hint: `It knows: ${[...simVerbs, "status"].join(", ")}. Flags (--cluster, --boards …) start a simulator.`,
      exitCode: exitCodes.usage,
    });
  }
  const [target, extra] = words;
  if (verb === "rogue") {
    if (target !== "on" && target !== "off") throw usage(verb, "on or off?");
    return { verb, state: target };
  }
  if (target === undefined) throw usage(verb, "which boards?");
  if (verb === "lie" || verb === "honest") return { verb, pdu: target };
  if (verb === "noboot") {
    if (extra === undefined) throw usage(verb, "at which step?");
    return { verb, set: target, step: extra };
  }
  const key = { hot: "celsius", draw: "watts", slow: "delayMs", loss: "part" }[verb];
  if (key === undefined || extra === undefined) {
    if (verb === "loss") throw usage(verb, "which part of the packets?");
    if (verb === "draw") throw usage(verb, "how many watts?");
    return { verb, set: target };
  }
  const value = Number(extra);
  if (!Number.isFinite(value)) throw usage(verb, `"${extra}" is no number`);
  return { verb, set: target, [key]: value };
}

const examples: Record<string, string> = {
  hot: "bramble sim hot b0412 85",
  draw: "bramble sim draw @g03 8",
  slow: "bramble sim slow b0412 300",
  loss: "bramble sim loss @k01 0.05",
  noboot: "bramble sim noboot b0412 kernel",
  lie: "bramble sim lie pdu1",
  honest: "bramble sim honest pdu1",
  rogue: "bramble sim rogue on",
};

const verbHelp = `Two things in one: faults for the simulator that runs, and how to start one.

To the one that runs (the demo has one; its control port is 127.0.0.1:${ports.simControl}, --control PORT names another):
  bramble sim status           what it pretends now
  bramble sim kill @g03        42 boards fall silent without closing anything
  bramble sim halt b0412       a clean stop, with a goodbye
  bramble sim cut @k01         power gone;  bramble sim restore @k01  brings it back
  bramble sim hang b0412       heartbeats, no samples
  bramble sim hot b0412 85     its sensor climbs to 85 °C
  bramble sim draw @g03 8      what is plugged into each board draws 8 W more
  bramble sim slow b0412 300   all it says comes 300 ms late
  bramble sim loss @k01 0.05   one packet in twenty is lost
  bramble sim noboot b0412 kernel   its next boot stops at that step
  bramble sim lie pdu1         this PDU says yes and does nothing;  bramble sim honest pdu1  ends it
  bramble sim rogue on         a second DHCP server answers too;  bramble sim rogue off  ends it
  bramble sim revive @g03      well again, whatever it was

To start one:`;

function usage(verb: string, missing: string): CommandError {
  const example = examples[verb] ?? `bramble sim ${verb} @g03`;
  return new CommandError(`sim ${verb}: ${missing}`, {
    hint: `Example: ${example}`,
    exitCode: exitCodes.usage,
  });
}

function readArguments(rest: readonly string[]): { words: string[]; control: number; json: boolean } {
  const words: string[] = [];
  let control: number = ports.simControl;
  let json = false;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (word === "--json") json = true;
    else if (word === "--control") control = portFrom(rest[++i]);
    else if (word.startsWith("--control=")) control = portFrom(word.slice("--control=".length));
    else if (word.startsWith("--"))
      throw new CommandError(`a sim command takes --control PORT and --json, not ${word}`, {
        exitCode: exitCodes.usage,
      });
    else words.push(word);
  }
  return { words, control, json };
}

function portFrom(text: string | undefined): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new CommandError(`--control ${text ?? ""}: a port from 1 to 65535 was expected`, {
      exitCode: exitCodes.usage,
    });
  }
  return port;
}

async function showStatus(terminal: Terminal, control: number, json: boolean): Promise<void> {
  const status = await ask<SimStatus>(control, "/status");
  if (json) return terminal.out(JSON.stringify(status, null, 2));
  for (const [name, value] of Object.entries(status)) {
    terminal.out(`${name.padEnd(12)}${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
  }
}

async function ask<T>(control: number, path: string, body?: unknown): Promise<T> {
  const init =
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${control}${path}`, { ...init, signal: AbortSignal.timeout(30_000) });
  } catch {
    throw new CommandError(`no simulator answers on 127.0.0.1:${control}`, {
      hint: "Start one with `bramble demo` or `bramble sim --cluster FILE`, or name its port with --control.",
      exitCode: exitCodes.unreachable,
    });
  }
  const answer = (await response.json()) as T | { error: { message: string; hint: string } };
  if (response.ok) return answer as T;
  const { error } = answer as { error: { code: string; message: string; hint: string } };
  const hint = error.code === "input.invalid" ? "`bramble sim --help` has an example of each." : error.hint;
  throw new CommandError(error.message, { hint });
}
