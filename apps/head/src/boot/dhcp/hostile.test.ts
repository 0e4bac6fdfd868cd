import { readdirSync } from "node:fs";
import { seededRandom } from "@bramble/core/base";
import { encodeDhcp } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { packetOctets } from "../../../../../packages/core/boot/dhcp/testing.ts";
import { asks, boardMac, dhcpRig, poolOf } from "./rig.ts";

const random = seededRandom("hostile");
const packets = readdirSync(new URL("../../../../../test/packets", import.meta.url))
  .filter((name) => name.endsWith(".hex"))
  .map((name) => packetOctets(name.slice(0, -4)));

/** Octets of chance, the start of which is now and then a DHCP message's. */
function noise(): Uint8Array {
  const bytes = new Uint8Array(random.whole(600));
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.whole(256);
  if (bytes.length > 240 && random.chance(0.5)) bytes.set([1 + random.whole(2), 1, 6, 0]);
  if (bytes.length > 240 && random.chance(0.5)) bytes.set([0x63, 0x82, 0x53, 0x63], 236);
  return bytes;
}

/** A true message with a few octets changed, cut, or with its options doubled. */
function mutated(): Uint8Array {
  let bytes = packets[random.whole(packets.length)]!.slice();
  for (let times = random.whole(8); times >= 0; times--) bytes[random.whole(bytes.length)] = random.whole(256);
  if (random.chance(0.2)) bytes = bytes.subarray(0, random.whole(bytes.length));
  if (random.chance(0.1)) bytes = Uint8Array.from([...bytes, ...bytes.subarray(240)]);
  return bytes;
}

test("a hundred thousand random packets and as many broken real ones: nothing throws, hangs or piles up", async () => {
  const rig = await dhcpRig({ network: { cidr: "10.0.0.0/16", gateway: null, head: "10.0.0.1", pool: poolOf(100) } });
  for (let n = 0; n < 100_000; n++) {
    rig.hear(noise());
    rig.hear(mutated());
    if (n % 500 !== 0) continue;
    await rig.clock.advance(10);
    rig.sent.length = rig.told.length = rig.lines.length = 0;
  }
  await rig.clock.advance(5000);
  const { received, faults, waiting, leases } = rig.server.counters();
  expect({ received, faults, waiting }).toEqual({ received: 200_000, faults: 0, waiting: 0 });
  // Addresses of the pool, and of boards that the packets are of.
  expect(leases).toBeLessThan(1000);
  expect(rig.seen.length).toBeLessThan(20_000);
  expect(rig.alarms.length).toBeLessThan(200);
  rig.sent.length = 0;
  rig.hear(asks("discover", boardMac(1)));
  await rig.clock.advance(10);
  expect(rig.answers()).toMatchObject([{ message: { yiaddr: "10.0.10.1" } }]);
  await rig.server[Symbol.asyncDispose]();
  expect(rig.clock.pending()).toBe(0);
}, 60_000);

test("what the head's other rooms throw is a line in the log, and the next board is answered", async () => {
  let isBroken = true;
  const rig = await dhcpRig({
    bootOf: () => {
      if (isBroken) throw new Error("no plan");
      return null;
    },
    seen: () => Promise.reject(new Error("the register is full")),
  });
  rig.hear(asks("discover", boardMac(1)));
  rig.hear(asks("discover", boardMac(2)));
  isBroken = false;
  rig.hear(asks("discover", boardMac(3)));
  await rig.clock.advance(100);
  expect(rig.answers()).toMatchObject([{ message: { chaddr: boardMac(3) } }]);
  expect(rig.server.counters().faults).toBe(2);
  expect(rig.lines.filter(([level]) => level === "error")).toHaveLength(1);
  expect(rig.lines.filter(([level]) => level === "warn").length).toBeGreaterThan(0);
});

test("what goes wrong after a commit harms none of the others that waited for it", async () => {
  const rig = await dhcpRig({
    tell: (mac, { kind }) => {
      if (kind === "offer" && mac === boardMac(1)) throw new Error("no lane");
    },
  });
  for (let n = 1; n <= 3; n++) rig.hear(asks("discover", boardMac(n)));
  await rig.clock.advance(10);
  expect(rig.answers()).toHaveLength(3);
  expect(rig.server.counters().faults).toBe(1);
});

test("a message too large for a frame, and one with every option there is, are read or refused", async () => {
  const rig = await dhcpRig();
  const message = asks("discover", boardMac(1));
  const options = new Map(message.options);
  for (let code = 1; code < 255; code++) if (code !== 52 && code !== 53) options.set(code, new Uint8Array(10));
  rig.hear(encodeDhcp({ ...message, options }));
  rig.hear(new Uint8Array(65_507));
  await rig.clock.advance(10);
  expect(rig.server.counters()).toMatchObject({ faults: 0, malformed: 1 });
});
