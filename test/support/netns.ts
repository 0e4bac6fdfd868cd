import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Segment } from "../boot/segment.ts";

/** What a program printed, and how it ended; -1 when it was ended for taking too long. */
export type Ran = { readonly code: number; readonly out: string; readonly error: string };

/** A program that goes on running in a network namespace. */
export type Program = AsyncDisposable & {
  /** What it has said so far, on both its outputs. */
  said(): string;
  /** Waits until it has said this. @throws with what it said instead. */
  says(what: RegExp, withinMs?: number): Promise<void>;
  readonly child: ChildProcess;
};

/** A machine on a segment: a network namespace of its own, and a cable from its `eth0` to the segment's bridge. */
export type Station = AsyncDisposable & {
  readonly name: string;
  readonly mac: string;
  run(command: string, args: readonly string[], withinMs?: number): Promise<Ran>;
  start(command: string, args: readonly string[]): Program;
};

/** Plug a machine in; it has an address only when one is given. It goes with its programs. */
export function plugIn(segment: Segment, mac: string, address: string | null = null): Station {
  const id = mac.replaceAll(":", "").slice(-6);
  const name = `${segment.name}-${id}`;
  ip("netns", "add", name);
  const programs: Program[] = [];
  const drop = async (): Promise<void> => {
    for (const program of programs) await program[Symbol.asyncDispose]();
    spawnSync("ip", ["netns", "del", name]);
  };
  try {
    ip("-n", segment.name, "link", "add", `v${id}`, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("-n", segment.name, "link", "set", `v${id}`, "master", "br0", "up");
    ip("-n", name, "link", "set", "eth0", "address", mac);
    for (const device of ["lo", "eth0"]) ip("-n", name, "link", "set", device, "up");
    if (address !== null) ip("-n", name, "addr", "add", `${address}/24`, "brd", "+", "dev", "eth0");
  } catch (thrown) {
    void drop();
    throw thrown;
  }
  return {
    ...{ name, mac },
    run: (command, args, withinMs) => runIn(name, command, args, withinMs),
    start(command, args) {
      const program = startIn(name, command, args);
      programs.push(program);
      return program;
    },
    [Symbol.asyncDispose]: drop,
  };
}

/** Run a program in a namespace to its end. Never rejects for how it ended. */
export async function runIn(netns: string, command: string, args: readonly string[], withinMs = 60_000): Promise<Ran> {
  const child = spawn("ip", ["netns", "exec", netns, command, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const late = setTimeout(() => child.kill("SIGKILL"), withinMs);
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  clearTimeout(late);
  return { code: (code as number | null) ?? -1, out, error };
}

/** Start a program in a namespace; what it says is kept. */
export function startIn(netns: string, command: string, args: readonly string[]): Program {
  const child = spawn("ip", ["netns", "exec", netns, command, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let heard = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (more: string) => {
      heard += more;
    });
  const closed = once(child, "close");
  return {
    child,
    said: () => heard,
    async says(what, withinMs = 60_000) {
      await until(
        `${command} says ${what}`,
        withinMs,
        () => what.test(heard) || child.exitCode !== null,
        () => heard,
      );
      if (!what.test(heard))
        throw new Error(`${command} ended with ${child.exitCode} before it said ${what}:\n${heard}`);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await closed;
      clearTimeout(hard);
    },
  };
}

/** Looks again and again until something is so. @throws with `what`, and what `seen` tells. */
export async function until(
  what: string,
  withinMs: number,
  isSo: () => boolean | Promise<boolean>,
  seen: () => unknown = () => "",
): Promise<number> {
  const from = performance.now();
  while (!(await isSo())) {
    if (performance.now() - from > withinMs) throw new Error(`not within ${withinMs} ms: ${what}\n${seen()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return performance.now() - from;
}

/**
 * Why these programs are not to be had, or null; root on Debian gets the packages that are missing.
 *
 * @param packages Debian's package of each program, by the program's name.
 */
export function whyNoPrograms(packages: Readonly<Record<string, string>>): string | null {
  const lacking = (): string[] => Object.keys(packages).filter((name) => spawnSync("which", [name]).status !== 0);
  const missing = lacking();
  if (missing.length > 0 && process.getuid?.() === 0)
    spawnSync("apt-get", ["install", "-y", "--no-install-recommends", ...missing.map((name) => packages[name]!)]);
  const still = lacking();
  return still.length === 0 ? null : `not installed, and apt-get does not bring them: ${still.join(", ")}`;
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim()}`);
}
