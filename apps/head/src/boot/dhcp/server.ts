import type { Clock, Logger, Mac, Millis, Random } from "@bramble/core/base";
import type { BootClient, BootEvent, BootTerms, Ipv4, Lease } from "@bramble/core/boot";
import { encodeDhcp } from "@bramble/core/boot";
import { createClosing } from "../../closing.ts";
import type { LeaseStore } from "../../store/leases.ts";
import type { DhcpAlarm } from "./alarm.ts";
import { type RunCommand, runCommand } from "./commands.ts";
import { createSummary, type DhcpCounts, newCounts } from "./counts.ts";
import { createHandler, type DhcpHandler } from "./handler.ts";
import { createJournal, journalTerms } from "./journal.ts";
import { occupancyByKnock } from "./knock.ts";
import { createNeighbours, deviceOf, noNeighbours } from "./neighbours.ts";
import { type Occupancy, occupancyByArp } from "./occupancy.ts";
import { createOffers } from "./offers.ts";
import { createOutgoing } from "./outgoing.ts";
import { createPlacing, type PlaceFound, type WhoAsks } from "./placing.ts";
import { createRogues, rogueTerms } from "./rogues.ts";
import { createSightings, type Sighting } from "./sightings.ts";
import { openWire, type Wire } from "./sockets.ts";
import { createSubnets, isLoopback, type SubnetPlan } from "./subnets.ts";
import { warmUp } from "./warm.ts";

/** A running DHCP server. */
export type DhcpServer = AsyncDisposable & {
  readonly address: string;
  readonly port: number;
  /** Port of proxyDHCP; null in authoritative mode. */
  readonly proxyPort: number | null;
  /** What is held for whom. */
  readonly book: {
    byMac(mac: Mac): Lease | null;
    byAddress(address: Ipv4): Lease | null;
    all(): Iterable<Lease>;
  };
  /** Nobody lives at this address any more: its board has no power, or was taken out. */
  vacate(address: Ipv4): void;
  /** Other DHCP servers that were heard lately and should not be there. */
  rogues(): readonly Ipv4[];
  counters(): Readonly<DhcpCounts & { waiting: number; leases: number }>;
};

/** How long things are promised. */
type DhcpServerTerms = {
  readonly leaseMs: Millis;
  readonly offerMs: Millis;
  readonly probationMs: Millis;
};

/** As the head has it. */
const dhcpServerTerms: DhcpServerTerms = { leaseMs: 12 * 3_600_000, offerMs: 60_000, probationMs: 600_000 };

/** What a DHCP server is given. */
export type DhcpParts = {
  /** The head's address on the boards' network, or one of loopback; a port of 0 takes any that is free. */
  readonly bind: { readonly address: string; readonly port: number; readonly proxyPort?: number };
  /** The head's own network. */
  readonly network: SubnetPlan & { readonly head: Ipv4 };
  /** Networks behind relays. */
  readonly subnets?: readonly SubnetPlan[];
  /** Addresses that no pool gives away: boards, switches, devices. */
  readonly reserved?: ReadonlySet<Ipv4>;
  readonly dns?: readonly Ipv4[];
  readonly domain?: string | null;
  readonly mode: "authoritative" | "proxy";
  readonly place: (who: WhoAsks) => PlaceFound;
  /** What a board is told to boot; null: its own disk. */
  readonly bootOf: (mac: Mac, client: BootClient) => BootTerms | null;
  readonly leases: LeaseStore;
  readonly tell: (mac: Mac, event: BootEvent) => void;
  /** A board has this address: known to the register from now on. */
  readonly seen: (sighting: Sighting) => Promise<void>;
  readonly alarm: (alarm: DhcpAlarm) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly terms?: DhcpServerTerms;
  /** Runs `ip`; tests pass a pretend one. */
  readonly run?: RunCommand;
  /** In place of ARP; null: nothing is probed. */
  readonly occupancy?: Occupancy | null;
  /** In place of knocking at addresses behind relays; null: nothing is knocked at. */
  readonly beyond?: Occupancy | null;
  /** Have the engine compile what boards need before the first asks: a fifth of a second of one core. */
  readonly isWarmed?: boolean;
  /** In place of real sockets. */
  readonly open?: typeof openWire;
};

/**
 * Serve DHCP. Every address that is promised is in the store before the answer leaves; leases of before are taken up.
 *
 * @throws ClusterError `input.invalid` when the port or address cannot be had, or a network is none.
 */
export async function startDhcp(parts: DhcpParts): Promise<DhcpServer> {
  const { bind, network, mode, leases, alarm, clock, random, log } = parts;
  const { terms = dhcpServerTerms, run = runCommand, open = openWire } = parts;
  const closing = createClosing();
  const counts = newCounts();
  const reserved = parts.reserved ?? new Set([network.head]);
  const subnets = createSubnets([network, ...(parts.subnets ?? [])], { ...terms, reserved });
  restore();
  if (parts.isWarmed === true) await warmUp(clock);
  const device = await deviceOf(bind.address, run);
  try {
    const neighbours = device === null ? noNeighbours : closing.add(createNeighbours({ device, run, clock, log }));
    const journal = closing.add(createJournal({ leases, counts, alarm, clock, log }));
    const rogues = createRogues({ server: network.head, mode, alarm, clock, random, log });
    const sightings = closing.add(createSightings({ seen: parts.seen, clock, log }));
    const { mostWaiting } = journalTerms;
    // The sockets are opened last; until then there is nobody to poke for.
    let poke: Wire["poke"] = () => {};
    const byArp = device === null ? null : occupancyByArp({ device, run, poke: (address) => poke(address), clock });
    const occupancy = parts.occupancy === undefined ? byArp : parts.occupancy;
    // Who answers from loopback lives behind no router.
    const byKnock = isLoopback(bind.address) ? null : occupancyByKnock({ clock });
    const beyond = parts.beyond === undefined ? byKnock : parts.beyond;
    const offers = closing.add(
      createOffers({ occupancy, beyond, neighbours, journal, alarm, counts, clock, log, mostWaiting }),
    );
    // The first messages may come while the last socket is being opened: they are asked again.
    let handler: DhcpHandler | null = null;
    const wire = await open(
      {
        ...{ address: bind.address, port: bind.port, clientPort: bind.port === serverPort ? clientPort : null },
        proxyPort: mode === "proxy" ? (bind.proxyPort ?? proxyPort) : null,
      },
      {
        asServer: (bytes, from) => handler?.asServer(bytes, from),
        asProxy: (bytes, from) => handler?.asProxy(bytes, from),
        asClient: (bytes, from) => handler?.asClient(bytes, from),
      },
      { counts, log },
    );
    closing.add(wire);
    poke = wire.poke;
    const outgoing = closing.add(createOutgoing({ wire, journal, counts, clock, log, mostWaiting }));
    handler = createHandler({
      ...{ mode, subnets, offers, journal, outgoing, neighbours, rogues, sightings, alarm, counts, clock, log },
      ...{ bootOf: parts.bootOf, tell: parts.tell },
      placing: createPlacing({ place: parts.place, alarm, clock, log }),
      termsOf: ({ mask, broadcast, gateway, book }) => ({
        ...{ server: network.head, mask, broadcast, gateway, leaseMs: terms.leaseMs },
        dns: parts.dns ?? [],
        domain: parts.domain ?? null,
        ports: { server: wire.port, client: clientPort },
        reaches: (address) => {
          const lease = book.byAddress(address);
          return lease !== null && neighbours.has(address, lease.mac);
        },
      }),
    });
    const summary = createSummary(counts, log);
    const timers = [clock.every(1000, summary)];
    closing.add({
      [Symbol.dispose]() {
        for (const timer of timers) timer.cancel();
      },
    });
    if (wire.canBroadcast) {
      const probe = (): void => {
        rogues.look();
        wire.send(encodeDhcp(rogues.probe()), wire.port, "255.255.255.255");
      };
      probe();
      // What is sent in the first second of an interface is often lost.
      timers.push(clock.after(rogueTerms.againMs, probe), clock.every(rogueTerms.probeMs, probe));
      for (const { address, mac } of subnets.all[0]!.book.all()) neighbours.set(address, mac);
    } else timers.push(clock.every(rogueTerms.probeMs, rogues.look));
    log.info({ address: bind.address, port: wire.port, mode, networks: subnets.all.length, device }, "DHCP is served");

    return {
      address: bind.address,
      port: wire.port,
      proxyPort: wire.proxyPort,
      book: {
        byMac: (mac) => first(subnets.all, ({ book }) => book.byMac(mac)),
        byAddress: (address) => subnets.holding(address)?.book.byAddress(address) ?? null,
        all,
      },
      vacate(address) {
        const change = subnets.holding(address)?.book.vacate(address, clock.now());
        journal.write(change?.writes ?? []);
      },
      rogues: rogues.present,
      counters: () => ({
        ...counts,
        waiting: journal.waiting() + outgoing.waiting(),
        leases: subnets.all.reduce((sum, { book }) => sum + [...book.all()].length, 0),
      }),
      [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
    };
  } catch (thrown) {
    await closing[Symbol.asyncDispose]();
    throw thrown;
  }

  function* all(): Iterable<Lease> {
    for (const { book } of subnets.all) yield* book.all();
  }

  /** Takes up what the store kept. What is damaged, or lies in no network any more, is left out with a line. */
  function restore(): void {
    const kept = leases.all();
    let dropped = 0;
    const drop = (lease: unknown, why: string): void => {
      if (dropped++ < mostDroppedLines) log.warn({ lease, why }, "a kept lease is left out");
    };
    const bySubnet = new Map(subnets.all.map((subnet) => [subnet, [] as unknown[]]));
    for (const lease of kept) {
      const { address } = lease as { readonly address?: unknown };
      const subnet = typeof address === "string" ? subnets.holding(address) : null;
      if (subnet === null) drop(lease, "its address lies in no network that is served");
      else bySubnet.get(subnet)!.push(lease);
    }
    for (const [{ book }, own] of bySubnet) for (const { lease, why } of book.restore(own)) drop(lease, why);
    if (kept.length > 0) log.info({ leases: kept.length - dropped, dropped }, "leases taken up");
  }
}

function first<T, R>(of: readonly T[], find: (each: T) => R | null): R | null {
  for (const each of of) {
    const found = find(each);
    if (found !== null) return found;
  }
  return null;
}

const serverPort = 67;
const clientPort = 68;
const proxyPort = 4011;
const mostDroppedLines = 20;
