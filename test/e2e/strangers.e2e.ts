import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import type { ClusterAnswer } from "@bramble/core/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { octets } from "../strangers/corpus.ts";
import { upgradeOf } from "../strangers/programs.ts";
import { headOf, peakMb } from "../strangers/watch.ts";
import type { DemoProcess } from "../support/demo-process.ts";
import { demoOf, startDemoProcess } from "../support/demo-process.ts";

/** Crowds before the demo's own head, with 1050 boards linked all the while; each ends with 1050 `up`, and the head below 400 MB. */
let demo: DemoProcess;
let head: number;
const opened: (Socket | WebSocket)[] = [];

beforeAll(async () => {
  demo = await startDemoProcess(demoOf("police-box.yaml"));
  head = headOf(new URL(demo.url).port);
  await demo.until(({ states }) => (states.up ?? 0) >= 1050, 120_000);
});
afterAll(async () => {
  for (const socket of opened) "terminate" in socket ? socket.terminate() : socket.destroy();
  await demo?.[Symbol.asyncDispose]();
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const port = (): number => Number(new URL(demo.url).port);

async function allIsWell(what: string): Promise<void> {
  const since = performance.now();
  const { states } = await demo.get<ClusterAnswer>("/cluster");
  const took = Math.round(performance.now() - since);
  console.log(`${what}: answered in ${took} ms, up ${states.up}, peak ${Math.round(peakMb(head))} MB`);
  expect(took, what).toBeLessThan(10_000);
  expect(states.up ?? 0, what).toBeGreaterThanOrEqual(1050);
  expect(demo.output(), what).not.toMatch(/"level":60|unhandled/i);
  expect(peakMb(head), what).toBeLessThan(400);
}

function idle(): Socket {
  const socket = connect(port(), "127.0.0.1").on("error", () => {});
  opened.push(socket);
  return socket;
}

test("10,000 connections that say nothing are let go, and no board is lost for them", async () => {
  const crowd: Socket[] = [];
  for (let n = 0; n < 10_000; n++) {
    crowd.push(idle());
    if (n % 250 === 249) await pause(50);
  }
  await allIsWell("10,000 idle connections");
  for (let waited = 0; waited < 120 && crowd.some((socket) => !socket.destroyed); waited++) await pause(500);
  expect(crowd.filter((socket) => !socket.destroyed)).toHaveLength(0);
  await allIsWell("after they were let go");
});

test("1,000 viewers are taken and the next are refused clearly; half of them read nothing", async () => {
  const viewers: WebSocket[] = [];
  const refusals: string[] = [];
  for (let n = 0; n < 1010; n++) {
    const viewer = new WebSocket(`${demo.url.replace("http", "ws")}/api/v1/live`);
    viewer.on("error", (error) => refusals.push(error.message));
    if (n % 2 === 0) viewer.once("open", () => viewer.pause());
    viewers.push(viewer);
    opened.push(viewer);
    if (n % 100 === 99) await pause(100);
  }
  await pause(10_000);
  expect(viewers.filter(({ readyState }) => readyState === WebSocket.OPEN)).toHaveLength(1000);
  expect(refusals).toEqual(Array.from({ length: 10 }, () => "Unexpected server response: 503"));
  await allIsWell("1,000 viewers");
  for (const viewer of viewers) viewer.terminate();
});

test("a board that registers as often as it can, with news each time, is refused after a while", async () => {
  let registrations = 0;
  let refused = 0;
  const mac = "b8:27:eb:79:00:01";
  const until = performance.now() + 10_000;
  const register = async (): Promise<void> => {
    while (performance.now() < until) {
      const socket = new WebSocket(`${demo.url.replace("http", "ws")}/api/v1/link`);
      socket.on("error", () => {});
      await new Promise<void>((resolve) => {
        socket.once("close", () => resolve());
        socket.once("open", () => {
          const rest = { cores: 4, memoryMb: 800, bootId: `${Math.random()}` };
          const who = { mac, serial: null, model: null, address: null, agent: "0", node: "24" };
          socket.send(JSON.stringify({ type: "hello", ...who, ...rest }));
        });
        socket.once("message", (text) => {
          registrations++;
          if (String(text).includes("limit.rate")) refused++;
          socket.terminate();
        });
      });
    }
  };
  await Promise.all(Array.from({ length: 30 }, register));
  console.log(`${registrations / 10} registrations a second, ${refused} refused`);
  expect(refused).toBeGreaterThan(0);
  await allIsWell("registrations");
});

test.each([
  ["one user", () => "flood"],
  ["many users", (n: number) => `flood${n}`],
])("a flood of posts by %s is taken up to its bound and then refused clearly", async (_what, user) => {
  // The minute of the flood before is over.
  await pause(61_000);
  const { body } = await demo.post<{ token?: string }>("/warbles", { text: "#pi{PRINT(1)}", user: user(0) });
  const answers = new Map<number, number>();
  let sent = 0;
  const until = performance.now() + 15_000;
  const flood = async (): Promise<void> => {
    while (performance.now() < until) {
      const name = user(++sent);
      const token = name === user(0) ? body.token : undefined;
      const { status } = await demo.post("/warbles", { text: "#pi{PRINT(1)}", user: name }, token);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 30 }, flood));
  console.log([...answers].map(([status, count]) => `${count} × ${status}`).join(", "));
  for (const status of answers.keys()) expect([202, 429, 503]).toContain(status);
  expect(answers.get(202)).toBeGreaterThan(0);
  await allIsWell("posts");
});

test("100,000 strange datagrams at the beacon's port change nothing", async () => {
  const sender = createSocket("udp4");
  const send = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => sender.send(bytes, 3333, "127.0.0.1", () => resolve()));
  for (let n = 0; n < 100_000; n += 50)
    await Promise.all(Array.from({ length: 50 }, (_, k) => send(octets[(n + k) % octets.length]![1])));
  sender.close();
  await allIsWell("datagrams");
});

test("slow requests, unread answers and pings without end, all at once, cost little", async () => {
  const asks = "GET /api/v1/boards?limit=5000 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".repeat(500);
  for (let n = 0; n < 200; n++) {
    idle().write("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ");
    idle().pause().write(asks);
    const viewer = idle().pause();
    viewer.write(upgradeOf("/api/v1/live"));
    const body = idle();
    body.write("POST /api/v1/samples HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n");
    body.write(`content-length: 8000000\r\n\r\n${" ".repeat(2 ** 20)}`);
    if (n % 20 === 19) await pause(100);
  }
  await pause(20_000);
  await allIsWell("all at once");
});
