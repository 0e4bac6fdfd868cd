import type { DhcpMessage, DhcpType } from "@bramble/core/boot";
import { addressOf, optionCodes, textOf, typeOf } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { packetOf } from "../../../../../packages/core/boot/dhcp/testing.ts";
import { asks, boardMac, type DhcpRig, dhcpRig, strangerMac } from "./rig.ts";

const far = { address: "10.0.0.99", port: 67 } as const;

function says(type: DhcpType, server: string | null, chaddr = boardMac(1)): DhcpMessage {
  const options = server === null ? {} : { [optionCodes.server]: server };
  return asks(type, chaddr, { op: "reply", yiaddr: "10.0.3.3" }, options);
}

function probeOf(rig: DhcpRig): DhcpMessage {
  return rig.sent.find(({ message }) => message?.op === "request")!.message!;
}

test("an OFFER of another server is an alarm, once, and its silence is told", async () => {
  const rig = await dhcpRig();
  rig.hearClient(says("offer", "10.0.0.99"), far);
  rig.hearClient(says("ack", "10.0.0.99"), far);
  expect(rig.alarms).toMatchObject([
    { kind: "dhcp.rogue", level: "error", message: expect.stringContaining("10.0.0.99") },
  ]);
  expect(rig.server.rogues()).toEqual(["10.0.0.99"]);
  await rig.clock.advance(120_000);
  rig.hear(says("nak", null), far);
  await rig.clock.advance(180_000);
  expect(rig.server.rogues()).toEqual(["10.0.0.99"]);
  await rig.clock.advance(120_000);
  expect(rig.server.rogues()).toEqual([]);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.rogue" }, { kind: "dhcp.rogue-gone" }]);
  rig.hearClient(says("offer", "10.0.0.99"), far);
  expect(rig.alarms).toHaveLength(3);
});

test("our own broadcasts that come back are no rogue", async () => {
  const rig = await dhcpRig();
  rig.hearClient(says("offer", "10.0.0.1"), { address: "10.0.0.1", port: 67 });
  rig.hear(probeOf(rig), { address: "10.0.0.1", port: 67 });
  rig.hearClient(says("discover", "10.0.0.99"), far);
  expect(rig.alarms).toEqual([]);
});

test("a board that takes up another's offer gives it away", async () => {
  const rig = await dhcpRig();
  rig.hear(
    asks("request", boardMac(1), {}, { [optionCodes.requested]: "10.0.9.9", [optionCodes.server]: "10.0.0.99" }),
  );
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.rogue", message: expect.stringContaining(boardMac(1)) }]);
});

test("it looks for other servers at its start and twice a minute, by a MAC that is nobody's", async () => {
  const rig = await dhcpRig();
  const [first] = rig.sent.splice(0);
  expect(first).toMatchObject({ address: "255.255.255.255", port: 67, message: { isBroadcast: true } });
  expect(first!.message!.chaddr).toMatch(/^02:b8:/);
  expect(textOf(first!.message!, optionCodes.vendorClass)).toBe("bramble-probe");
  await rig.clock.advance(5000);
  expect(rig.sent.splice(0)).toHaveLength(1);
  // One that comes between two probes is named well within the minute.
  await rig.clock.advance(60_000);
  expect(rig.sent.filter(({ message }) => message !== null && typeOf(message) === "discover")).toHaveLength(2);
  rig.hearClient(says("offer", "10.0.0.1", first!.message!.chaddr), far);
  // Nobody of ours answers a probe: whoever does under our own name is a twin.
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.rogue", message: expect.stringContaining("two heads") }]);
});

test("of two heads each hears the other's probe, and gives it no address", async () => {
  const rig = await dhcpRig();
  const other = asks("discover", strangerMac(1), {}, { [optionCodes.vendorClass]: "bramble-probe" });
  rig.hear(other, { address: "10.0.0.2", port: 67 });
  await rig.clock.advance(100);
  expect(rig.answers()).toEqual([]);
  expect(rig.server.counters().leases).toBe(0);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.rogue", message: expect.stringContaining("10.0.0.2") }]);
});

test("forged servers fill nothing", async () => {
  const rig = await dhcpRig();
  for (let n = 0; n < 5000; n++) rig.hearClient(says("offer", `10.1.${n >> 8}.${n & 255}`), far);
  expect(rig.alarms).toHaveLength(16);
});

test("beside another server: boards are told what to boot and get no address from us", async () => {
  const rig = await dhcpRig({ mode: "proxy", bootOf: () => ({ server: "10.0.0.1", file: "snponly.efi", url: null }) });
  rig.hear(packetOf("uefi-amd64-discover", { chaddr: strangerMac(1) }));
  const [offer] = rig.answers();
  expect(offer).toMatchObject({ port: 68, message: { yiaddr: "0.0.0.0" } });
  expect(textOf(offer!.message!, optionCodes.vendorClass)).toBe("PXEClient");
  expect(addressOf(offer!.message!, optionCodes.leaseTime)).toBeNull();
  const request = { ...packetOf("uefi-amd64-discover", { chaddr: strangerMac(1), ciaddr: "10.0.5.5" }) };
  const options = new Map(request.options).set(optionCodes.type, Uint8Array.of(3));
  rig.hearProxy({ ...request, options }, { address: "10.0.5.5", port: 4011 });
  expect(rig.answers()).toMatchObject([{ address: "10.0.5.5", port: 4011 }]);
  // What the other server gave is only noted.
  rig.hear(
    asks("request", strangerMac(2), {}, { [optionCodes.requested]: "10.0.7.7", [optionCodes.server]: "10.0.0.254" }),
  );
  rig.hear(asks("discover", strangerMac(3)));
  await rig.clock.advance(100);
  expect(rig.answers()).toEqual([]);
  expect(rig.leases.rows.size).toBe(0);
  expect(rig.seen.map(({ address }) => address).sort()).toEqual(["10.0.5.5", "10.0.7.7"]);
});

test("proxyDHCP expects one other server: it tells a second, and the lack of any", async () => {
  const rig = await dhcpRig({ mode: "proxy" });
  rig.hearClient(says("offer", "10.0.0.254"), far);
  expect(rig.alarms).toEqual([]);
  rig.hearClient(says("offer", "10.0.0.99"), far);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.rogue" }]);
  const lonely = await dhcpRig({ mode: "proxy" });
  await lonely.clock.advance(180_000);
  expect(lonely.alarms).toMatchObject([{ kind: "dhcp.lonely" }]);
});
