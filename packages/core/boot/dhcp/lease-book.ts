import { type Mac, type Millis, parseMac } from "../../base/index.ts";
import { parseIpv4 } from "../../cluster/index.ts";
import type {
  Lease,
  LeaseAuthority,
  LeaseBook,
  LeaseChange,
  LeaseTerms,
  OfferDecision,
  RequestDecision,
} from "./lease.ts";
import type { Ipv4 } from "./message.ts";
import type { RequestAsk } from "./request.ts";

/** An empty book. Pure but for its own memory: the caller keeps the leases and sends the answers. */
export function createLeaseBook(terms: LeaseTerms): LeaseBook {
  return new Book(terms);
}

/** An address and who has it. One an address, changed in place. */
type Holding = { lease: Lease; toldAt: Millis };

class Book implements LeaseBook {
  readonly #terms: LeaseTerms;
  readonly #pool: ReadonlySet<Ipv4>;
  readonly #byAddress = new Map<Ipv4, Holding>();
  /** What a board has, the last told at the end. Nearly always one. */
  readonly #byMac = new Map<Mac, Holding[]>();
  /** Addresses of the pool that nobody ever had, the next at the end. */
  readonly #fresh: Ipv4[];
  /** When the pool is used up: nothing in it ends before this, so that a flood of strangers does not make us look. */
  #nothingEndsBefore: Millis = Number.NEGATIVE_INFINITY;

  constructor(terms: LeaseTerms) {
    this.#terms = terms;
    this.#pool = new Set(terms.pool.filter((address) => !terms.reserved.has(address)));
    this.#fresh = [...this.#pool].reverse();
  }

  restore(leases: Iterable<unknown>): { lease: unknown; why: string }[] {
    const dropped: { lease: unknown; why: string }[] = [];
    for (const raw of leases) {
      const lease = readLease(raw);
      if (typeof lease === "string") {
        dropped.push({ lease: raw, why: lease });
        continue;
      }
      const other = this.#byAddress.get(lease.address)?.lease;
      // Two boards on one address: one of them is wrong, and nobody knows which. The longer promise stands.
      if (other !== undefined && other.mac !== lease.mac) {
        const [kept, lost] = other.until >= lease.until ? [other, lease] : [lease, other];
        dropped.push({ lease: lost, why: `${lost.address} is held longer by ${kept.mac}` });
        if (kept === other) continue;
      }
      // It may have been told at any time; the latest is the careful guess.
      this.#hold(lease, lease.until - this.#terms.leaseMs);
    }
    for (const holdings of this.#byMac.values()) holdings.sort((a, b) => a.lease.until - b.lease.until);
    return dropped;
  }

  discover(mac: Mac, pinned: Ipv4 | null, now: Millis): OfferDecision {
    const writes = this.#leaveOld(mac, pinned, now);
    if (pinned !== null) {
      const holder = this.#liveAt(pinned, now);
      if (holder !== null && (holder.mac !== mac || holder.state === "declined"))
        return { kind: "none", why: "conflict", holder: holder.mac === mac ? null : holder.mac, writes };
      return { kind: "offer", lease: this.#tell(mac, pinned, true, "offered", now, writes), writes };
    }
    const address = this.#remembered(mac, now) ?? this.#take(now);
    if (address === null) return { kind: "none", why: "pool-empty", holder: null, writes };
    return { kind: "offer", lease: this.#tell(mac, address, false, "bound", now, writes), writes };
  }

  request(mac: Mac, pinned: Ipv4 | null, ask: RequestAsk, us: LeaseAuthority, now: Millis): RequestDecision {
    const { address } = ask;
    if (ask.kind === "selecting" && ask.server !== us.server)
      return { kind: "silent", why: `it takes the offer of ${ask.server}`, writes: [] };
    const nak = (why: string): RequestDecision => ({ kind: "nak", why, writes: [] });
    const holder = this.#liveAt(address, now);
    if (holder !== null && holder.mac !== mac) return nak(`${address} is held by ${holder.mac}`);
    if (holder?.state === "declined") return nak(`${address} was declined`);
    const own = pinned ?? this.#remembered(mac, now);
    if (own !== null && own !== address) return nak(`its address is ${own}, not ${address}`);
    // Nothing is known of it: it had its lease from a store that is lost, or from another server.
    if (own === null && !(this.#pool.has(address) && this.#isFree(address, now))) {
      const why = `nothing is known of ${address}`;
      return us.isAuthoritative || ask.kind === "selecting" ? nak(why) : { kind: "silent", why, writes: [] };
    }
    const writes: Lease[] = [];
    return { kind: "ack", lease: this.#tell(mac, address, pinned !== null, "bound", now, writes), writes };
  }

  decline(mac: Mac, address: Ipv4, now: Millis): LeaseChange {
    const lease = this.#liveAt(address, now);
    if (lease?.mac !== mac) return { kind: "ignored", why: `${address} is not its address`, writes: [] };
    return this.#change({ ...lease, state: "declined", until: now + this.#terms.probationMs });
  }

  release(mac: Mac, address: Ipv4, now: Millis): LeaseChange {
    const lease = this.#liveAt(address, now);
    if (lease?.mac !== mac) return { kind: "ignored", why: `${address} is not its address`, writes: [] };
    if (lease.state === "declined") return { kind: "ignored", why: `${address} was declined`, writes: [] };
    // An answer of ours that tells it may still be on its way, and a Pi 3 that starts again would live on it.
    if (this.#isJustTold(address, now)) return { kind: "ignored", why: `${address} was told a moment ago`, writes: [] };
    return this.#change({ ...lease, until: now });
  }

  vacate(address: Ipv4, now: Millis, evidence: "no-power" | "silence" = "no-power"): LeaseChange {
    const lease = this.#liveAt(address, now);
    if (lease === null) return { kind: "ignored", why: `nobody holds ${address}`, writes: [] };
    if (evidence === "silence" && this.#isJustTold(address, now))
      return { kind: "ignored", why: `${address} was told a moment ago`, writes: [] };
    return this.#change({ ...lease, until: now });
  }

  *all(): Iterable<Lease> {
    for (const { lease } of this.#byAddress.values()) yield lease;
  }

  byAddress(address: Ipv4): Lease | null {
    return this.#byAddress.get(address)?.lease ?? null;
  }

  byMac(mac: Mac): Lease | null {
    return this.#byMac.get(mac)?.at(-1)?.lease ?? null;
  }

  freeInPool(now: Millis): number {
    let free = 0;
    for (const address of this.#pool) if (this.#isFree(address, now)) free++;
    return free;
  }

  /**
   * A board that sends a DISCOVER has no address. So whatever it was told before is free again, save what was told so
   * recently that the answer may have crossed this DISCOVER: on that it may live.
   */
  #leaveOld(mac: Mac, pinned: Ipv4 | null, now: Millis): Lease[] {
    const writes: Lease[] = [];
    const holdings = this.#byMac.get(mac);
    if (holdings === undefined || (holdings.length === 1 && holdings[0]!.lease.address === pinned)) return writes;
    const kept = pinned ?? this.#remembered(mac, now);
    for (const holding of holdings) {
      const { lease } = holding;
      if (lease.address === kept || lease.state === "declined") continue;
      const isOver = lease.until <= now;
      if (isOver ? !lease.pinned : now - holding.toldAt <= this.#terms.offerMs) continue;
      holding.lease = { ...lease, until: Math.min(now, lease.until), pinned: false };
      writes.push(holding.lease);
      this.#nothingEndsBefore = Math.min(this.#nothingEndsBefore, now);
    }
    return writes;
  }

  /** The pool address that this board was told last, if it can have it again. */
  #remembered(mac: Mac, now: Millis): Ipv4 | null {
    const holdings = this.#byMac.get(mac) ?? [];
    for (let i = holdings.length - 1; i >= 0; i--) {
      const { lease } = holdings[i]!;
      const isDeclined = lease.state === "declined" && lease.until > now;
      if (!isDeclined && this.#pool.has(lease.address)) return lease.address;
    }
    return null;
  }

  /** A pool address for a newcomer: one that nobody had, else the one whose lease ended first. */
  #take(now: Millis): Ipv4 | null {
    for (let next = this.#fresh.pop(); next !== undefined; next = this.#fresh.pop())
      if (!this.#byAddress.has(next)) return next;
    if (now < this.#nothingEndsBefore) return null;
    let first: Lease | null = null;
    this.#nothingEndsBefore = Number.POSITIVE_INFINITY;
    for (const address of this.#pool) {
      const lease = this.#byAddress.get(address)!.lease;
      // Pinned there by an operator: kept for that board, whether it is on or not.
      if (lease.pinned) continue;
      if (lease.until <= now && (first === null || lease.until < first.until)) first = lease;
      this.#nothingEndsBefore = Math.min(this.#nothingEndsBefore, lease.until);
    }
    return first?.address ?? null;
  }

  #isFree(address: Ipv4, now: Millis): boolean {
    const lease = this.#byAddress.get(address)?.lease;
    return lease === undefined || (!lease.pinned && lease.until <= now);
  }

  #isJustTold(address: Ipv4, now: Millis): boolean {
    return now - this.#byAddress.get(address)!.toldAt <= this.#terms.offerMs;
  }

  #liveAt(address: Ipv4, now: Millis): Lease | null {
    const lease = this.#byAddress.get(address)?.lease;
    return lease === undefined || lease.until <= now ? null : lease;
  }

  /** Gives the address to the board. Written only when the store does not hold it long enough yet. */
  #tell(mac: Mac, address: Ipv4, pinned: boolean, state: "offered" | "bound", now: Millis, writes: Lease[]): Lease {
    const before = this.#byAddress.get(address);
    const { leaseMs, offerMs } = this.#terms;
    if (before?.lease.mac === mac && before.lease.state !== "declined" && before.lease.pinned === pinned) {
      if (before.lease.until >= now + leaseMs) {
        before.toldAt = now;
        // Not worth a write: after a restart it is offered, which holds it as firmly.
        if (state === "bound" && before.lease.state === "offered") before.lease = { ...before.lease, state };
        this.#makeLast(before);
        return before.lease;
      }
    }
    const isBound = state === "bound" || (before?.lease.mac === mac && before.lease.state === "bound");
    const lease: Lease = { address, mac, state: isBound ? "bound" : "offered", until: now + leaseMs + offerMs, pinned };
    this.#hold(lease, now);
    writes.push(lease);
    return lease;
  }

  #change(lease: Lease): LeaseChange {
    this.#byAddress.get(lease.address)!.lease = lease;
    this.#nothingEndsBefore = Math.min(this.#nothingEndsBefore, lease.until);
    return { kind: "changed", lease, writes: [lease] };
  }

  #hold(lease: Lease, toldAt: Millis): void {
    const before = this.#byAddress.get(lease.address);
    if (before !== undefined && before.lease.mac !== lease.mac) {
      const rest = this.#byMac.get(before.lease.mac)!.filter((one) => one !== before);
      if (rest.length === 0) this.#byMac.delete(before.lease.mac);
      else this.#byMac.set(before.lease.mac, rest);
    }
    const holding = before?.lease.mac === lease.mac ? before : { lease, toldAt };
    holding.lease = lease;
    holding.toldAt = toldAt;
    this.#byAddress.set(lease.address, holding);
    this.#nothingEndsBefore = Math.min(this.#nothingEndsBefore, lease.until);
    this.#makeLast(holding);
  }

  #makeLast(holding: Holding): void {
    const holdings = this.#byMac.get(holding.lease.mac);
    if (holdings === undefined) this.#byMac.set(holding.lease.mac, [holding]);
    else if (holdings.at(-1) !== holding)
      this.#byMac.set(holding.lease.mac, [...holdings.filter((one) => one !== holding), holding]);
  }
}

/** A lease as the store gave it, or why it is none. */
function readLease(raw: unknown): Lease | string {
  if (typeof raw !== "object" || raw === null) return "it is no lease";
  const { address, mac, state, until, pinned } = raw as Record<string, unknown>;
  if (typeof address !== "string" || parseIpv4(address) === null) return "its address is none";
  const board = typeof mac === "string" ? parseMac(mac) : null;
  if (board === null) return "its MAC is none";
  if (state !== "offered" && state !== "bound" && state !== "declined") return "its state is none";
  if (typeof until !== "number" || !Number.isFinite(until)) return "its end is no time";
  if (typeof pinned !== "boolean") return "whether it is pinned is missing";
  return { address, mac: board, state, until, pinned };
}
