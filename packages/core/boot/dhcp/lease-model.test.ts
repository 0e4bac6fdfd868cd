import fc from "fast-check";
import { expect, test } from "vitest";
import { type Mac, type Millis, mac, type Random, seededRandom } from "../../base/index.ts";
import type { Lease, LeaseBook, LeaseTerms } from "./lease.ts";
import { createLeaseBook } from "./lease-book.ts";
import type { Ipv4 } from "./message.ts";
import type { RequestAsk } from "./request.ts";

/**
 * A model of a network: boards that live by the packets that reach them, a book that loses its memory but not its store.
 * Packets are lost, repeated and overtake each other; an answer is at most `offerMs` younger than the question.
 */

type Pipe =
  | { readonly to: "head"; readonly from: Board; readonly ask: RequestAsk | null; readonly at: Millis }
  | { readonly to: "board"; readonly board: Board; readonly say: "offer" | "ack" | "nak"; address: Ipv4; at: Millis };

type Board = {
  readonly mac: Mac;
  /** A Pi 3 takes the first OFFER; the others send a REQUEST and wait for the ACK. */
  readonly isRom: boolean;
  mood: "off" | "asking" | "requesting" | "live";
  address: Ipv4;
  until: Millis;
};

type World = {
  now: Millis;
  book: LeaseBook;
  readonly terms: LeaseTerms;
  readonly store: Map<Ipv4, Lease>;
  readonly boards: readonly Board[];
  readonly slots: readonly Ipv4[];
  readonly pins: Map<Mac, Ipv4>;
  readonly pipe: Pipe[];
  /** Boards that were silent and lost their place to another. */
  evicted: number;
};

const us = { server: "10.0.0.1", isAuthoritative: true };

function worldOf(known: number, strangers: number, poolSize: number): World {
  const slots = Array.from({ length: known }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  const boards = Array.from({ length: known + strangers }, (_, i): Board => {
    const digits = i
      .toString(16)
      .padStart(6, "0")
      .replace(/(..)(?=.)/g, "$1:");
    return { mac: mac(`b8:27:eb:${digits}`), isRom: i % 2 === 0, mood: "off", address: "", until: 0 };
  });
  const terms: LeaseTerms = {
    // One slot's address is in the pool too: a mistake that must not hurt.
    pool: [...Array.from({ length: poolSize }, (_, i) => `10.2.${i >> 8}.${i & 255}`), slots[0]!],
    reserved: new Set(slots.slice(1)),
    leaseMs: 3_600_000,
    offerMs: 60_000,
    probationMs: 600_000,
  };
  return {
    now: 1_000_000,
    book: createLeaseBook(terms),
    terms,
    store: new Map(),
    boards,
    slots,
    pins: new Map(boards.slice(0, known).map((board, i) => [board.mac, slots[i]!])),
    pipe: [],
    evicted: 0,
  };
}

function keep(world: World, writes: readonly Lease[]): void {
  for (const lease of writes) world.store.set(lease.address, lease);
}

function atHead(world: World, { from, ask, at }: Pipe & { to: "head" }): void {
  const pinned = world.pins.get(from.mac) ?? null;
  const told = (say: "offer" | "ack" | "nak", address: Ipv4) =>
    world.pipe.push({ to: "board", board: from, say, address, at });
  if (ask === null) {
    let decision = world.book.discover(from.mac, pinned, world.now);
    keep(world, decision.writes);
    // The address is knocked at; what a board that lives there answers is true, and one that is only about to live is deaf.
    if (decision.kind === "none" && decision.why === "conflict" && isSilent(world, pinned!)) {
      const change = world.book.vacate(pinned!, world.now, "silence");
      keep(world, change.writes);
      if (change.kind === "changed") world.evicted++;
      decision = world.book.discover(from.mac, pinned, world.now);
      keep(world, decision.writes);
    }
    if (decision.kind === "none") return;
    if (pinned !== null) expect(decision.lease.address).toBe(pinned);
    expect(decision.lease.until).toBeGreaterThanOrEqual(world.now + world.terms.leaseMs);
    told("offer", decision.lease.address);
    return;
  }
  const decision = world.book.request(from.mac, pinned, ask, us, world.now);
  keep(world, decision.writes);
  if (decision.kind === "ack") expect(pinned ?? ask.address).toBe(ask.address);
  if (decision.kind !== "silent") told(decision.kind, ask.address);
}

function isSilent({ boards, now }: World, address: Ipv4): boolean {
  return !boards.some((board) => board.mood === "live" && board.address === address && board.until > now);
}

function atBoard(world: World, { board, say, address, at }: Pipe & { to: "board" }): void {
  const live = () => {
    board.mood = "live";
    board.address = address;
    // It counts from its question, as RFC 2131 §4.4.5 has it.
    board.until = at + world.terms.leaseMs;
  };
  if (say === "offer" && board.mood === "asking") {
    if (board.isRom) live();
    else {
      board.mood = "requesting";
      world.pipe.push({
        to: "head",
        from: board,
        ask: { kind: "selecting", address, server: us.server },
        at: world.now,
      });
    }
  } else if (say === "ack" && (board.mood === "requesting" || (board.mood === "live" && board.address === address)))
    live();
  else if (say === "nak" && !board.isRom && board.mood !== "off") discover(world, board);
}

function discover(world: World, board: Board): void {
  board.mood = "asking";
  world.pipe.push({ to: "head", from: board, ask: null, at: world.now });
}

/** One thing happens. */
function step(world: World, random: Random): void {
  const board = world.boards[random.whole(world.boards.length)]!;
  switch (random.whole(16)) {
    case 0:
    case 1:
      discover(world, board);
      return;
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
      carry(world, random);
      return;
    case 8:
      world.now += random.whole(20_000);
      return;
    case 9:
      world.now += random.chance(0.3) ? random.whole(5_000_000) : random.whole(200_000);
      return;
    case 10: {
      const renewing: RequestAsk = { kind: "renewing", address: board.address };
      if (board.mood === "live" && !board.isRom && board.until > world.now)
        world.pipe.push({ to: "head", from: board, ask: renewing, at: world.now });
      return;
    }
    case 11: {
      if (board.mood !== "live" || board.until <= world.now) return;
      board.mood = "off";
      const isRelease = board.isRom || random.chance(0.5);
      keep(world, world.book[isRelease ? "release" : "decline"](board.mac, board.address, world.now).writes);
      return;
    }
    case 12: {
      // It starts again with the address that it remembers, or with one that somebody wrote down for it.
      const address = random.chance(0.5) ? board.address : (world.pins.get(board.mac) ?? "");
      if (board.isRom || address === "") return;
      board.mood = "requesting";
      world.pipe.push({ to: "head", from: board, ask: { kind: "init-reboot", address }, at: world.now });
      return;
    }
    case 13: {
      board.mood = "off";
      return;
    }
    case 14:
      world.book = createLeaseBook(world.terms);
      expect(world.book.restore(world.store.values())).toEqual([]);
      return;
    default:
      movePin(world, board, random);
  }
}

/** A packet arrives; older ones have died on the way, and now and then one stays to arrive again. */
function carry(world: World, random: Random): void {
  const at = random.whole(world.pipe.length);
  const packet = world.pipe[at];
  if (packet === undefined) return;
  const isTooOld = world.now - packet.at >= world.terms.offerMs;
  if (isTooOld || !random.chance(0.2)) {
    const last = world.pipe.pop()!;
    if (at < world.pipe.length) world.pipe[at] = last;
  }
  if (isTooOld || random.chance(0.1)) return;
  if (packet.to === "head") atHead(world, packet);
  else atBoard(world, packet);
}

/** An operator places the board in a slot; whoever was in it is nowhere, or swaps. */
function movePin(world: World, board: Board, random: Random): void {
  const slot = world.slots[random.whole(world.slots.length)]!;
  const before = world.pins.get(board.mac);
  for (const [other, address] of world.pins)
    if (address === slot && other !== board.mac) {
      if (before !== undefined && random.chance(0.5)) world.pins.set(other, before);
      else world.pins.delete(other);
    }
  world.pins.set(board.mac, slot);
}

/** Two boards that live on one address, as a sentence; null when there are none. */
function doubleIn(world: World): string | null {
  const holders = new Map<Ipv4, Mac>();
  for (const board of world.boards) {
    if (board.mood !== "live" || board.until <= world.now) continue;
    const other = holders.get(board.address);
    if (other !== undefined) return `${board.mac} and ${other} both live on ${board.address}`;
    holders.set(board.address, board.mac);
  }
  return null;
}

test("two live boards never share an address, in 10,000 histories of few boards and fewer addresses", () => {
  let lived = 0;
  let evicted = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = seededRandom(seed);
      const world = worldOf(3, 3, 2);
      for (let i = 0; i < 60; i++) {
        step(world, random);
        const double = doubleIn(world);
        if (double !== null) throw new Error(`${double} after ${i} steps`);
      }
      evicted += world.evicted;
      lived += world.boards.filter((board) => board.mood === "live").length;
    }),
    { numRuns: 10_000 },
  );
  // The model would prove nothing if nobody ever came up.
  expect(lived).toBeGreaterThan(5_000);
  expect(evicted).toBeGreaterThan(500);
});

test("1050 known boards and 200 strangers wake at once, are restarted and moved, and never share an address", () => {
  const world = worldOf(1050, 200, 250);
  const random = seededRandom("a wave");
  for (let round = 0; round < 4; round++) {
    for (const board of world.boards) if (random.chance(0.8)) discover(world, board);
    for (let i = 0; i < 4_000; i++) carry(world, random);
    expect(doubleIn(world)).toBeNull();
    for (let i = 0; i < 600; i++) step(world, random);
    expect(doubleIn(world)).toBeNull();
  }
});

test("1050 pinned boards and 200 strangers all have an address of their own after one DISCOVER each", () => {
  const world = worldOf(1050, 200, 250);
  const told = world.boards.map((board) =>
    world.book.discover(board.mac, world.pins.get(board.mac) ?? null, world.now),
  );
  const addresses = told.map((decision) => (decision.kind === "offer" ? decision.lease.address : decision.why));
  expect(new Set(addresses).size).toBe(1250);
  expect(addresses.slice(0, 1050)).toEqual(world.slots);
});
