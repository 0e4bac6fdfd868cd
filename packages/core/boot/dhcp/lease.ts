import type { Mac, Millis } from "../../base/index.ts";
import type { Ipv4 } from "./message.ts";
import type { RequestAsk } from "./request.ts";

/**
 * One address held for one board. It is kept in the store by its address: a later lease of the same address replaces it.
 *
 * `offered`: told in an OFFER. `bound`: taken up by a REQUEST, or told to a board without a pinned address. Both hold the
 * address alike until `until`, for a Raspberry Pi 3 lives on an OFFER and never sends a REQUEST. `declined`: the board found
 * it in use by another; nobody gets it before `until`. After `until` the lease is only a memory: the board gets the same
 * address again if nobody needed it.
 */
export type Lease = {
  readonly address: Ipv4;
  readonly mac: Mac;
  readonly state: "offered" | "bound" | "declined";
  readonly until: Millis;
  /** The address follows from the MAC (cluster file, slot); else it comes from the pool. */
  readonly pinned: boolean;
};

/** How leases are given. */
export type LeaseTerms = {
  /** Addresses for boards that nobody knows, in the order in which they are given. */
  readonly pool: readonly Ipv4[];
  /** Never given from the pool: head, gateway, switches, devices, and every slot's address. */
  readonly reserved: ReadonlySet<Ipv4>;
  /** What a board is promised (option 51). */
  readonly leaseMs: Millis;
  /**
   * How long an offer may be under way and in doubt: a board that asks again later than this has surely started anew. A
   * lease is written down longer than promised by this much, so that a REQUEST or a repeated DISCOVER within it needs no
   * second write.
   */
  readonly offerMs: Millis;
  /** How long nobody gets an address that was declined. */
  readonly probationMs: Millis;
};

/**
 * What must be in the store before the answer may leave. Empty when nothing changed that matters there; an earlier write
 * of the same address may still be on its way, and must be waited for too.
 */
export type LeaseWrites = readonly Lease[];

/** The answer to a DISCOVER. */
export type OfferDecision =
  | { readonly kind: "offer"; readonly lease: Lease; readonly writes: LeaseWrites }
  /** `conflict`: another board lives on the pinned address (`holder`), or a stranger does (the board declined it; null). */
  | {
      readonly kind: "none";
      readonly why: "pool-empty" | "conflict";
      readonly holder: Mac | null;
      readonly writes: LeaseWrites;
    };

/** The answer to a REQUEST. */
export type RequestDecision =
  | { readonly kind: "ack"; readonly lease: Lease; readonly writes: LeaseWrites }
  | { readonly kind: "nak"; readonly why: string; readonly writes: LeaseWrites }
  /** Nothing is said: it is not ours to answer. */
  | { readonly kind: "silent"; readonly why: string; readonly writes: LeaseWrites };

/** What became of a DECLINE, a RELEASE or an eviction. */
export type LeaseChange =
  | { readonly kind: "changed"; readonly lease: Lease; readonly writes: LeaseWrites }
  | { readonly kind: "ignored"; readonly why: string; readonly writes: LeaseWrites };

/** Who answers. */
export type LeaseAuthority = {
  /** Our server identifier (option 54). */
  readonly server: Ipv4;
  /** Whether we may refuse what we know nothing of. */
  readonly isAuthoritative: boolean;
};

/**
 * Who holds which address. Two live boards never share one, whatever is lost, repeated or comes late.
 *
 * `pinned` is the board's own address, a pure function of its MAC: never of client-id, xid or an earlier lease. `now` is
 * UTC and must not jump forward: leases end by it.
 */
export type LeaseBook = {
  /** Take up what the store kept. Whatever is cut or contradicts another is dropped, with the reason. */
  restore(leases: Iterable<unknown>): readonly { readonly lease: unknown; readonly why: string }[];
  discover(mac: Mac, pinned: Ipv4 | null, now: Millis): OfferDecision;
  request(mac: Mac, pinned: Ipv4 | null, ask: RequestAsk, us: LeaseAuthority, now: Millis): RequestDecision;
  decline(mac: Mac, address: Ipv4, now: Millis): LeaseChange;
  /** Ignored within `offerMs` of the last answer that told the address: such a lease ends by itself. */
  release(mac: Mac, address: Ipv4, now: Millis): LeaseChange;
  /**
   * Nobody lives at this address any more: its board has no power, or a probe found `silence`. Silence says nothing within
   * `offerMs` of the last answer that told the address: a firmware that loads its files answers no ping, a 3B no ARP.
   */
  vacate(address: Ipv4, now: Millis, evidence?: "no-power" | "silence"): LeaseChange;
  /** Every lease that is held or remembered, one an address. */
  all(): Iterable<Lease>;
  byAddress(address: Ipv4): Lease | null;
  /** The address that the board was told last. */
  byMac(mac: Mac): Lease | null;
  /** Addresses of the pool that somebody could get now. */
  freeInPool(now: Millis): number;
};
