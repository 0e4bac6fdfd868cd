import { type Clock, mac } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import { decodeSamples } from "@bramble/core/observe";
import type { Hardware } from "./hardware/hardware.ts";
import type { Connect, LinkSocket, SocketEvents } from "./link/socket.ts";

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
