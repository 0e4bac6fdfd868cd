import { expect, test } from "vitest";
import { mac } from "../../base/index.ts";
import type { Lease, LeaseBook } from "./lease.ts";
import { createLeaseBook } from "./lease-book.ts";
import type { Ipv4 } from "./message.ts";
import type { RequestAsk } from "./request.ts";

const a = mac("b8:27:eb:00:00:0a");
const b = mac("b8:27:eb:00:00:0b");
const c = mac("b8:27:eb:00:00:0c");
const slot = "10.0.1.1";
const terms = {
  pool: ["10.0.9.1", "10.0.9.2", "10.0.0.1"],
  reserved: new Set<Ipv4>(["10.0.0.1", slot]),
  leaseMs: 3_600_000,
  offerMs: 60_000,
  probationMs: 600_000,
};
const hour = terms.leaseMs + terms.offerMs;
const us = { server: "10.0.0.1", isAuthoritative: true };
const guest = { server: "10.0.0.1", isAuthoritative: false };

function selecting(address: Ipv4, server = us.server): RequestAsk {
  return { kind: "selecting", address, server };
}

function addressFor(book: LeaseBook, ...ask: Parameters<LeaseBook["discover"]>): Ipv4 | string {
  const decision = book.discover(...ask);
  return decision.kind === "offer" ? decision.lease.address : decision.why;
}

test("a pinned board is offered its own address at once, and keeps it whatever comes", () => {
  const book = createLeaseBook(terms);
  const first = book.discover(a, slot, 0);
  const lease: Lease = { address: slot, mac: a, state: "offered", until: hour, pinned: true };
  expect(first).toEqual({ kind: "offer", lease, writes: [lease] });
  expect(addressFor(book, a, slot, 10 * hour)).toBe(slot);
  expect(book.byMac(a)?.address).toBe(slot);
  expect(book.byAddress(slot)?.mac).toBe(a);
  expect(book.byAddress("10.0.1.2")).toBeNull();
  expect(book.byMac(b)).toBeNull();
});

test("a stranger is bound at its OFFER, each to another address, and told so again", () => {
  const book = createLeaseBook(terms);
  expect(book.discover(a, null, 0)).toMatchObject({ lease: { address: "10.0.9.1", state: "bound", pinned: false } });
  expect(addressFor(book, b, null, 0)).toBe("10.0.9.2");
  expect(addressFor(book, a, null, 5_000)).toBe("10.0.9.1");
  expect([...book.all()].map((lease) => lease.mac)).toEqual([a, b]);
  expect(book.freeInPool(0)).toBe(0);
});

test("what the store already holds long enough is not written again", () => {
  const book = createLeaseBook(terms);
  expect(book.discover(a, slot, 0).writes).toHaveLength(1);
  expect(book.discover(a, slot, 5_000).writes).toEqual([]);
  const ack = book.request(a, slot, selecting(slot), us, 6_000);
  expect(ack).toMatchObject({ kind: "ack", lease: { state: "bound" }, writes: [] });
  expect(book.request(a, slot, { kind: "renewing", address: slot }, us, 61_000).writes).toEqual([
    { address: slot, mac: a, state: "bound", until: 61_000 + hour, pinned: true },
  ]);
  expect(book.discover(a, slot, 200_000)).toMatchObject({ lease: { state: "bound" } });
});

test("a pool that is used up gives only what has ended, the longest ended first", () => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  book.discover(b, null, 1_000);
  expect(book.discover(c, null, 2_000)).toEqual({ kind: "none", why: "pool-empty", holder: null, writes: [] });
  expect(addressFor(book, c, null, hour - 1)).toBe("pool-empty");
  expect(addressFor(book, c, null, hour)).toBe("10.0.9.1");
  expect(book.byMac(a)).toBeNull();
  expect(addressFor(book, a, null, hour)).toBe("pool-empty");
  expect(addressFor(book, a, null, hour + 1_000)).toBe("10.0.9.2");
});

test("an empty pool gives nothing and is no fault", () => {
  const book = createLeaseBook({ ...terms, pool: [] });
  expect(addressFor(book, a, null, 0)).toBe("pool-empty");
  expect(addressFor(book, a, null, 1)).toBe("pool-empty");
});

test("a stranger gets its old address back after its lease has ended, when nobody needed it", () => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  expect(addressFor(book, b, null, 2 * hour)).toBe("10.0.9.2");
  expect(addressFor(book, a, null, 2 * hour)).toBe("10.0.9.1");
});

test("a stranger that is placed moves to its slot, and its pool address is free once no answer is under way", () => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  expect(addressFor(book, a, slot, 1_000)).toBe(slot);
  book.discover(b, null, 1_000);
  expect(addressFor(book, c, null, 1_000)).toBe("pool-empty");
  const later = book.discover(a, slot, 61_000);
  expect(later.writes).toContainEqual({ address: "10.0.9.1", mac: a, state: "bound", until: 61_000, pinned: false });
  expect(addressFor(book, c, null, 61_000)).toBe("10.0.9.1");
});

test("two boards that swap their slots both have an address after one retry", () => {
  const book = createLeaseBook({ ...terms, reserved: new Set() });
  book.discover(a, "10.0.1.1", 0);
  book.discover(b, "10.0.1.2", 0);
  const soon = 120_000;
  expect(book.discover(a, "10.0.1.2", soon)).toMatchObject({ kind: "none", why: "conflict", holder: b });
  expect(addressFor(book, b, "10.0.1.1", soon)).toBe("10.0.1.1");
  expect(addressFor(book, a, "10.0.1.2", soon + 5_000)).toBe("10.0.1.2");
});

test("a slot whose dead board was replaced is free when its address is found empty", () => {
  const book = createLeaseBook(terms);
  book.discover(a, slot, 0);
  expect(book.discover(b, slot, 1_000)).toMatchObject({ why: "conflict", holder: a });
  expect(book.request(b, slot, { kind: "init-reboot", address: slot }, us, 1_000)).toMatchObject({ kind: "nak" });
  // It may be loading its files, and deaf.
  expect(book.vacate(slot, 60_000, "silence")).toMatchObject({ kind: "ignored", writes: [] });
  expect(book.vacate(slot, 2_000)).toMatchObject({ kind: "changed", lease: { until: 2_000 } });
  expect(book.vacate(slot, 2_000)).toMatchObject({ kind: "ignored" });
  expect(addressFor(book, b, slot, 2_000)).toBe(slot);
  expect(book.vacate(slot, 62_001, "silence")).toMatchObject({ kind: "changed" });
});

test("an operator's pin inside the pool is kept for its board, on or off, until it is pinned elsewhere", () => {
  const book = createLeaseBook(terms);
  book.discover(a, "10.0.9.1", 0);
  book.discover(b, null, 0);
  const later = 3 * hour;
  expect(addressFor(book, c, null, hour - 1)).toBe("pool-empty");
  expect(book.freeInPool(later)).toBe(1);
  expect(book.request(c, null, { kind: "init-reboot", address: "10.0.9.1" }, us, later)).toMatchObject({ kind: "nak" });
  expect(addressFor(book, c, null, later)).toBe("10.0.9.2");
  expect(addressFor(book, b, null, later)).toBe("pool-empty");
  expect(addressFor(book, a, slot, later)).toBe(slot);
  expect(addressFor(book, b, null, later)).toBe("10.0.9.1");
});

test.each<[string, RequestAsk, typeof us, string]>([
  ["the offer of another server", selecting("10.0.9.1", "10.0.0.7"), us, "silent"],
  ["our offer", selecting("10.0.9.1"), us, "ack"],
  ["another address than we offered", selecting("10.0.9.2"), us, "nak"],
  ["its address again after a restart", { kind: "init-reboot", address: "10.0.9.1" }, us, "ack"],
  ["an address of another network", { kind: "init-reboot", address: "192.168.1.7" }, us, "nak"],
  ["to go on", { kind: "renewing", address: "10.0.9.1" }, us, "ack"],
  ["to go on with a wrong address", { kind: "renewing", address: "10.0.9.2" }, guest, "nak"],
])("a stranger that asks for %s (RFC 2131 §4.3.2)", (_, ask, who, kind) => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  expect(book.request(a, null, ask, who, 1_000).kind).toBe(kind);
});

test.each<[string, RequestAsk, typeof us, string]>([
  ["a free address of the pool", { kind: "renewing", address: "10.0.9.2" }, us, "ack"],
  ["a free address of the pool, where another server rules", { kind: "renewing", address: "10.0.9.2" }, guest, "ack"],
  ["an address that somebody has", { kind: "renewing", address: "10.0.9.1" }, us, "nak"],
  ["an address that is not ours to give", { kind: "init-reboot", address: "10.0.7.7" }, us, "nak"],
  ["the same, where another server rules", { kind: "init-reboot", address: "10.0.7.7" }, guest, "silent"],
  ["what we never offered, as if we had", selecting("10.0.7.7"), guest, "nak"],
  ["the head's address", { kind: "renewing", address: "10.0.0.1" }, us, "nak"],
])("a board that the book knows nothing of asks for %s", (_, ask, who, kind) => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  expect(book.request(b, null, ask, who, 1_000).kind).toBe(kind);
});

test("a pinned board is refused every address but its own", () => {
  const book = createLeaseBook(terms);
  expect(book.request(a, slot, { kind: "renewing", address: "10.0.9.1" }, us, 0)).toMatchObject({ kind: "nak" });
  expect(book.request(a, slot, { kind: "init-reboot", address: slot }, us, 0)).toMatchObject({ kind: "ack" });
});

test("a stranger's declined address is on probation, and it gets another", () => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  const declined = book.decline(a, "10.0.9.1", 1_000);
  expect(declined).toMatchObject({ kind: "changed", lease: { state: "declined", until: 601_000 } });
  expect(declined.writes).toHaveLength(1);
  expect(book.release(a, "10.0.9.1", 1_000)).toMatchObject({ kind: "ignored" });
  expect(book.request(a, null, { kind: "init-reboot", address: "10.0.9.1" }, us, 1_000)).toMatchObject({ kind: "nak" });
  expect(addressFor(book, a, null, 2_000)).toBe("10.0.9.2");
  expect(addressFor(book, b, null, 600_999)).toBe("pool-empty");
  expect(addressFor(book, b, null, 601_000)).toBe("10.0.9.1");
});

test("a pinned address that was declined is a conflict with nobody known, and the same address after the probation", () => {
  const book = createLeaseBook(terms);
  book.discover(a, slot, 0);
  book.decline(a, slot, 1_000);
  expect(book.discover(a, slot, 2_000)).toEqual({ kind: "none", why: "conflict", holder: null, writes: [] });
  expect(addressFor(book, a, slot, 601_000)).toBe(slot);
});

test("only who holds an address may decline or release it", () => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  for (const change of [book.decline(b, "10.0.9.1", 1), book.release(b, "10.0.9.1", 1), book.decline(a, "10.0.9.2", 1)])
    expect(change).toMatchObject({ kind: "ignored", writes: [] });
});

test("a released address is free, unless it was told a moment ago", () => {
  const book = createLeaseBook(terms);
  book.discover(a, null, 0);
  book.discover(b, null, 0);
  expect(book.release(a, "10.0.9.1", 60_000)).toMatchObject({ kind: "ignored" });
  expect(book.release(a, "10.0.9.1", 60_001)).toMatchObject({ kind: "changed", lease: { until: 60_001 } });
  expect(addressFor(book, c, null, 60_001)).toBe("10.0.9.1");
});

test("what was stored is held again, and what is cut or contradicts is dropped with the reason", () => {
  const good: Lease = { address: "10.0.9.1", mac: a, state: "bound", until: hour, pinned: false };
  const book = createLeaseBook(terms);
  const dropped = book.restore([
    null,
    "lease",
    { ...good, address: "10.0.9" },
    { ...good, address: 7 },
    { ...good, mac: "b8:27" },
    { ...good, mac: undefined },
    { ...good, state: "free" },
    { ...good, until: Number.NaN },
    { ...good, pinned: "yes" },
    good,
    { ...good, mac: b },
    { ...good, address: "10.0.9.2", mac: b },
    { ...good, address: "10.0.9.2", mac: c, until: hour + 1 },
  ]);
  expect(dropped.map(({ why }) => why)).toEqual([
    "it is no lease",
    "it is no lease",
    "its address is none",
    "its address is none",
    "its MAC is none",
    "its MAC is none",
    "its state is none",
    "its end is no time",
    "whether it is pinned is missing",
    `10.0.9.1 is held longer by ${a}`,
    `10.0.9.2 is held longer by ${c}`,
  ]);
  expect([...book.all()].map((lease) => [lease.address, lease.mac])).toEqual([
    ["10.0.9.1", a],
    ["10.0.9.2", c],
  ]);
  expect(addressFor(book, b, null, 0)).toBe("pool-empty");
});

test("a later record of the same board's address replaces the earlier", () => {
  const book = createLeaseBook(terms);
  const first: Lease = { address: "10.0.9.1", mac: a, state: "bound", until: hour, pinned: false };
  expect(book.restore([first, { ...first, until: 5 }])).toEqual([]);
  expect(book.byMac(a)?.until).toBe(5);
});

test("a flood of strangers finds an empty pool without a look at each address", () => {
  const pool = Array.from({ length: 60_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  const book = createLeaseBook({ ...terms, pool, reserved: new Set() });
  const strangers = Array.from({ length: 160_000 }, (_, i) =>
    mac(
      `02:00:00:${(i >> 16).toString(16).padStart(2, "0")}:${((i >> 8) & 255).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`,
    ),
  );
  const kinds = strangers.map((stranger) => book.discover(stranger, null, 0).kind);
  expect(kinds.filter((kind) => kind === "offer")).toHaveLength(60_000);
});
