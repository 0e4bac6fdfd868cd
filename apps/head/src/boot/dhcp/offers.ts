import type { Clock, Logger, Mac } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { DhcpMessage, Ipv4, Lease } from "@bramble/core/boot";
import { sparingly } from "../../observe/sparingly.ts";
import type { DhcpAlarm } from "./alarm.ts";
import type { DhcpCounts } from "./counts.ts";
import type { Journal } from "./journal.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Occupancy } from "./occupancy.ts";
import type { Subnet } from "./subnets.ts";

/** A DISCOVER whose board is placed. */
type OfferAsk = {
  readonly message: DhcpMessage;
  readonly subnet: Subnet;
  /** The board's own address here; null: one of the pool. */
  readonly pinned: Ipv4 | null;
  readonly name: string | null;
  /** A switch says that it is plugged in at the port of `pinned`, and nobody who lives is known there. */
  readonly isPlugged?: boolean;
};

/** Finds an address to offer, and makes sure that nobody lives there. */
export type Offers = AsyncDisposable & {
  /** `done` is called once, now or after a probe; null: nothing can be offered. Not called when a newer DISCOVER took over. */
  offer(ask: OfferAsk, done: (lease: Lease | null) => void): void;
};

/**
 * Takes addresses from the books.
 *
 * @param parts.occupancy asks on the head's own wire; null: nothing is probed, on loopback, where nobody answers ARP.
 * @param parts.beyond asks behind a relay, where no ARP goes; null: what the switch says is enough.
 */
export function createOffers(parts: {
  readonly occupancy: Occupancy | null;
  readonly beyond: Occupancy | null;
  readonly neighbours: Pick<Neighbours, "forget">;
  readonly journal: Pick<Journal, "write">;
  readonly alarm: (alarm: DhcpAlarm) => void;
  readonly counts: DhcpCounts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mostWaiting: number;
}): Offers {
  const { occupancy, beyond, neighbours, journal, alarm, counts, clock, log, mostWaiting } = parts;
  type Turn = { readonly ask: OfferAsk; readonly done: (lease: Lease | null) => void };
  /** Boards whose address is being probed, with their newest message. */
  const probing = new Map<Mac, Turn>();
  const tasks = new Set<Promise<void>>();
  const conflicts = new Map<Mac, Ipv4>();
  const empty = new Set<Subnet>();
  const sparing = sparingly(clock, 60_000);

  /** The book's word, and the address that must be probed before it holds. */
  const decide = ({ ask }: Turn): { lease: Lease | null; doubt: Doubt | null } => {
    const { message, subnet, pinned } = ask;
    const mac = message.chaddr;
    const isDirect = message.giaddr === "0.0.0.0";
    const before = occupancy !== null && pinned === null ? subnet.book.byMac(mac) : null;
    const decision = subnet.book.discover(mac, pinned, clock.now());
    journal.write(decision.writes);
    if (decision.kind === "offer") {
      const { lease } = decision;
      const { address } = lease;
      if (conflicts.size > 0) conflicts.delete(mac);
      if (pinned === null && empty.size > 0) poolIsFree(subnet);
      // Its own of before, or never probed: the file says whose a pinned address is, and a relay's network is out of reach.
      const isTrusted = occupancy === null || pinned !== null || !isDirect || before?.address === address;
      return { lease, doubt: isTrusted ? null : { address, look: occupancy, holder: null } };
    }
    if (decision.why === "pool-empty" || pinned === null) {
      poolIsEmpty(subnet, mac);
      return { lease: null, doubt: null };
    }
    const { holder } = decision;
    const look = isDirect ? occupancy : ask.isPlugged === true ? (beyond ?? nobody) : null;
    if (look === null) conflict(ask, holder);
    return { lease: null, doubt: look === null ? null : { address: pinned, look, holder } };
  };

  const poolIsEmpty = (subnet: Subnet, mac: Mac): void => {
    counts.poolEmpty++;
    const quiet = sparing.due();
    if (quiet !== null)
      log.warn({ mac, network: subnet.cidr, quiet }, "no address is left for a board that nobody knows");
    // A network without a pool is meant to leave strangers alone.
    if (empty.has(subnet) || subnet.poolSize === 0) return;
    empty.add(subnet);
    const message = `the pool of ${subnet.poolSize} addresses in ${subnet.cidr} is used up: boards that nobody knows get none (network.pool in the cluster file)`;
    alarm({ kind: "dhcp.pool-empty", level: "warn", board: null, message });
  };
  const poolIsFree = (subnet: Subnet): void => {
    if (!empty.has(subnet) || subnet.book.freeInPool(clock.now()) === 0) return;
    empty.delete(subnet);
    const message = `the pool in ${subnet.cidr} has addresses again`;
    alarm({ kind: "dhcp.pool-free", level: "info", board: null, message });
  };
  const conflict = ({ message: { chaddr: mac }, pinned, name }: OfferAsk, holder: Mac | null): void => {
    counts.conflicts++;
    if (pinned === null || conflicts.get(mac) === pinned || conflicts.size >= mostWaiting) return;
    conflicts.set(mac, pinned);
    log.warn({ mac, address: pinned, name, holder }, "another board lives at a board's address");
    const who = holder === null ? "something that is no board of ours" : holder;
    const message = `${name ?? mac} cannot have its address ${pinned}: ${who} has it; two boards for one place?`;
    alarm({ kind: "dhcp.conflict", level: "warn", board: name, message });
  };
  const replaced = ({ message: { chaddr: mac }, name }: OfferAsk, holder: Mac, address: Ipv4): void => {
    log.info({ mac, address, name, before: holder }, "a board takes the place of one that has gone");
    const message = `${mac} takes the place of ${holder}, which is silent, at ${address}`;
    alarm({ kind: "dhcp.replaced", level: "info", board: name, message });
  };

  /** Probe until the book's word holds, then answer the newest message of the board. */
  const settle = async (mac: Mac, first: Doubt): Promise<void> => {
    let doubt: Doubt | null = first;
    for (let round = 0; doubt !== null && round < mostRounds; round++) {
      const { address, look, holder }: Doubt = doubt;
      await neighbours.forget(address);
      const isTaken = await look(address);
      const turn = probing.get(mac)!;
      const { subnet, pinned, name } = turn.ask;
      if (pinned !== null) {
        // It was said to belong to another: that one is gone, or it is a conflict indeed.
        if (isTaken) return conflict(turn.ask, holder);
        journal.write(subnet.book.vacate(pinned, clock.now(), "silence").writes);
      } else if (isTaken) {
        counts.occupied++;
        log.warn({ mac, address, name }, "an address of the pool is in use by something that never asked for it");
        journal.write(subnet.book.decline(mac, address, clock.now()).writes);
      }
      const next = decide(turn);
      if (next.doubt === null || (next.lease !== null && next.doubt.address === address && !isTaken)) {
        if (next.lease !== null && holder !== null) replaced(turn.ask, holder, address);
        turn.done(next.lease);
        return;
      }
      // Told a moment ago: whoever it was told to may be loading its files, and deaf.
      if (next.doubt.address === address) return conflict(turn.ask, holder);
      doubt = next.doubt;
    }
  };

  return {
    offer(ask, done) {
      const mac = ask.message.chaddr;
      if (probing.size > 0 && probing.has(mac)) {
        counts.superseded++;
        probing.set(mac, { ask, done });
        return;
      }
      const turn = { ask, done };
      const { lease, doubt } = decide(turn);
      if (doubt === null) {
        done(lease);
        return;
      }
      if (probing.size >= mostWaiting) {
        counts.overloaded++;
        return;
      }
      probing.set(mac, turn);
      const task = settle(mac, doubt)
        .catch((thrown) => {
          counts.faults++;
          log.error({ mac, address: doubt.address, error: messageOf(thrown) }, "an address could not be probed");
        })
        .finally(() => {
          probing.delete(mac);
          tasks.delete(task);
        });
      tasks.add(task);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(tasks);
    },
  };
}

/** An address that is probed: by which means, and who would have to be gone. */
type Doubt = { readonly address: Ipv4; readonly look: Occupancy; readonly holder: Mac | null };

const nobody: Occupancy = () => Promise.resolve(false);

/** So many addresses are tried for one message of a board. */
const mostRounds = 8;
