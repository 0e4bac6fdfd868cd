import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock, type Mac } from "@bramble/core/base";
import { applyDelta, decodeFrame, type Snapshot } from "@bramble/core/show";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createBus } from "../bus.ts";
import { quietSample } from "../observe/rig.ts";
import type { Entry, Roster } from "../register/roster.ts";
import { createLive, type Live } from "./live.ts";
import { createStage } from "./stage.ts";
import { binaryFrame, Viewer, type ViewerSocket, viewerTerms } from "./viewer.ts";

const noCounters = { samplesPerSecond: 0, warblesDone: 0, warblesQueued: 0 };

test("a viewer gets the picture, then what changed, at most once in 200 ms", async () => {
  await using box = await liveBox();
  const viewer = await box.view();
  await viewer.until((picture) => picture.rows.length === 3);
  box.set(1, { state: { kind: "up" } });
  box.set(1, { state: { kind: "off" } });
  box.set(2, { state: { kind: "up" } });
  await box.clock.advance(200);
  const picture = await viewer.until(({ rows }) => rows[2]?.state === "up");
  expect(picture.rows.map(({ state }) => state)).toEqual(["off", "off", "up"]);
  expect(viewer.frames).toHaveLength(2);
  await box.clock.advance(2000);
  box.bus.emit("event.kept", { event });
  await viewer.heard({ type: "event", event });
  expect(viewer.frames).toHaveLength(2);
});

test("lights and counters follow", async () => {
  await using box = await liveBox();
  const viewer = await box.view();
  box.bus.emit("lights.changed", { lights: [[255, 0, 0]] });
  box.counters.warblesDone = 7;
  await box.clock.advance(1200);
  const picture = await viewer.until(({ counters }) => counters.warblesDone === 7);
  expect(picture.lights).toEqual([[255, 0, 0]]);
});

test("who comes back with a sequence that is kept gets only what it missed; else a gap and the picture", async () => {
  await using box = await liveBox();
  const first = await box.view();
  const { sequence } = await first.until(() => true);
  first.close();
  for (const kind of ["powering", "leasing", "loading"] as const) {
    box.set(0, { state: { kind } });
    await box.clock.advance(200);
  }
  const again = await box.view(sequence);
  await again.eventually(() => again.frames.length === 3);
  expect(again.frames.map(({ kind }) => kind)).toEqual(["delta", "delta", "delta"]);
  const stale = await box.view(5);
  await stale.heard({ type: "gap", from: 5, to: sequence + 3 });
  const picture = await stale.until(({ rows }) => rows[0]?.state === "loading");
  expect(picture.sequence).toBe(sequence + 3);
  const current = await box.view(sequence + 3);
  box.set(0, { state: { kind: "starting" } });
  await box.clock.advance(200);
  await current.eventually(() => current.frames.length === 1);
  expect(current.frames[0]).toMatchObject({ kind: "delta", base: sequence + 3 });
});

test("a stranger is announced before its row comes", async () => {
  await using box = await liveBox();
  const viewer = await box.view();
  await viewer.until(() => true);
  box.append();
  await box.clock.advance(200);
  await viewer.until(({ rows }) => rows.length === 4);
  expect(viewer.texts).toEqual([{ type: "layout", boards: 4 }]);
});

test.each(["from=-1", "from=1e9", "from=", "from=9999999999999999999", "from=%00", "x=1"])(
  "a viewer that asks for %s gets the picture",
  async (query) => {
    await using box = await liveBox();
    const viewer = await box.view(query);
    await viewer.until(({ rows }) => rows.length === 3);
  },
);

test("a viewer that talks without end is closed; others see on", async () => {
  await using box = await liveBox();
  const [loud, quiet] = [await box.view(), await box.view()];
  const ended = once(loud.socket, "close");
  for (let n = 0; n <= viewerTerms.mostMessages; n++) loud.socket.send("x");
  await ended;
  box.set(0, { state: { kind: "up" } });
  await box.clock.advance(200);
  await quiet.until(({ rows }) => rows[0]?.state === "up");
  expect(box.live.viewers()).toBe(1);
});

test("a viewer that does not read is bounded, and gets a gap and the newest picture when it reads again", () => {
  const socket = fakeSocket();
  const viewer = new Viewer(socket, { ...viewerTerms, mostUnread: 1000, caughtUp: 100 }, 0);
  const delta = new Uint8Array(300);
  const snapshot = (): Uint8Array => new Uint8Array(500);
  viewer.begin(10, [snapshot()]);
  for (let n = 11; n < 100; n++) {
    viewer.step(n, delta, snapshot);
    viewer.text({ type: "layout", boards: n });
  }
  expect(viewer.isBehind).toBe(true);
  expect(socket.bufferedAmount).toBeLessThan(1500);
  socket.sent.length = 0;
  socket.bufferedAmount = 50;
  viewer.step(100, delta, snapshot);
  expect(socket.sent[0]).toBe('{"type":"gap","from":12,"to":100}');
  expect(socket.sent[1]).toHaveLength(500);
  viewer.step(101, delta, snapshot);
  expect(viewer.isBehind).toBe(false);
  expect(socket.sent[2]).toBe(delta);
});

test("a viewer that answers no ping is closed after a minute", () => {
  const socket = fakeSocket();
  const viewer = new Viewer(socket, viewerTerms, 0);
  viewer.check(50_000);
  expect(socket.isEnded).toBe(false);
  viewer.heard(50_000);
  viewer.check(100_000);
  expect(socket.isEnded).toBe(false);
  viewer.check(110_001);
  expect(socket.isEnded).toBe(true);
});

test.each([0, 125, 126, 65_535, 65_536, 200_000])("a message of %i octets arrives whole", async (size) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const payload = new Uint8Array(size).fill(7);
  new WebSocketServer({ server }).on("connection", (socket, request) => {
    socket.send("before");
    request.socket.write(binaryFrame(payload));
    socket.send("after");
  });
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const heard: unknown[] = [];
  socket.on("message", (data, isBinary) => heard.push(isBinary ? data : String(data)));
  while (heard.length < 3) await once(socket, "message");
  expect(heard).toEqual(["before", Buffer.from(payload), "after"]);
  socket.terminate();
  server.close();
});

test("each step is encoded once, and the ring keeps no more than it may", () => {
  const { roster, set } = fakeRoster(1050);
  const stage = createStage(roster, { first: 7, at: 0, ring: { steps: 5, octets: 1e6 } });
  for (let n = 0; n < 20; n++) {
    set(n, { state: { kind: "up" } });
    stage.touch(n);
    stage.advance(n, noCounters);
  }
  expect(stage.sequence).toBe(27);
  expect(stage.since(21)).toBeNull();
  expect(stage.since(22)).toHaveLength(5);
  expect(stage.since(27)).toEqual([]);
  expect(stage.since(28)).toBeNull();
  expect(stage.snapshot()).toBe(stage.snapshot());
  stage.touch(3);
  expect(stage.advance(99, noCounters)).toBeNull();
});

test("a thousand boards changing at once are one frame of at most eight octets each", () => {
  const { roster, set } = fakeRoster(1050);
  const stage = createStage(roster, { first: 0, at: 0 });
  for (let n = 0; n < 1050; n++) {
    set(n, { state: { kind: "up" } });
    stage.touch(n);
  }
  expect(stage.advance(1, noCounters)!.length).toBeLessThanOrEqual(1050 * 8);
});

test("before a crowd what a board does is seen at once, and its drifting readings once a second", async () => {
  await using box = await liveBox({ crowd: 0 });
  const viewer = await box.view();
  box.set(0, { state: { kind: "up" } });
  await box.clock.advance(1200);
  await viewer.until(({ rows }) => rows[0]?.state === "up");
  box.warm(0, 50);
  await box.clock.advance(200);
  box.set(1, { state: { kind: "up" } });
  await box.clock.advance(200);
  const soon = await viewer.until(({ rows }) => rows[1]?.state === "up");
  expect(soon.rows[0]?.temperatureC).toBeNull();
  await box.clock.advance(600);
  await viewer.until(({ rows }) => rows[0]?.temperatureC === 50);
  box.warm(2, 60);
  box.set(2, { state: { kind: "up" } });
  await box.clock.advance(200);
  await viewer.until(({ rows }) => rows[2]?.state === "up" && rows[2].temperatureC === 60);
});

test("a closed stream leaves no timer and no receiver behind", async () => {
  const box = await liveBox();
  const viewer = await box.view();
  const ended = once(viewer.socket, "close");
  await box[Symbol.asyncDispose]();
  expect((await ended)[0]).toBe(1001);
  expect(box.clock.pending()).toBe(0);
});

const event = { id: 1, at: 5, kind: "test", level: "info" as const, board: null, message: "something happened" };

function fakeSocket() {
  const socket = {
    bufferedAmount: 0,
    isEnded: false,
    sent: [] as (Uint8Array | string)[],
    send(data: Uint8Array | string) {
      socket.sent.push(data);
      socket.bufferedAmount += data.length;
    },
    sendFrame: (frame: Uint8Array) => socket.send(frame),
    ping() {},
    terminate() {
      socket.isEnded = true;
    },
  } satisfies ViewerSocket & Record<string, unknown>;
  return socket;
}

function fakeRoster(count: number) {
  const entries: Entry[] = [];
  const append = (): void => {
    const index = entries.length;
    entries.push({
      ...{ index, name: `b${index}`, slot: null, record: null, latest: null, boot: null },
      ...{ isLinked: false, isWorking: false, standing: { state: { kind: "off" }, since: 0 } },
    });
  };
  for (let n = 0; n < count; n++) append();
  const roster: Roster = {
    all: () => entries,
    byMac: (_mac: Mac) => null,
    byName: (name) => entries.find((entry) => entry.name === name) ?? null,
    at: (index) => entries[index] ?? null,
  };
  const set = (index: number, { state }: Pick<Entry["standing"], "state">): void => {
    entries[index] = { ...entries[index]!, standing: { state, since: 0 } };
  };
  const warm = (index: number, celsius: number): void => {
    const entry = entries[index]!;
    entries[index] = { ...entry, latest: { ...quietSample(1), temperatureC: celsius } };
  };
  return { roster, set, warm, append };
}

/** The live stream over three boards, behind a real WebSocket server. */
async function liveBox({ crowd = 100 } = {}) {
  const clock = fakeClock();
  const bus = createBus(() => {});
  const { roster, set, warm, append } = fakeRoster(3);
  const counters = { ...noCounters };
  const live: Live = createLive({ roster, bus, clock, lights: () => [], counters: () => ({ ...counters }), crowd });
  const server: Server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => live.accept(socket, request));
  const { port } = server.address() as AddressInfo;
  return {
    clock,
    bus,
    live,
    counters,
    set(index: number, standing: Pick<Entry["standing"], "state">) {
      set(index, standing);
      bus.emit("roster.changed", { index });
    },
    /** A reading; seen of boards that have power. */
    warm(index: number, celsius: number) {
      warm(index, celsius);
      bus.emit("roster.changed", { index });
    },
    append() {
      append();
      bus.emit("roster.changed", { index: roster.all().length - 1 });
    },
    async view(from?: number | string) {
      const query = from === undefined ? "" : `?${typeof from === "number" ? `from=${from}` : from}`;
      const viewer = follow(new WebSocket(`ws://127.0.0.1:${port}/api/v1/live${query}`));
      await once(viewer.socket, "open");
      return viewer;
    },
    async [Symbol.asyncDispose]() {
      await live[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function follow(socket: WebSocket) {
  const frames: ReturnType<typeof decodeFrame>[] = [];
  const texts: unknown[] = [];
  let picture: Snapshot | null = null;
  let wake: () => void = () => {};
  socket.on("message", (data, isBinary) => {
    if (isBinary) {
      const frame = decodeFrame(data as Uint8Array);
      frames.push(frame);
      const next = frame.kind === "snapshot" || picture === null ? frame : applyDelta(picture, frame);
      if (next.kind === "snapshot") picture = next;
    } else texts.push(JSON.parse(String(data)));
    wake();
  });
  const eventually = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    socket,
    frames,
    texts,
    eventually,
    close: () => socket.close(),
    heard: (text: unknown) => eventually(() => texts.some((each) => JSON.stringify(each) === JSON.stringify(text))),
    async until(holds: (picture: Snapshot) => boolean): Promise<Snapshot> {
      await eventually(() => picture !== null && holds(picture));
      return picture!;
    },
  };
}
