import { createSocket } from "node:dgram";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import { encodeBeacon } from "@bramble/core/discover";
import { expect, test } from "vitest";
import { BeaconMemory, listenForHead } from "./beacon.ts";

test("a head that was heard a moment ago is found at once", async () => {
  const { memory, signal } = start();
  memory.hear(beacon("http://10.0.0.1:8880"));
  expect(await memory.find(signal)).toEqual({ url: "http://10.0.0.1:8880" });
});

test("a board waits for the first beacon, then a moment of its own", async () => {
  const { memory, clock, signal } = start();
  let found: string | null = null;
  void memory.find(signal).then(({ url }) => {
    found = url;
  });
  await clock.advance(3_600_000);
  expect(found).toBeNull();
  memory.hear(beacon("http://10.0.0.1:8880"));
  await clock.advance(3000);
  expect(found).toBe("http://10.0.0.1:8880");
  expect(clock.pending()).toBe(0);
});

test("without beacons the last address is tried again after half a minute", async () => {
  const { memory, clock, signal } = start();
  memory.hear(beacon("http://10.0.0.1:8880"));
  await clock.advance(20_000);
  let found = false;
  void memory.find(signal).then(() => {
    found = true;
  });
  await clock.advance(29_000);
  expect(found).toBe(false);
  await clock.advance(4000);
  expect(found).toBe(true);
});

test("another head is followed only when the first is silent", async () => {
  const { memory, clock, signal } = start();
  memory.hear(beacon("http://10.0.0.1:8880"));
  memory.hear(beacon("http://10.0.0.66:8880"));
  expect((await memory.find(signal)).url).toBe("http://10.0.0.1:8880");
  await clock.advance(16_000);
  memory.hear(beacon("http://10.0.0.66:8880"));
  expect((await memory.find(signal)).url).toBe("http://10.0.0.66:8880");
});

test("a beacon after a silence says that the head is back; the usual ones do not", async () => {
  const { memory, clock, returns } = start();
  memory.hear(beacon("http://10.0.0.1:8880"));
  await clock.advance(5000);
  memory.hear(beacon("http://10.0.0.1:8880"));
  expect(returns.count).toBe(0);
  await clock.advance(10_000);
  memory.hear(beacon("http://10.0.0.1:8880"));
  expect(returns.count).toBe(1);
});

test("an aborted search ends and leaves no timer", async () => {
  const { memory, clock, controller } = start();
  const search = memory.find(controller.signal);
  controller.abort(new Error("over"));
  await expect(search).rejects.toThrow("over");
  await expect(memory.find(controller.signal)).rejects.toThrow("over");
  expect(clock.pending()).toBe(0);
});

test.each(["", "{}", '{"bramble":2}', '{"bramble":1,"head":"file:///etc/passwd","id":"x"}', "x".repeat(5000)])(
  "a datagram that is no beacon is ignored: %.30s",
  async (text) => {
    const { memory, clock, signal } = start();
    let found = false;
    void memory.find(signal).then(() => {
      found = true;
    });
    memory.hear(new TextEncoder().encode(text));
    await clock.advance(60_000);
    expect(found).toBe(false);
  },
);

test("a beacon on the network is heard", async () => {
  let port = 0;
  const { clock, signal } = start();
  const onListening = (bound: number): void => {
    port = bound;
  };
  await using finder = await listenForHead({ ...parts(clock), port: 0, onListening, onReturn: () => {} });
  const found = finder.find(signal);
  const sender = createSocket("udp4");
  sender.send(beacon("http://10.0.0.1:8880"), port, "127.0.0.1");
  while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(3000);
  expect(await found).toEqual({ url: "http://10.0.0.1:8880" });
  sender.close();
});

function start() {
  const clock = fakeClock();
  const returns = { count: 0 };
  const controller = new AbortController();
  const memory = new BeaconMemory({ ...parts(clock), onReturn: () => returns.count++ });
  return { memory, clock, returns, controller, signal: controller.signal };
}

function parts(clock: ReturnType<typeof fakeClock>) {
  return { clock, random: seededRandom("beacon"), log: silentLog };
}

function beacon(head: string): Uint8Array {
  return encodeBeacon({ bramble: 1, head, key: null, id: "head" });
}
