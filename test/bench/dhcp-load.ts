import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Cable } from "./dhcp-net.ts";
import { macOf, plan } from "./dhcp-net.ts";
import type { Started } from "./dhcp-servers.ts";
import { cpuMs } from "./process.ts";

/** What one run of perfdhcp gave. */
export type RateRun = {
  readonly askedPerSecond: number;
  readonly completedPerSecond: number;
  /** The part of all DISCOVERs that did not end in an ACK. */
  readonly lost: number;
  /** CPU of the server for a thousand whole conversations. */
  readonly cpuSecondsPerThousand: number;
};

/** 1050 clients at `rate` conversations a second, over a relay, for three seconds. */
export async function runAtRate(cable: Cable, server: Started, rate: number, seconds = 3): Promise<RateRun> {
  const before = cpuMs(server.pid);
  const [program, ...args] = cable.on("relay", [
    ...["perfdhcp", "-4", "-r", String(rate), "-R", String(plan.boards), "-p", String(seconds)],
    ...["-b", `mac=${macOf(0)}`, "-l", plan.relay, "-g", "multi", "-W", "300000", plan.server],
  ]);
  // It ends with 3 when something was lost.
  const { stdout } = await promisify(execFile)(program, args).catch((thrown: { stdout?: string }) => ({
    stdout: thrown.stdout ?? "",
  }));
  const cpuSeconds = (cpuMs(server.pid) - before) / 1000;
  const sent = numberAfter(stdout, "DISCOVER-OFFER", "sent packets");
  const acked = numberAfter(stdout, "REQUEST-ACK", "received packets");
  if (!(sent > 0)) throw new Error(`perfdhcp gave no figures: ${stdout.slice(-300)}`);
  // One that cannot send as fast as it was asked tells nothing of the server at that rate.
  return {
    askedPerSecond: rate,
    completedPerSecond: acked / seconds,
    lost: Math.max(0, 1 - acked / Math.max(sent, rate * seconds * 0.9)),
    cpuSecondsPerThousand: acked === 0 ? Number.NaN : (cpuSeconds / acked) * 1000,
  };
}

/** All boards in one instant. */
export type BurstRun = {
  readonly answered: number;
  readonly worst: number;
  readonly middle: number;
  readonly doubled: number;
};

/** What a burst gave at its first try. */
export async function runBurst(cable: Cable): Promise<BurstRun> {
  const script = new URL("./dhcp-burst.child.ts", import.meta.url).pathname;
  const [program, ...args] = cable.on("relay", [process.execPath, script]);
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout) as BurstRun;
}

function numberAfter(text: string, section: string, key: string): number {
  const from = text.indexOf(`Statistics for: ${section}`);
  if (from === -1) return Number.NaN;
  return Number(new RegExp(`${key}:\\s*(\\d+)`).exec(text.slice(from))?.[1]);
}
