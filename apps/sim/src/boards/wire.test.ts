import type { LinkSocket, SocketEvents } from "@bramble/agent";
import { fakeClock, seededRandom } from "@bramble/core/base";
import { expect, test } from "vitest";
import { createWire } from "./wire.ts";

function strung() {
  const clock = fakeClock();
  const did: string[] = [];
  const heard: string[] = [];
  let events: SocketEvents | null = null;
  const real: LinkSocket = {
    send: (frame) => did.push(`send ${frame}`),
    ping: () => did.push("ping"),
    close: () => did.push("close"),
    terminate: () => did.push("terminate"),
    pause: () => did.push("pause"),
  };
  const wire = createWire({
    clock,
    random: seededRandom(1),
    connect: (_, told) => {
      events = told;
      return real;
    },
  });
  const socket = wire.connect("ws://head", {
    opened: () => heard.push("opened"),
    text: (frame) => heard.push(frame),
    pong: () => heard.push("pong"),
    closed: (why) => heard.push(`closed ${why}`),
  });
  return { clock, did, heard, wire, socket, head: () => events! };
}

test("a wire without faults passes everything on at once", () => {
  const { did, heard, socket, head } = strung();
  head().opened();
  socket.send("hello");
  socket.ping();
  head().pong();
  head().closed("by the head");
  expect(did).toEqual(["send hello", "ping"]);
  expect(heard).toEqual(["opened", "pong", "closed by the head"]);
});

test("a slow wire is late, keeps the order, and is quick again when told so", async () => {
  const { clock, did, wire, socket } = strung();
  wire.setDelay(1_500);
  socket.send("one");
  await clock.advance(1_000);
  wire.setDelay(0);
  socket.send("two");
  expect(did).toEqual([]);
  await clock.advance(499);
  expect(did).toEqual([]);
  await clock.advance(1);
  expect(did).toEqual(["send one", "send two"]);
  socket.send("three");
  expect(did).toHaveLength(3);
});

test("lost packets come late, never out of order, never not at all", async () => {
  const { clock, did, wire, socket } = strung();
  wire.setLoss(0.5);
  for (let frame = 0; frame < 40; frame++) socket.send(String(frame));
  const atOnce = did.length;
  await clock.advance(60_000);
  expect(atOnce).toBeLessThan(40);
  expect(did).toEqual(Array.from({ length: 40 }, (_, frame) => `send ${frame}`));
});

test("when the power goes nothing is sent or closed, until the rebooted board resets the old connection", () => {
  const { did, heard, wire, socket, head } = strung();
  wire.abandon();
  socket.send("bye");
  socket.close();
  socket.terminate();
  head().text("are you there?");
  expect(did).toEqual(["pause"]);
  expect(heard).toEqual([]);
  wire.bury();
  expect(did).toEqual(["pause", "terminate"]);
  head().closed("reset");
  expect(heard).toEqual([]);
});

test("a wire that is cut while frames are on their way loses them", async () => {
  const { clock, did, wire, socket } = strung();
  wire.setDelay(500);
  socket.send("late");
  wire.abandon();
  await clock.advance(1_000);
  expect(did).toEqual(["pause"]);
});
