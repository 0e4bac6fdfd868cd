import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, closeSync, openSync } from "node:fs";

/**
 * A network of its own for one story: a namespace with a bridge, the head's address on it, and taps for machines. Nothing of
 * it is seen outside, and nothing outside is seen in it.
 */
export type Segment = AsyncDisposable & {
  readonly name: string;
  /** A tap on the bridge, for one machine. */
  tap(): string;
  /** Starts a program inside; it ends with the segment at the latest. Its output goes to `log`. */
  start(command: string, args: readonly string[], log: string): ChildProcess;
  /** Runs a program inside to its end; gives its output, or throws with what it said. */
  run(command: string, args: readonly string[]): string;
};

/** Why no segment can be laid on this machine, or null. */
export function whyNoSegment(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "network namespaces take root on Linux";
  try {
    accessSync("/dev/net/tun");
  } catch {
    return "this machine has no /dev/net/tun";
  }
  const { status } = spawnSync("ip", ["netns", "list"]);
  return status === 0 ? null : "the program ip (iproute2) makes no network namespaces here";
}

/** Lay one with the head at `address`, like `10.77.0.1/24`; or say why this machine does not let us. */
export function laySegment(address: string): Segment | string {
  const whyNot = whyNoSegment();
  if (whyNot !== null) return whyNot;
  const name = `bramble-${process.pid}-${Math.floor(performance.now())}`;
  const taps: string[] = [];
  const children: ChildProcess[] = [];
  const drop = (): void => void spawnSync("ip", ["netns", "del", name]);
  try {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "link", "add", "br0", "type", "bridge", "forward_delay", "0");
    ip("-n", name, "addr", "add", address, "brd", "+", "dev", "br0");
    ip("-n", name, "link", "set", "br0", "up");
  } catch (thrown) {
    drop();
    return `a network namespace cannot be made here (${String(thrown).slice(0, 200)})`;
  }
  return {
    name,
    tap() {
      const tap = `tap${taps.length}`;
      taps.push(tap);
      ip("-n", name, "tuntap", "add", tap, "mode", "tap");
      ip("-n", name, "link", "set", tap, "master", "br0", "up");
      return tap;
    },
    start(command, args, log) {
      const out = openSync(log, "a");
      const child = spawn("ip", ["netns", "exec", name, command, ...args], { stdio: ["ignore", out, out] });
      closeSync(out);
      children.push(child);
      return child;
    },
    run(command, args) {
      const { status, stdout, stderr } = spawnSync("ip", ["netns", "exec", name, command, ...args], {
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}${stdout}`);
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      const ends = children
        .filter((child) => child.exitCode === null && child.signalCode === null)
        .map(async (child) => {
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          const hard = setTimeout(() => child.kill("SIGKILL"), 8000);
          await ended;
          clearTimeout(hard);
        });
      await Promise.all(ends);
      drop();
    },
  };
}

function ip(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync("ip", args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim()}`);
}
