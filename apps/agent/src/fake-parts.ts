import { type Clock, type FakeClock, fakeClock, mac, seededRandom, silentLog } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import { decodeSamples } from "@bramble/core/observe";
import type { Outcome } from "@bramble/core/work";
import { type Agent, type AgentParts, startAgent } from "./agent.ts";
import type { Hardware } from "./hardware/hardware.ts";
import type { Connect, LinkSocket, SocketEvents } from "./link/socket.ts";
import type { RunRequest } from "./runner/runner.ts";

/** Pretend hardware for tests: numbers that change, on the clock given. */
export function fakeHardware(clock: Clock): Hardware & { cpu: number } {
  let count = 0;
  const hardware = {
    cpu: 5,
    identity: async () => ({
      mac: mac("b8:27:eb:00:00:01"),
      serial: null,
      model: "test",
      address: "127.0.0.1",
      cores: 4,
      memoryMb: 900,
      bootId: "boot",
      isSimulated: true,
    }),
    read: async () => sampleAt(clock.now(), count++, hardware.cpu),
  };
  return hardware;
}

/** A sample with every field filled. */
export function sampleAt(at: number, count = 0, cpu = 5): Sample {
  const process = (pid: number) => ({ pid, name: `program-${pid}`, user: "root", cpu: 1, memory: 0.5 });
  return {
    at,
    cpu,
    load: 0.5,
    memoryUsedMb: 200 + (count % 7),
    memoryTotalMb: 900,
    diskUsedGb: 3,
    diskTotalGb: 15,
    temperatureC: 45,
    throttled: 0,
    rxKbps: 10,
    txKbps: 5,
    uptimeS: count * 5,
    processes: [1, 2, 3, 4, 5].map(process),
  };
}

/** One connection as the fake head sees it. */
export type FakeConnection = {
  readonly url: string;
  readonly events: SocketEvents;
  readonly texts: Record<string, unknown>[];
  /** Times of all samples received, in order. */
  readonly times: number[];
  pings: number;
  isPaused: boolean;
  isTerminated: boolean;
  closedByBoard: boolean;
  say(message: unknown): void;
};

/** A head without a network: each `connect` gives a connection that the test drives by hand, or that behaves. */
export class FakeHead {
  readonly connections: FakeConnection[] = [];
  /** Answer hello, pings and samples as a good head does. */
  behaves = true;
  /** Refuse every connection. */
  isDown = false;
  /** Answer samples. */
  stores = true;
  readonly stored: number[] = [];

  readonly connect: Connect = (url, events) => {
    const connection: FakeConnection = {
      url,
      events,
      texts: [],
      times: [],
      pings: 0,
      isPaused: false,
      isTerminated: false,
      closedByBoard: false,
      say: (message) => events.text(typeof message === "string" ? message : JSON.stringify(message)),
    };
    this.connections.push(connection);
    queueMicrotask(() => (this.isDown ? events.closed("connection refused") : events.opened()));
    return this.#socket(connection);
  };

  get last(): FakeConnection {
    return this.connections.at(-1)!;
  }

  #socket(connection: FakeConnection): LinkSocket {
    return {
      send: (frame) => (typeof frame === "string" ? this.#text(connection, frame) : this.#samples(connection, frame)),
      ping: () => {
        connection.pings += 1;
        if (this.behaves) queueMicrotask(() => connection.events.pong());
      },
      close: () => {
        connection.closedByBoard = true;
        if (this.behaves) queueMicrotask(() => connection.events.closed("closed"));
      },
      terminate: () => {
        connection.isTerminated = true;
      },
      pause: () => {
        connection.isPaused = true;
      },
    };
  }

  #text(connection: FakeConnection, frame: string): void {
    const message = JSON.parse(frame) as Record<string, unknown>;
    connection.texts.push(message);
    if (this.behaves && message.type === "hello") queueMicrotask(() => connection.say(welcome));
  }

  #samples(connection: FakeConnection, frame: Uint8Array): void {
    const times = decodeSamples(frame).map((sample) => sample.at);
    connection.times.push(...times);
    if (!this.behaves || !this.stores) return;
    this.stored.push(...times);
    queueMicrotask(() => connection.say({ type: "stored", upTo: Math.max(...times) }));
  }
}

/** A usual welcome. */
export const welcome = {
  type: "welcome",
  name: "b0001",
  place: null,
  epoch: "one",
  intervalMs: 5000,
  heartbeatMs: 1000,
  cpuLimit: 30,
  board: 0,
  boards: 2,
};

/** An agent with pretend hardware, a pretend runner and `head` at the other end. */
export function begin(clock: FakeClock, head: FakeHead, seed: string, parts: Partial<AgentParts> = {}): Agent {
  return startAgent(
    {
      hardware: fakeHardware(clock),
      runner: fakeRunner(),
      findHead: async () => ({ url: "http://10.0.0.1:8880" }),
      clock,
      random: seededRandom(seed),
      log: silentLog,
      connect: head.connect,
      version: "0.1.0",
      ...parts,
    },
    new AbortController().signal,
  );
}

/** One agent and everything around it. */
export function start(prepare: (head: FakeHead) => void = () => {}) {
  const clock = fakeClock();
  const head = new FakeHead();
  prepare(head);
  const hardware = fakeHardware(clock);
  const runner = fakeRunner();
  const agent = begin(clock, head, "seed", { hardware, runner });
  return { clock, head, hardware, runner, agent };
}

/** A runner that answers at once, or, while it `holds`, when it is told. */
function fakeRunner() {
  const waiting: (() => void)[] = [];
  const outcome: Outcome = {
    out: ["1"],
    effects: [],
    error: null,
    warnings: [],
    steps: 1,
    saves: {},
    data: { x: "1" },
  };
  const runner = {
    slots: 1,
    holds: false,
    aborted: 0,
    requests: [] as RunRequest[],
    release: () => waiting.shift()?.(),
    run: (request: RunRequest, signal: AbortSignal) =>
      new Promise<{ outcome: Outcome; ms: number }>((resolve, reject) => {
        runner.requests.push(request);
        signal.addEventListener("abort", () => {
          runner.aborted += 1;
          reject(signal.reason);
        });
        if (runner.holds) waiting.push(() => resolve({ outcome, ms: 1 }));
        else resolve({ outcome, ms: 1 });
      }),
    [Symbol.asyncDispose]: async () => {},
  };
  return runner;
}

/** A fold as a run comes to it. */
export const foldOrder = {
  ...{ at: 1, first: 1, last: 9000, chunks: 8, steps: 1024, fuel: 9_000_000, precision: 0, depth: 0, stack: 0 },
  ...{ cells: 0, held: 0, globals: [[0, "7"]] as [number, string][], locals: [] },
};
/** A chunk of it, answered. */
export const chunkAnswer = { value: "5", steps: 1024, cells: 0, made: 0 };

/** A lease of one Warble. */
export function order(lease: string) {
  const rest = { post: "#pi{PRINT(1)}", user: "web:ann", saved: {}, data: {}, seed: 1, nowMs: 1, timeoutMs: 10_000 };
  return { type: "run", lease, ...rest };
}
