import { type Clock, mac, silentLog } from "@bramble/core/base";
import { addressOctets, dhcpTypes, encodeDhcp, type Ipv4, optionCodes, textOctets } from "@bramble/core/boot";
import { newCounts } from "./counts.ts";
import { createHandler } from "./handler.ts";
import { createJournal } from "./journal.ts";
import { noNeighbours } from "./neighbours.ts";
import { createOffers } from "./offers.ts";
import { createOutgoing } from "./outgoing.ts";
import { createSubnets } from "./subnets.ts";

/**
 * Let pretend boards talk to a pretend server, so that the engine has compiled what the first true ones need. A thousand
 * boards that get power in one instant otherwise meet code that takes fifteen times as long, and the last of them waits a
 * quarter of a second. Nothing of it is kept, sent or told.
 */
export async function warmUp(clock: Clock): Promise<void> {
  const counts = newCounts();
  const common = { counts, clock, log: silentLog, alarm: () => {} };
  const terms = { leaseMs: 3_600_000, offerMs: 60_000, probationMs: 60_000, reserved: new Set<Ipv4>() };
  const subnets = createSubnets([{ cidr: "10.0.0.0/16", gateway: null, pool: [] }], terms);
  await using journal = createJournal({ ...common, leases: { all: () => [], save: async () => {} } });
  const wire = { canBroadcast: true, send: () => {}, poke: () => {} };
  using outgoing = createOutgoing({ ...common, wire, journal, mostWaiting: 1 });
  await using offers = createOffers({
    ...common,
    occupancy: null,
    beyond: null,
    neighbours: noNeighbours,
    journal,
    mostWaiting: 1,
  });
  const handler = createHandler({
    ...{ ...common, mode: "authoritative", subnets, offers, journal, outgoing, neighbours: noNeighbours },
    ...{ tell: () => {}, bootOf: () => ({ server, file: null, url: null }) },
    rogues: { hear: () => {}, probe: unasked, look: () => {}, present: () => [] },
    sightings: { note: () => {}, [Symbol.asyncDispose]: async () => {} },
    placing: ({ chaddr }) => ({ address: addressOf(Number.parseInt(chaddr.slice(-2), 16)), name: "warm" }),
    termsOf: ({ mask, broadcast, gateway }) => ({
      ...{ server, mask, broadcast, gateway, leaseMs: terms.leaseMs, dns: [], domain: null },
      ...{ ports: { server: 67, client: 68 }, reaches: () => false },
    }),
  });
  const messages = Array.from({ length: boards }, (_, n) => conversation(n)).flat();
  for (let turn = 0; turn < turns; turn++) {
    for (const bytes of messages) handler.asServer(bytes, { address: relay, port: 67 });
    // The answers that waited for a commit leave in between; so do other rooms of the head.
    await clock.sleep(pauseMs);
  }
}

const server: Ipv4 = "10.0.0.1";
const relay: Ipv4 = "10.0.0.2";
const boards = 64;
const turns = 24;
const pauseMs = 3;

/** What a Pi 3B+ and then its operating system send. */
function conversation(n: number): Uint8Array[] {
  const chaddr = mac(`b8:27:eb:00:00:${n.toString(16).padStart(2, "0")}`);
  const say = (type: number, options: readonly (readonly [number, Uint8Array])[]): Uint8Array =>
    encodeDhcp({
      ...{ op: "request", hops: 1, xid: n, secs: 0, isBroadcast: false, sname: "", file: "", chaddr },
      ...{ ciaddr: "0.0.0.0", yiaddr: "0.0.0.0", siaddr: "0.0.0.0", giaddr: relay },
      options: new Map([[optionCodes.type, Uint8Array.of(type)], ...options]),
    });
  const serial = [n, 0x5d, 0xb8, 0xa2];
  return [
    say(dhcpTypes.discover, [
      [optionCodes.wanted, Uint8Array.of(1, 3, 43, 60, 67, 128, 129, 130, 131, 132, 133, 134, 135, 66)],
      [optionCodes.arch, Uint8Array.of(0, 0)],
      [optionCodes.undi, Uint8Array.of(1, 2, 1)],
      [optionCodes.vendorClass, textOctets("PXEClient:Arch:00000:UNDI:002001")],
      [optionCodes.uuid, Uint8Array.of(0, ...serial, ...serial, ...serial, ...serial)],
      [optionCodes.relay, Uint8Array.of(1, 6, ...textOctets("s01/07"))],
    ]),
    say(dhcpTypes.request, [
      [optionCodes.requested, addressOctets(addressOf(n))],
      [optionCodes.server, addressOctets(server)],
      [optionCodes.wanted, Uint8Array.of(1, 3, 6, 12, 15, 28)],
    ]),
  ];
}

function addressOf(n: number): Ipv4 {
  return `10.0.10.${n + 1}`;
}

function unasked(): never {
  throw new Error("a pretend server looks for no other");
}
