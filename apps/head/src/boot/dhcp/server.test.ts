import { addressOf, optionCodes, textOf, typeOf } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { packetOf } from "../../../../../packages/core/boot/dhcp/testing.ts";
import { asks, boardMac, dhcpRig, poolOf, slotOf, strangerMac } from "./rig.ts";

const relay = { giaddr: "10.0.0.3" } as const;
const fromRelay = { address: "10.0.0.3", port: 67 } as const;

test("a board of the file gets its address only after the lease is written, and is told what to boot", async () => {
  const rig = await dhcpRig();
  rig.hear(packetOf("pi3b-plus-discover", { chaddr: boardMac(1) }));
  expect(rig.answers()).toEqual([]);
  await rig.clock.advance(2);
  expect(rig.leases.rows.get("10.0.10.1")).toMatchObject({ mac: boardMac(1), pinned: true });
  const [offer] = rig.answers();
  expect(offer).toMatchObject({ address: "255.255.255.255", port: 68, message: { yiaddr: "10.0.10.1" } });
  expect(textOf(offer!.message!, optionCodes.tftpName)).toBe("10.0.0.1");
  expect(rig.told).toMatchObject([
    [boardMac(1), { kind: "discover", client: { kind: "pi-rom", model: "3b+" } }],
    [boardMac(1), { kind: "offer", address: "10.0.10.1", isBoot: true }],
  ]);
  await rig.clock.advance(50);
  expect(rig.seen).toMatchObject([{ mac: boardMac(1), address: "10.0.10.1", model: "pi3b+", simulated: false }]);
});

test("many boards share a commit, and whoever asks again soon waits for none", async () => {
  const rig = await dhcpRig();
  for (let n = 1; n <= 1050; n++) rig.hear(asks("discover", boardMac(n), relay), fromRelay);
  await rig.clock.advance(2);
  expect(rig.leases.state.commits).toBe(1);
  const answers = rig.answers();
  expect(answers).toHaveLength(1050);
  expect(answers.every(({ address, port }) => address === "10.0.0.3" && port === 67)).toBe(true);
  expect(new Set(answers.map(({ message }) => message!.yiaddr)).size).toBe(1050);
  rig.hear(asks("discover", boardMac(7), relay), fromRelay);
  expect(rig.answers()).toHaveLength(1);
  expect(rig.leases.state.commits).toBe(1);
});

test("of a board that asks twice before its lease is written only the newest is answered", async () => {
  const rig = await dhcpRig();
  rig.hear(asks("discover", boardMac(1), { ...relay, xid: 1 }), fromRelay);
  rig.hear(asks("discover", boardMac(1), { ...relay, xid: 2 }), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toMatchObject([{ message: { xid: 2 } }]);
  expect(rig.server.counters().superseded).toBe(1);
});

test("a whole conversation: offer, request, renewal, release", async () => {
  const rig = await dhcpRig();
  const stranger = strangerMac(1);
  rig.hear(asks("discover", stranger));
  await rig.clock.advance(2);
  const [offer] = rig.answers();
  const address = offer!.message!.yiaddr;
  expect(poolOf(200)).toContain(address);
  rig.hear(asks("request", stranger, {}, { [optionCodes.requested]: address, [optionCodes.server]: "10.0.0.1" }));
  await rig.clock.advance(2);
  const [ack] = rig.answers();
  expect(typeOf(ack!.message!)).toBe("ack");
  expect(addressOf(ack!.message!, optionCodes.subnetMask)).toBe("255.255.0.0");
  expect(addressOf(ack!.message!, optionCodes.router)).toBe("10.0.0.254");
  rig.hear(asks("request", stranger, { ciaddr: address }), { address, port: 68 });
  await rig.clock.advance(2);
  expect(rig.answers()).toMatchObject([{ address, port: 68 }]);
  await rig.clock.advance(61_000);
  rig.hear(asks("release", stranger, { ciaddr: address }), { address, port: 68 });
  await rig.clock.advance(2);
  expect(rig.leases.rows.get(address)!.until).toBeLessThanOrEqual(rig.clock.now());
  expect(rig.server.counters()).toMatchObject({ offers: 1, acks: 2, releases: 1, faults: 0 });
});

test("a request for another's address is refused, one that names another server is left alone", async () => {
  const rig = await dhcpRig();
  const requested = (address: string, server: string) => ({
    [optionCodes.requested]: address,
    [optionCodes.server]: server,
  });
  rig.hear(asks("request", boardMac(1), relay, requested("10.0.10.2", "10.0.0.1")), fromRelay);
  await rig.clock.advance(2);
  expect(typeOf(rig.answers()[0]!.message!)).toBe("nak");
  rig.hear(asks("request", boardMac(1), relay, requested("10.0.10.1", "10.0.0.9")), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toEqual([]);
});

test("a board that has an address and asks for the rest is answered at it", async () => {
  const rig = await dhcpRig();
  rig.hear(asks("inform", boardMac(1), { ciaddr: "10.0.10.1" }), { address: "10.0.10.1", port: 68 });
  const [ack] = rig.answers();
  expect(ack).toMatchObject({ address: "10.0.10.1", port: 68, message: { yiaddr: "0.0.0.0" } });
  expect(addressOf(ack!.message!, optionCodes.leaseTime)).toBeNull();
  rig.hear(asks("inform", boardMac(1), { ciaddr: "192.168.1.1" }));
  expect(rig.answers()).toEqual([]);
});

test("a Pi 3B is answered late, and not twice when it asks again", async () => {
  const rig = await dhcpRig();
  const discover = packetOf("pi3b-discover", { chaddr: boardMac(1) });
  rig.hear(discover);
  await rig.clock.advance(1000);
  expect(rig.answers()).toEqual([]);
  rig.hear(discover);
  await rig.clock.advance(2000);
  expect(rig.answers()).toEqual([]);
  await rig.clock.advance(200);
  expect(rig.answers()).toMatchObject([{ message: { yiaddr: "10.0.10.1" } }]);
  await rig.clock.advance(10_000);
  expect(rig.answers()).toEqual([]);
});

test("a relay's address chooses the network, and a board that is in the wrong one is told", async () => {
  const far = { cidr: "10.9.0.0/24", gateway: "10.9.0.1", pool: ["10.9.0.100", "10.9.0.101"] };
  const rig = await dhcpRig({ subnets: [far] });
  rig.hear(asks("discover", strangerMac(1), { giaddr: "10.9.0.1" }), { address: "10.9.0.1", port: 67 });
  rig.hear(asks("discover", boardMac(1), { giaddr: "10.9.0.1" }), { address: "10.9.0.1", port: 67 });
  await rig.clock.advance(2);
  const answers = rig.answers();
  expect(answers.map(({ message }) => message!.yiaddr).sort()).toEqual(["10.9.0.100", "10.9.0.101"]);
  expect(addressOf(answers[0]!.message!, optionCodes.router)).toBe("10.9.0.1");
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.misplaced", board: "b01" }]);
  rig.hear(asks("discover", strangerMac(2), { giaddr: "192.168.1.1" }), { address: "192.168.1.1", port: 67 });
  await rig.clock.advance(2);
  expect(rig.answers()).toEqual([]);
});

test("a board that renews without its relay keeps the address that its switch port gave it", async () => {
  const rig = await dhcpRig({ place: ({ port }) => ({ address: port === null ? null : "10.0.77.7", name: null }) });
  const board = strangerMac(1);
  const circuit = { [optionCodes.relay]: Uint8Array.of(1, 6, ...new TextEncoder().encode("s01/07")) };
  rig.hear(asks("discover", board, relay, circuit), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toMatchObject([{ message: { yiaddr: "10.0.77.7" } }]);
  rig.hear(asks("request", board, { ciaddr: "10.0.77.7" }), { address: "10.0.77.7", port: 68 });
  await rig.clock.advance(2);
  expect(typeOf(rig.answers()[0]!.message!)).toBe("ack");
});

test("when the pool is used up strangers get nothing, it is told once, and boards of the file go on", async () => {
  const network = { cidr: "10.0.0.0/16", gateway: null, head: "10.0.0.1", pool: poolOf(3) };
  const rig = await dhcpRig({ network });
  for (let n = 1; n <= 50; n++) rig.hear(asks("discover", strangerMac(n), relay), fromRelay);
  rig.hear(asks("discover", boardMac(1), relay), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toHaveLength(4);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.pool-empty" }]);
  expect(rig.server.counters().poolEmpty).toBe(47);
  await rig.clock.advance(13 * 3_600_000);
  rig.hear(asks("discover", strangerMac(9), relay), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toHaveLength(1);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.pool-empty" }, { kind: "dhcp.pool-free" }]);
});

test("two boards at one address: the second is refused and told once, until the place is vacated", async () => {
  const rig = await dhcpRig({ place: () => ({ address: "10.0.10.1", name: "b0001" }) });
  rig.hear(asks("discover", boardMac(1), relay), fromRelay);
  for (let n = 0; n < 3; n++) rig.hear(asks("discover", boardMac(2), relay), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toMatchObject([{ message: { chaddr: boardMac(1) } }]);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.conflict", message: expect.stringContaining(boardMac(1)) }]);
  rig.server.vacate("10.0.10.1");
  rig.hear(asks("discover", boardMac(2), relay), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toMatchObject([{ message: { chaddr: boardMac(2), yiaddr: "10.0.10.1" } }]);
});

test("a declined address is kept from everybody for a while", async () => {
  const rig = await dhcpRig();
  rig.hear(asks("discover", strangerMac(1), relay), fromRelay);
  await rig.clock.advance(2);
  const address = rig.answers()[0]!.message!.yiaddr;
  rig.hear(asks("decline", strangerMac(1), relay, { [optionCodes.requested]: address }), fromRelay);
  rig.hear(asks("discover", strangerMac(1), relay), fromRelay);
  await rig.clock.advance(2);
  const again = rig.answers()[0]!.message!.yiaddr;
  expect(again).not.toBe(address);
  expect(rig.leases.rows.get(address)).toMatchObject({ state: "declined" });
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.conflict" }]);
  // Only the holder may decline.
  rig.hear(asks("decline", strangerMac(2), relay, { [optionCodes.requested]: again }), fromRelay);
  expect(rig.alarms).toHaveLength(1);
});

test("a thousand boards are one line a second, with debug lines of their own", async () => {
  const rig = await dhcpRig();
  for (let n = 1; n <= 1000; n++) rig.hear(asks("discover", boardMac(n), relay), fromRelay);
  await rig.clock.advance(1000);
  const info = rig.lines.filter(([level]) => level === "info");
  expect(info).toMatchObject([
    ["info", "DHCP is served", {}],
    ["info", "DHCP", { discovers: 1000, offers: 1000 }],
  ]);
  expect(rig.lines.find(([, event]) => event === "address offered")).toMatchObject([
    "debug",
    "address offered",
    { mac: boardMac(1), address: slotOf(boardMac(1)), name: "b01" },
  ]);
  await rig.clock.advance(5000);
  expect(rig.lines.filter(([level]) => level === "info")).toHaveLength(2);
});

test("a closed server leaves no timer", async () => {
  const rig = await dhcpRig();
  rig.hear(packetOf("pi3b-discover", { chaddr: boardMac(1) }));
  rig.hear(asks("discover", boardMac(2)));
  await rig.server[Symbol.asyncDispose]();
  expect(rig.clock.pending()).toBe(0);
  expect(rig.leases.rows.has("10.0.10.2")).toBe(true);
});
