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
};

/** Finds an address to offer, and makes sure that nobody lives there. */
export type Offers = AsyncDisposable & {
  /** `done` is called once, now or after a probe; null: nothing can be offered. Not called when a newer DISCOVER took over. */
  offer(ask: OfferAsk, done: (lease: Lease | null) => void): void;
};

/** Takes addresses from the books. Without `occupancy` nothing is probed: on loopback, where nobody answers ARP. */
export function createOffers(parts: {
  readonly occupancy: Occupancy | null;
  readonly neighbours: Pick<Neighbours, "forget">;
  readonly journal: Pick<Journal, "write">;
  readonly alarm: (alarm: DhcpAlarm) => void;
  readonly counts: DhcpCounts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mostWaiting: number;
}): Offers {
  const { occupancy, neighbours, journal, alarm, counts, clock, log, mostWaiting } = parts;
  type Turn = { readonly ask: OfferAsk; readonly done: (lease: Lease | null) => void };
  /** Boards whose address is being probed, with their newest message. */
  const probing = new Map<Mac, Turn>();
  const tasks = new Set<Promise<void>>();
  const conflicts = new Map<Mac, Ipv4>();
  const empty = new Set<Subnet>();
  const sparing = sparingly(clock, 60_000);

  /** The book's word, and the address that must be probed before it holds. */
  const decide = ({ ask: { message, subnet, pinned, name } }: Turn): { lease: Lease | null; probe: Ipv4 | null } => {
    const mac = message.chaddr;
    const isDirect = message.giaddr === "0.0.0.0";
    const before = occupancy !== null && pinned === null ? subnet.book.byMac(mac) : null;
    const decision = subnet.book.discover(mac, pinned, clock.now());
    journal.write(decision.writes);
    if (decision.kind === "offer") {
      const { lease } = decision;
      if (conflicts.size > 0) conflicts.delete(mac);
      if (pinned === null && empty.size > 0) poolIsFree(subnet);
      // Its own of before, or never probed: the file says whose a pinned address is, and a relay's network is out of reach.
      const isTrusted = occupancy === null || pinned !== null || !isDirect || before?.address === lease.address;
      return { lease, probe: isTrusted ? null : lease.address };
    }
    if (decision.why === "pool-empty") poolIsEmpty(subnet, mac);
    else conflict(mac, pinned, name, decision.holder);
    return { lease: null, probe: decision.why === "conflict" && occupancy !== null && isDirect ? pinned : null };
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
  const conflict = (mac: Mac, address: Ipv4 | null, name: string | null, holder: Mac | null): void => {
    counts.conflicts++;
    if (address === null || conflicts.get(mac) === address || conflicts.size >= mostWaiting) return;
    conflicts.set(mac, address);
    log.warn({ mac, address, name, holder }, "another board lives at a board's address");
    const who = holder === null ? "something that is no board of ours" : holder;
    const message = `${name ?? mac} cannot have its address ${address}: ${who} has it; two boards for one place?`;
    alarm({ kind: "dhcp.conflict", level: "warn", board: name, message });
  };

  /** Probe until the book's word holds, then answer the newest message of the board. */
  const settle = async (mac: Mac, address: Ipv4, ask: Occupancy): Promise<void> => {
    let probe: Ipv4 | null = address;
    for (let round = 0; probe !== null && round < mostRounds; round++) {
      await neighbours.forget(probe);
      const isTaken = await ask(probe);
      const turn = probing.get(mac)!;
      const { subnet, pinned, name } = turn.ask;
      if (pinned !== null) {
        // It was said to belong to another: that one is gone, or it is a conflict indeed.
        if (isTaken) return;
        journal.write(subnet.book.vacate(pinned, clock.now(), "silence").writes);
      } else if (isTaken) {
        counts.occupied++;
        log.warn(
          { mac, address: probe, name },
          "an address of the pool is in use by something that never asked for it",
        );
        journal.write(subnet.book.decline(mac, probe, clock.now()).writes);
      }
      const next = decide(turn);
      if (next.probe === null || (next.lease !== null && next.probe === probe && !isTaken)) {
        turn.done(next.lease);
        return;
      }
      if (next.probe === probe) return;
      probe = next.probe;
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
      const { lease, probe } = decide(turn);
      if (probe === null || occupancy === null) {
        done(lease);
        return;
      }
      if (probing.size >= mostWaiting) {
        counts.overloaded++;
        return;
      }
      probing.set(mac, turn);
      const task = settle(mac, probe, occupancy)
        .catch((thrown) => {
          counts.faults++;
          log.error({ mac, address: probe, error: messageOf(thrown) }, "an address could not be probed");
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

/** So many addresses are tried for one message of a board. */
const mostRounds = 8;
