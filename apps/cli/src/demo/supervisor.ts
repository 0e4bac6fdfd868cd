import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@bramble/core/base";
import { CommandError } from "../problem.ts";
import type { Child } from "./child.ts";
import { startChild } from "./child.ts";

/** What the demo is made of. */
export type DemoPlan = {
  readonly cluster: string;
  readonly dataDir: string;
  readonly port: number;
  readonly control: number;
  readonly pduPort: number;
  readonly speed: number;
  readonly seed: string;
  readonly fail: number;
  readonly withAgent: boolean;
  /** How the boards boot: not at all (they only tell steps), or by the head's own servers. */
  readonly boot: "none" | "simulated" | "simulated:full";
};

/** A running demo: three processes, ended together. */
export type Demo = AsyncDisposable & {
  readonly url: string;
  /** Resolves, with the sentence that says why, when a process ends that nobody asked to. */
  readonly broken: Promise<string>;
};

/** Start head, simulator and one real agent. @throws CommandError with what the one that failed said last. */
export async function startDemo(plan: DemoPlan): Promise<Demo> {
  const log = (name: string): string => join(plan.dataDir, `${name}.log`);
  mkdirSync(plan.dataDir, { recursive: true });
  const children: Child[] = [];
  const start = (...[name, args]: [Child["name"], string[]]): Child => {
    const child = startChild(name, args, log(name));
    children.push(child);
    return child;
  };
  const stop = async (): Promise<void> => {
    // The boards first, so that they say goodbye; the head last.
    for (const child of children.toReversed()) await child.stop();
  };
  try {
    const head = start("head", headArguments(plan));
    const { url } = await readyOf(head);
    if (url === undefined) throw new CommandError("the head did not say where it listens");
    const boards = [start("sim", simArguments(plan, url))];
    if (plan.withAgent) boards.push(start("agent", ["--head", url, "--port", "0"]));
    await Promise.all(boards.map(readyOf));
    const broken = Promise.race(children.map(async (child) => endSentence(child, await child.ended)));
    return { url, broken, [Symbol.asyncDispose]: stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function headArguments(plan: DemoPlan): string[] {
  const data = join(plan.dataDir, "head");
  return [
    ...["--cluster", plan.cluster, "--port", String(plan.port), "--data", data],
    ...["--power", "simulated", "--speed", String(plan.speed), "--up", "all", "--beacon", "127.0.0.1:3333"],
    ...["--pdu-port", String(plan.pduPort)],
    // Any free ports, so that two demos get along; the simulator asks the head which they are.
    ...["--boot", plan.boot, "--dhcp-port", "0", "--tftp-port", "0", "--boot-http-port", "0"],
  ];
}

function simArguments(plan: DemoPlan, url: string): string[] {
  return [
    ...["--cluster", plan.cluster, "--head", url, "--speed", String(plan.speed)],
    ...["--seed", plan.seed, "--fail", String(plan.fail), "--control", String(plan.control)],
    ...["--pdu-port", String(plan.pduPort)],
  ];
}

async function readyOf(child: Child): Promise<{ readonly url?: string }> {
  try {
    return await child.ready;
  } catch (thrown) {
    const { lastWords } = await child.ended;
    throw new CommandError(lastWords.length === 0 ? messageOf(thrown) : plainWords(lastWords));
  }
}

function endSentence(
  { name }: Child,
  { code, lastWords }: { code: number | null; lastWords: readonly string[] },
): string {
  return `the ${name} ended by itself (${code === null ? "killed" : `exit code ${code}`})${lastWords.length === 0 ? "" : `; it said: ${plainWords(lastWords)}`}`;
}

/** The last line that was written for people, not for the log collector. */
function plainWords(lines: readonly string[]): string {
  return lines.findLast((line) => line.trim() !== "" && !line.startsWith("{")) ?? lines.at(-1) ?? "nothing";
}
