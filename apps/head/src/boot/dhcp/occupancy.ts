import type { Clock } from "@bramble/core/base";
import type { Ipv4 } from "@bramble/core/boot";
import type { RunCommand } from "./commands.ts";
import { forgetLines } from "./neighbours.ts";

/** Tells whether something lives at an address already. */
export type Occupancy = (address: Ipv4) => Promise<boolean>;

/**
 * Ask by ARP (RFC 2131 §2.2: a server should probe before it gives an address again): a datagram to the address makes the
 * kernel look for its neighbour, and a little later its table tells who answered. Many that do not answer a ping answer
 * this. All that are asked for in one moment are one batch, however many.
 *
 * @param poke sends some datagram to the address.
 */
export function occupancyByArp(parts: {
  readonly device: string;
  readonly run: RunCommand;
  readonly poke: (address: Ipv4) => void;
  readonly clock: Clock;
}): Occupancy {
  const { device, run, poke, clock } = parts;
  let asked = new Map<Ipv4, ((isTaken: boolean) => void)[]>();

  /** Those of the addresses that answer. */
  const answering = async (addresses: readonly Ipv4[]): Promise<ReadonlySet<string>> => {
    // What the kernel remembers may be of somebody who has gone. Without the right to delete it, it counts.
    await run(["ip", "-force", "-batch", "-"], addresses.map((each) => `${forgetLines(each, device)}\n`).join(""));
    for (const address of addresses) poke(address);
    await clock.sleep(answerMs);
    const { out } = await run(["ip", "neigh", "show", "dev", device]);
    const taken = new Set<string>();
    for (const line of out.split("\n"))
      if (/ lladdr .*\b(REACHABLE|DELAY|PROBE|STALE)\b/.test(line)) taken.add(line.slice(0, line.indexOf(" ")));
    return taken;
  };

  const settle = async (batch: ReadonlyMap<Ipv4, readonly ((isTaken: boolean) => void)[]>): Promise<void> => {
    let open = [...batch.keys()];
    for (let round = 0; round < rounds && open.length > 0; round++) {
      const taken = await answering(open);
      for (const address of open) if (taken.has(address)) for (const tell of batch.get(address)!) tell(true);
      open = open.filter((address) => !taken.has(address));
    }
    for (const address of open) for (const tell of batch.get(address)!) tell(false);
  };

  return (address) =>
    new Promise((resolve) => {
      const isFirst = asked.size === 0;
      asked.set(address, [...(asked.get(address) ?? []), resolve]);
      if (!isFirst) return;
      clock.after(gatherMs, () => {
        const batch = asked;
        asked = new Map();
        void settle(batch);
      });
    });
}

const gatherMs = 5;
/** Whoever is on the same wire answers ARP within milliseconds; a frame may be lost, so it is asked for thrice (RFC 5227 §2.1.1). */
const rounds = 3;
const answerMs = 250;
