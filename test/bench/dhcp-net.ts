import { execFileSync } from "node:child_process";

/** Two network namespaces with a cable between them: a server in the one, a relay with its boards in the other. */
export type Cable = Disposable & {
  /** The command that runs a program on that side. */
  on(side: "server" | "relay", command: readonly string[]): readonly [string, ...string[]];
  readonly device: string;
};

/** What both sides know. */
export const plan = {
  cidr: "10.84.0.0/16",
  server: "10.84.0.1",
  relay: "10.84.0.2",
  boards: 1050,
} as const;

/** The n-th board, from 0, as perfdhcp counts them. */
export function macOf(n: number): string {
  return `b8:27:eb:00:${hex(n >> 8)}:${hex(n & 255)}`;
}

/** Its pinned address. */
export function addressOf(n: number): string {
  return `10.84.${10 + Math.floor(n / 250)}.${1 + (n % 250)}`;
}

/** Lay the cable, or say why this machine does not let us: it takes root on Linux and iproute2. */
export function layCable(): Cable | string {
  const name = `bramble-${process.pid}`;
  const spaces = { server: `${name}-s`, relay: `${name}-r` };
  const device = "veth0";
  const ip = (...args: readonly string[]): void => void execFileSync("ip", args, { stdio: "pipe" });
  const cut = (): void => {
    for (const space of Object.values(spaces)) {
      try {
        ip("netns", "del", space);
      } catch {
        // It was never made.
      }
    }
  };
  try {
    for (const space of Object.values(spaces)) ip("netns", "add", space);
    const end = ["netns", spaces.relay] as const;
    ip("link", "add", device, "netns", spaces.server, "type", "veth", "peer", "name", device, ...end);
    for (const side of ["server", "relay"] as const) {
      ip("-n", spaces[side], "addr", "add", `${plan[side]}/16`, "dev", device);
      for (const link of ["lo", device]) ip("-n", spaces[side], "link", "set", link, "up");
    }
  } catch (thrown) {
    cut();
    return `network namespaces cannot be made here (${String(thrown).split("\n")[0]?.slice(0, 150)})`;
  }
  return {
    device,
    on: (side, command) => ["ip", "netns", "exec", spaces[side], ...command],
    [Symbol.dispose]: cut,
  };
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, "0");
}
