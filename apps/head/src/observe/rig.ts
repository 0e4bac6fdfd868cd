import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HeadMessage, Hello } from "@bramble/core/api";
import type { FakeClock, Mac } from "@bramble/core/base";
import { fakeClock, mac, silentLog } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { Sample } from "@bramble/core/observe";
import { encodeSamples } from "@bramble/core/observe";
import type { Outcome } from "@bramble/core/work";
import { WebSocket, WebSocketServer } from "ws";
import type { HeadEvents } from "../bus.ts";
import { createBus } from "../bus.ts";
import { createRegistry } from "../register/registry.ts";
import { boardMigrations, boardStore } from "../store/boards.ts";
import { openDatabase } from "../store/database.ts";
import { sampleMigrations, sampleStore } from "../store/samples.ts";
import type { Desk } from "../work/desk.ts";
import { createIngest } from "./ingest.ts";
import type { LinkLimits } from "./link.ts";
import { createLinks, linkLimits, linkServerOptions } from "./link.ts";
import { createWatcher } from "./watcher.ts";

/** The room with everything real but the clock and the desk. For tests. */
export async function observeRig(cluster: Cluster, { limits = {}, allow = (_: Hello) => true }: RigOptions = {}) {
  const clock = fakeClock();
  const told = new Map<string, unknown[]>();
  const bus = createBus((_, thrown) => {
    throw thrown;
  });
  for (const name of ["event", "board.standing", "samples.stored", "link.opened", "link.closed"] as const) {
    told.set(name, []);
    bus.on(name, (event: unknown) => void told.get(name)!.push(event));
  }
  const schedule = (run: () => void): void => queueMicrotask(run);
  const db = openDatabase(":memory:", [...boardMigrations, ...sampleMigrations], { log: silentLog, schedule });
  const samples = sampleStore(db, { clock, log: silentLog });
  const registry = createRegistry({ cluster, store: boardStore(db), bus, clock, log: silentLog });
  const watcher = createWatcher({ registry, clock });
  const ingest = createIngest({ samples, registry, watcher, bus, clock, log: silentLog });
  const desk = fakeDesk();
  const links = createLinks({
    ...{ registry, ingest, watcher, desk, bus, clock, log: silentLog, allow, epoch: "first" },
    limits: { ...linkLimits, ...limits },
  });
  const server = createServer();
  const sockets = new WebSocketServer(linkServerOptions);
  server.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (link) => links.accept(link, request)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const boards: FakeBoard[] = [];
  return {
    /** What the bus carried under a name. */
    told: <K extends keyof HeadEvents>(name: K) => (told.get(name) ?? []) as HeadEvents[K][],
    ...{ clock, bus, db, samples, registry, roster: registry.roster, watcher, ingest, desk, links },
    /** A board's end of a link; not a word said yet. */
    async dial(): Promise<FakeBoard> {
      const board = await fakeBoard(`ws://127.0.0.1:${port}/api/v1/link`, clock);
      boards.push(board);
      return board;
    },
    async [Symbol.asyncDispose]() {
      await links[Symbol.asyncDispose]();
      for (const { socket } of boards) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      watcher[Symbol.dispose]();
      await registry[Symbol.asyncDispose]();
      await samples[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** What the tests of this room may change. */
export type RigOptions = { readonly limits?: Partial<LinkLimits>; readonly allow?: (hello: Hello) => boolean };

/** One end of a link, as a test plays the board. */
export type FakeBoard = {
  readonly socket: WebSocket;
  readonly heard: HeadMessage[];
  /** Code and reason of the close, once it came. */
  closed(): { readonly code: number; readonly reason: string } | null;
  say(message: unknown): void;
  samples(...samples: Sample[]): void;
  /** The first message of that type, when it is here. */
  next<T extends HeadMessage["type"]>(type: T): Promise<Extract<HeadMessage, { type: T }>>;
};

/**
 * Waits, without a timer, until `check` gives something true: sockets are real and take a few turns of the loop.
 * With a clock, its time passes slowly meanwhile, so that a store's tick comes.
 */
export async function eventually<T>(check: () => T, clock?: FakeClock): Promise<NonNullable<T>> {
  const patienceMs = 20_000;
  const since = performance.now();
  for (let turn = 1; performance.now() - since < patienceMs; turn++) {
    const found = check();
    if (found !== null && found !== undefined && found !== false) return found;
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 64 === 0) await clock?.advance(10);
  }
  throw new Error(`this did not happen: ${check}`);
}

/** Time passes step by step, and sockets get their turns between. */
export async function pass(clock: FakeClock, ms: number, each: () => void = () => {}): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    each();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(250);
  }
}

/** A hello as the agent says it. */
export function helloOf(board: Mac, rest: Partial<Hello> = {}): Hello {
  return {
    ...{ type: "hello", mac: board, serial: null, model: "pi3b+", address: null, agent: "0.1.0", node: "24.0.0" },
    ...{ cores: 4, memoryMb: 877.6, bootId: "first", simulated: true, ...rest },
  };
}

/** The MAC of the n-th board of a test. */
export function macOf(n: number): Mac {
  const [high, low] = [n >> 8, n & 255].map((octet) => octet!.toString(16).padStart(2, "0"));
  return mac(`b8:27:eb:01:${high}:${low}`);
}

/** A sample as a quiet board measures it. */
export function quietSample(at: number, cpu = 5): Sample {
  return {
    ...{ at, cpu, load: 0.4, memoryUsedMb: 222.3, memoryTotalMb: 877.6, diskUsedGb: null, diskTotalGb: null },
    ...{ temperatureC: 42.7, throttled: 0, rxKbps: 12, txKbps: 4, uptimeS: 100, processes: [] },
  };
}

function fakeDesk() {
  const calls: string[] = [];
  const results: { lease: string; outcome: Outcome }[] = [];
  const desk: Desk = {
    ready: ({ name }, slots) => void calls.push(`ready ${name} ${slots}`),
    gone: ({ name }) => void calls.push(`gone ${name}`),
    fold: ({ name }, lease, fold) => void calls.push(`fold ${name} ${lease} ${fold}`),
    chunked: ({ name }, lease, answers) => void calls.push(`chunked ${name} ${lease} ${answers.length}`),
    async result(_, lease, outcome) {
      if (lease === "fails") throw new Error("the store cannot write");
      results.push({ lease, outcome });
    },
  };
  return { ...desk, calls, results };
}

async function fakeBoard(url: string, clock: FakeClock): Promise<FakeBoard> {
  const socket = new WebSocket(url);
  const heard: HeadMessage[] = [];
  let closed: { code: number; reason: string } | null = null;
  socket.on("message", (data) => heard.push(JSON.parse(String(data)) as HeadMessage));
  socket.on("close", (code, reason) => {
    closed = { code, reason: reason.toString() };
  });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("open", resolve));
  return {
    socket,
    heard,
    closed: () => closed,
    say: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    samples: (...samples) => socket.send(encodeSamples(samples)),
    next: (type) => eventually(() => heard.find((message) => message.type === type) as never, clock),
  };
}
