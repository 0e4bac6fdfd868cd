import type { Clock, Logger, Mac, Millis, Timer } from "@bramble/core/base";
import type { Ipv4 } from "@bramble/core/boot";
import type { RunCommand } from "./commands.ts";

/**
 * Permanent neighbour entries: so that an answer reaches a board that has no address yet without a raw socket, and so that
 * a Pi 3B, which answers no ARP once its TFTP has begun (raspberrypi/firmware issue 1078), goes on being served. Linux
 * leaves permanent entries out of the limit of its neighbour table (`gc_thresh3`), since 5.0.
 */
export type Neighbours = AsyncDisposable & {
  /** Whether the kernel was told where this board is, so that unicast finds it. */
  has(address: Ipv4, mac: Mac): boolean;
  /** Tell the kernel, soon, with others. */
  set(address: Ipv4, mac: Mac): void;
  /** Let the kernel ask again who has this address; resolves when it will. */
  forget(address: Ipv4): Promise<void>;
};

/** No entries: on loopback, behind relays, or without the right to make them. Answers are broadcast. */
export const noNeighbours: Neighbours = {
  has: () => false,
  set: () => {},
  forget: async () => {},
  async [Symbol.asyncDispose]() {},
};

/**
 * The interface that has `address`; null when none has, when it is loopback, or without iproute2.
 *
 * The kernel is asked by `ip`, for Node's own list (`os.networkInterfaces`) leaves out those without a carrier: a head
 * starts before the switches that it gives power to, and what has no carrier now has one in a moment.
 */
export async function deviceOf(address: string, run: RunCommand): Promise<string | null> {
  if (address.startsWith("127.")) return null;
  const { out } = await run(["ip", "-o", "-4", "addr", "show"]);
  for (const line of out.split("\n")) {
    // `2: eth0    inet 10.0.0.1/24 …`, and `inet 10.0.0.1 peer 10.0.0.2/32 …` on a line between two.
    const [, device, own] = /^\d+: (\S+)\s+inet ([\d.]+)[/ ]/.exec(line) ?? [];
    if (own === address && device !== undefined && device !== "lo") return device;
  }
  return null;
}

/**
 * Entries on the interface `device`, made by `ip` (iproute2) in batches, and made again when the kernel has lost them.
 * Those that it made are taken away at the end.
 */
export function createNeighbours(parts: {
  readonly device: string;
  readonly run: RunCommand;
  readonly clock: Clock;
  readonly log: Logger;
}): Neighbours {
  const { device, run, clock, log } = parts;
  const known = new Map<Ipv4, Mac>();
  const wanted = new Map<Ipv4, Mac>();
  let timer: Timer | null = null;
  let batch: Promise<void> = Promise.resolve();
  let isRefused = false;
  let isClosed = false;

  const flush = async (): Promise<void> => {
    const entries = [...wanted];
    wanted.clear();
    if (entries.length === 0) return;
    const { code, error } = await run(
      ["ip", "-force", "-batch", "-"],
      lines(entries, ([address, mac]) => `neigh replace ${address} lladdr ${mac} dev ${device} nud permanent`),
    );
    if (code === 0) {
      for (const [address, mac] of entries) known.set(address, mac);
      if (isRefused) log.info({ device }, "neighbour entries can be made again");
      isRefused = false;
      return;
    }
    if (!isRefused)
      log.warn(
        { device, error: error.trim().split("\n")[0] ?? "" },
        "neighbour entries cannot be made: answers are broadcast, and a Pi 3B may stall (give the head CAP_NET_ADMIN)",
      );
    isRefused = true;
  };

  const soon = (ms: Millis): void => {
    if (timer !== null || isClosed) return;
    timer = clock.after(ms, () => {
      timer = null;
      batch = batch.then(flush);
    });
  };

  /**
   * The kernel drops permanent entries too, without a word: of a bridge that takes the MAC of a new port, of an interface
   * that was set down. What is sent to such an address then goes nowhere.
   */
  const check = async (): Promise<void> => {
    if (known.size === 0 || isClosed) return;
    const { code, out } = await run(["ip", "neigh", "show", "dev", device, "nud", "permanent"]);
    if (code !== 0 || isClosed) return;
    const kept = new Set(out.split("\n").map((line) => line.split(" ").slice(0, 3).join(" ")));
    const lost = [...known].filter(([address, mac]) => !kept.has(`${address} lladdr ${mac}`));
    if (lost.length === 0) return;
    log.info({ device, entries: lost.length }, "the kernel lost neighbour entries: they are made again");
    for (const [address, mac] of lost) {
      known.delete(address);
      if (!wanted.has(address)) wanted.set(address, mac);
    }
    soon(gatherMs);
  };
  const checking = clock.every(checkMs, () => {
    batch = batch.then(check);
  });

  return {
    has: (address, mac) => known.get(address) === mac,
    set(address, mac) {
      if (isClosed || known.get(address) === mac) return;
      wanted.set(address, mac);
      soon(isRefused ? afterRefusalMs : gatherMs);
    },
    async forget(address) {
      wanted.delete(address);
      if (!known.delete(address)) return;
      await run(["ip", "neigh", "del", address, "dev", device]);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      timer?.cancel();
      checking.cancel();
      await batch;
      if (known.size === 0) return;
      await run(
        ["ip", "-force", "-batch", "-"],
        lines(known.keys(), (address) => forgetLines(address, device)),
      );
      known.clear();
    },
  };
}

/**
 * Lines for `ip -batch` after which the kernel knows nothing of an address. The entry is made first, whatever it was: `ip
 * neigh del` of one that is not there ends the whole batch, with -force too (iproute2 6.1).
 */
export function forgetLines(address: Ipv4, device: string): string {
  return `neigh replace ${address} dev ${device} nud failed\nneigh del ${address} dev ${device}`;
}

function lines<T>(of: Iterable<T>, line: (each: T) => string): string {
  return `${Array.from(of, line).join("\n")}\n`;
}

const gatherMs = 5;
/** Well within the 25 s for which the ROM of a Pi 3 asks. */
const checkMs = 10_000;
const afterRefusalMs = 60_000;
