import { createSocket } from "node:dgram";
import { fakeClock, silentLog } from "@bramble/core/base";
import { decodeBeacon } from "@bramble/core/discover";
import { expect, test } from "vitest";
import { broadcastOf, startBeacon } from "./beacon.ts";

const beacon = { bramble: 1, head: "http://127.0.0.1:8880", key: null, id: "test" } as const;

test("a beacon is sent at once and every five seconds, until it is closed", async () => {
  const clock = fakeClock();
  const listener = createSocket("udp4");
  const heard: Uint8Array[] = [];
  listener.on("message", (datagram) => heard.push(datagram));
  await new Promise<void>((resolve) => listener.bind(0, "127.0.0.1", resolve));
  const count = async (wanted: number) => {
    for (let turn = 0; turn < 20_000 && heard.length < wanted; turn++) await new Promise((done) => setImmediate(done));
    expect(heard).toHaveLength(wanted);
  };
  const { port } = listener.address();
  // A target that cannot be reached harms no other.
  const targets = [
    { address: "::1", port },
    { address: "127.0.0.1", port },
  ];
  const sending = await startBeacon({ beacon, targets, clock, log: silentLog });
  await count(1);
  await clock.advance(5000);
  await count(2);
  await sending[Symbol.asyncDispose]();
  await clock.advance(60_000);
  expect(heard.map((datagram) => decodeBeacon(datagram))).toEqual([beacon, beacon]);
  expect(clock.pending()).toBe(0);
  await new Promise<void>((resolve) => listener.close(() => resolve()));
});

test.each([
  ["172.20.0.0/16", "172.20.255.255"],
  ["192.168.77.0/24", "192.168.77.255"],
  ["10.84.2.77/23", "10.84.3.255"],
  ["10.0.0.0/8", "10.255.255.255"],
  ["192.168.1.5/32", "192.168.1.5"],
])("the broadcast address of %s is %s", (cidr, address) => {
  expect(broadcastOf(cidr)).toBe(address);
});
