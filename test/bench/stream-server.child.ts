/**
 * One server of a picture whose 1050 boards all change once a second, a fifth of them each 200 ms: `bramble` sends it with the
 * head's own live stream, `socket.io` sends the same steps as JSON. A process of its own, so that its CPU can be told.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { seededRandom } from "@bramble/core/base";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { createBus } from "../../apps/head/src/bus.ts";
import type { Entry, Roster } from "../../apps/head/src/register/roster.ts";
import { createLive } from "../../apps/head/src/show/live.ts";
import { rowOf } from "../../apps/head/src/show/row.ts";
import { trueClock } from "./clock.ts";
import { sampleOf } from "./samples.ts";

const boards = 1050;
const stepMs = 200;
const random = seededRandom("stream");
const entries = Array.from({ length: boards }, (_, index) => entryOf(index));
const server = createServer();
const show = process.argv[2] === "socket.io" ? showByPeer() : showByHead();

let turn = 0;
trueClock.every(stepMs, () => {
  const changed: number[] = [];
  for (let index = turn++ % 5; index < boards; index += 5) {
    entries[index] = entryOf(index);
    changed.push(index);
  }
  show(changed);
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 2000 }, () =>
  process.stdout.write(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
);

function showByHead(): (changed: readonly number[]) => void {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const roster: Roster = {
    all: () => entries,
    at: (index) => entries[index] ?? null,
    byMac: () => null,
    byName: (name) => byName.get(name) ?? null,
  };
  const bus = createBus((_, thrown) => {
    throw thrown;
  });
  const counters = () => ({ samplesPerSecond: 1050, warblesDone: 0, warblesQueued: 0 });
  const live = createLive({ roster, bus, clock: trueClock, lights: () => [], counters, stepMs });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
  sockets.on("connection", (socket, request) => live.accept(socket, request));
  return (changed) => {
    for (const index of changed) bus.emit("roster.changed", { index });
  };
}

/** What one would write without thinking: the rows that changed, to everybody. */
function showByPeer(): (changed: readonly number[]) => void {
  const io = new Server(server, { transports: ["websocket"], serveClient: false });
  io.on("connection", (socket) => socket.emit("snapshot", { at: Date.now(), rows: entries.map(rowOf) }));
  let sequence = 0;
  return (changed) => {
    const rows = changed.map((index) => ({ index, ...rowOf(entries[index]!) }));
    io.emit("delta", { at: Date.now(), sequence: sequence++, rows });
  };
}

function entryOf(index: number): Entry {
  const at = Date.now();
  return {
    ...{ index, name: `b${index}`, slot: null, boot: null, isLinked: true, isWorking: false },
    standing: { state: { kind: "up" }, since: at },
    latest: sampleOf(random, at, 0),
    record: null,
  };
}
