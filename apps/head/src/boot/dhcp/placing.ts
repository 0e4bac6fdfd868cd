import type { Clock, Logger, Mac } from "@bramble/core/base";
import { type BootClient, type DhcpMessage, type Ipv4, portOf, relayOf, type SwitchPort } from "@bramble/core/boot";
import { sparingly } from "../../observe/sparingly.ts";
import type { DhcpAlarm } from "./alarm.ts";
import { serialOf } from "./sightings.ts";
import type { Subnet } from "./subnets.ts";

/** What is known of a board that asks, when its place is looked for. */
export type WhoAsks = {
  readonly mac: Mac;
  /** Switch and port by option 82. */
  readonly port: SwitchPort | null;
  readonly giaddr: Ipv4;
  readonly serial: string | null;
};

/** Where a board belongs; an address of null: it gets one of the pool. */
export type PlaceFound = {
  readonly address: Ipv4 | null;
  readonly name: string | null;
  /** The place is that of its switch port, and nobody who lives is known there. */
  readonly isPlugged?: boolean;
};

/** Finds the address that is a board's own in the network that it asks from. */
export type Placing = (message: DhcpMessage, client: BootClient, subnet: Subnet) => PlaceFound;

/** By the `place` of the head; an address that lies in another network than the board is told, and not given. */
export function createPlacing(parts: {
  readonly place: (who: WhoAsks) => PlaceFound;
  readonly alarm: (alarm: DhcpAlarm) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): Placing {
  const { place, alarm, clock, log } = parts;
  const misplaced = sparingly(clock, 60_000);
  return (message, client, subnet) => {
    const { chaddr: mac, giaddr, ciaddr } = message;
    const port = portOf(relayOf(message), giaddr);
    const found = place({ mac, port, giaddr, serial: serialOf(client) });
    if (found.address === null) {
      // A board that renews asks without its relay, and so without its switch port: what it was told holds.
      const lease = ciaddr === "0.0.0.0" ? null : subnet.book.byMac(mac);
      return lease?.pinned === true ? { ...found, address: lease.address } : found;
    }
    if (subnet.has(found.address)) return found;
    const quiet = misplaced.due();
    if (quiet !== null) {
      const { address, name } = found;
      log.warn(
        { mac, name, address, network: subnet.cidr, giaddr, quiet },
        "a board asks from another network than its address is in",
      );
      const message = `${name ?? mac} asks from the network ${subnet.cidr}, where its address ${address} cannot be: it gets one of the pool; is it plugged in at the right place?`;
      alarm({ kind: "dhcp.misplaced", level: "warn", board: name, message });
    }
    return { ...found, address: null };
  };
}
