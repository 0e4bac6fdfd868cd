import { createSocket } from "node:dgram";
import { fakeClock, silentLog } from "@bramble/core/base";
import { encodeBeacon } from "@bramble/core/discover";
import { expect, test } from "vitest";
import { listenForHead } from "./head-finder.ts";

const beacon = (head: string) => encodeBeacon({ bramble: 1, head, key: null, id: "h1" });

test("all boards that ask wait for the first beacon; noise on the port is no head; the newest head wins", async () => {
  await using finder = await listenForHead({ log: silentLog, clock: fakeClock(), port: 0 });
  const signal = new AbortController().signal;
  const waiting = Promise.all(Array.from({ length: 20 }, () => finder.find(signal)));
  const socket = createSocket("udp4");
  const say = (datagram: Uint8Array | string) =>
    new Promise<void>((resolve) => socket.send(datagram, finder.port, "127.0.0.1", () => resolve()));
  await say("\0 not a beacon");
  await say(beacon("http://127.0.0.1:1234"));
  expect(new Set((await waiting).map(({ url }) => url))).toEqual(new Set(["http://127.0.0.1:1234"]));
  expect(finder.url).toBe("http://127.0.0.1:1234");
  await say(beacon("http://127.0.0.1:5678"));
  while (finder.url !== "http://127.0.0.1:5678") await new Promise((resolve) => setImmediate(resolve));
  socket.close();
});

test("a board that no longer waits is told so, and leaves nothing behind", async () => {
  await using finder = await listenForHead({ log: silentLog, clock: fakeClock(), port: 0 });
  const life = new AbortController();
  const waiting = finder.find(life.signal);
  life.abort(new Error("power lost"));
  await expect(waiting).rejects.toThrow("power lost");
});

test("a head that is heard after a silence is told, once; one that speaks as it should is not", async () => {
  const clock = fakeClock();
  await using finder = await listenForHead({ log: silentLog, clock, port: 0 });
  let returns = 0;
  finder.onReturn = () => returns++;
  const socket = createSocket("udp4");
  const hear = async (head: string): Promise<void> => {
    const isHeard = (): boolean => finder.url === head;
    await new Promise<void>((resolve) => socket.send(beacon(head), finder.port, "127.0.0.1", () => resolve()));
    while (!isHeard()) await new Promise((resolve) => setImmediate(resolve));
  };
  await hear("http://127.0.0.1:1");
  await clock.advance(5000);
  await hear("http://127.0.0.1:2");
  expect(returns).toBe(0);
  await clock.advance(30_000);
  await hear("http://127.0.0.1:3");
  expect(returns).toBe(1);
  socket.close();
});
