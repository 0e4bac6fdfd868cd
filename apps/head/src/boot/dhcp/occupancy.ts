import type { Ipv4 } from "@bramble/core/boot";
import type { RunCommand } from "./commands.ts";

/** Tells whether something lives at an address already. */
export type Occupancy = (address: Ipv4) => Promise<boolean>;

/**
 * Ask by ping, and, since many answer ARP and no ping, by what the kernel then knows of the neighbour (RFC 2131 §2.2: a
 * server SHOULD probe before it gives an address again). One second when nobody is there. At most `most` ask at once.
 */
export function occupancyByPing(device: string, run: RunCommand, most = 64): Occupancy {
  let asking = 0;
  const turns: (() => void)[] = [];
  return async (address) => {
    if (asking >= most) await new Promise<void>((resolve) => turns.push(resolve));
    else asking++;
    try {
      const { code } = await run(["ping", "-n", "-q", "-c1", "-W1", address]);
      if (code === 0) return true;
      const { out } = await run(["ip", "neigh", "show", address, "dev", device]);
      return /lladdr \S+ .*\b(REACHABLE|DELAY|PROBE|STALE)\b/.test(out);
    } finally {
      const next = turns.shift();
      if (next === undefined) asking--;
      else next();
    }
  };
}
