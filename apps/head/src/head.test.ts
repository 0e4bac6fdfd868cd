import { type AddressInfo, createServer } from "node:net";
import type { BoardsAnswer, HeadMessage } from "@bramble/core/api";
import { type ClusterAnswer, readHeadMessage } from "@bramble/core/api";
import { clockFrom, seededRandom, silentLog } from "@bramble/core/base";
import { encodeSamples, type Sample } from "@bramble/core/observe";
import { applyDelta, decodeFrame, type Snapshot } from "@bramble/core/show";
import type { Static } from "typebox";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { fakeConfig } from "./fake-config.ts";
import { startHead } from "./head.ts";

const clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
const parts = { clock, random: seededRandom(1), log: silentLog };
const board = "b8:27:eb:00:00:2a";

test("a board links, its sample is seen by REST and in the live stream, and a new start still knows it", async () => {
  using config = fakeConfig();
  {
    await using head = await startHead(config, parts);
    const viewer = watch(head.url);
    const first = await viewer.until((picture) => picture.rows.length === 84);
    expect(first.rows.every(({ state }) => state === "off")).toBe(true);

    const link = new WebSocket(`${head.url.replace("http", "ws")}/api/v1/link`);
    const said: HeadMessage[] = [];
    link.on("message", (data) => {
      const message = readHeadMessage(String(data));
      if (message !== null) said.push(message);
    });
    await new Promise((resolve) => link.once("open", resolve));
    link.send(JSON.stringify(hello));
    await eventually(() => said.some(({ type }) => type === "welcome"));
    const welcome = said.find((message) => message.type === "welcome");
    expect(welcome).toMatchObject({ name: "b01", intervalMs: 5000, heartbeatMs: 1000 });

    link.send(encodeSamples([sample({ at: Date.now(), cpu: 12, temperatureC: 48.5 })]));
    await eventually(() => said.some(({ type }) => type === "stored"));
    const seen = await viewer.until((picture) => picture.rows.some(({ temperatureC }) => temperatureC === 48.5));
    expect(seen.rows.filter(({ state }) => state === "up")).toHaveLength(1);
    const { boards } = await get<Static<typeof BoardsAnswer>>(head.url, "/api/v1/boards?state=up");
    expect(boards).toMatchObject([{ mac: board, latest: { cpu: 12, temperatureC: 48.5 } }]);
    expect(await (await fetch(`${head.url}/metrics`)).text()).toContain(
      `bramble_board_temperature_celsius{board="${boards[0]?.name}"} 48.5`,
    );
    const stands = await get<ClusterAnswer>(head.url, "/api/v1/cluster");
    expect(stands).toMatchObject({ states: { up: 1, off: 83 }, hottest: { temperatureC: 48.5 } });
    link.close();
    viewer.close();
  }
  await using head = await startHead(config, parts);
  const { boards } = await get<Static<typeof BoardsAnswer>>(head.url, `/api/v1/boards?set=all`);
  expect(boards.find(({ mac }) => mac === board)).toMatchObject({ state: "silent", latest: { temperatureC: 48.5 } });
});

test("a boot step of a board that nobody knows discovers it, and viewers hear of the new row", async () => {
  using config = fakeConfig();
  await using head = await startHead(config, parts);
  const viewer = watch(head.url);
  await viewer.until((picture) => picture.rows.length === 84);
  const told = await post(head.url, "/api/v1/boot", { mac: "dc:a6:32:00:00:07", step: "kernel", simulated: true });
  expect(told.status).toBe(202);
  const picture = await viewer.until(({ rows }) => rows.length === 85);
  expect(picture.rows[84]).toMatchObject({ state: "loading", isSimulated: true });
  expect(viewer.texts).toContainEqual({ type: "layout", boards: 85 });
  const layout = await get<{ boards: unknown[] }>(head.url, "/api/v1/layout");
  expect(layout.boards[84]).toMatchObject({ index: 84, rack: null });
  const failed = await post(head.url, "/api/v1/boot", { mac: "dc:a6:32:00:00:07", step: "root", failed: "no answer" });
  expect(failed.status).toBe(202);
  await viewer.until(({ rows }) => rows[84]?.state === "failed");
  viewer.close();
});

test("a port that is taken is told with its number and the flag", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  using config = fakeConfig(["--port", String(port)]);
  await expect(startHead(config, parts)).rejects.toThrow(
    `port ${port} of 127.0.0.1 is taken; give another with --port N`,
  );
  taken.close();
});

test("bound wider than loopback it refuses to start without a token, before it opens anything", async () => {
  using config = fakeConfig(["--listen", "0.0.0.0"]);
  await expect(startHead(config, parts)).rejects.toThrow(/--listen 0\.0\.0\.0 is reachable from outside.*--token-file/);
});

test("a cluster file with a mistake is told with line and column", async () => {
  using config = fakeConfig(["--cluster", new URL(import.meta.url).pathname]);
  await expect(startHead(config, parts)).rejects.toThrow(/head\.test\.ts:\d+:\d+: /);
});

test("a Warble that is posted runs on the linked board and its result comes back", async () => {
  using config = fakeConfig();
  await using head = await startHead(config, parts);
  const link = new WebSocket(`${head.url.replace("http", "ws")}/api/v1/link`);
  link.on("message", (data) => {
    const message = readHeadMessage(String(data));
    if (message?.type === "welcome") {
      link.send(encodeSamples([sample({ at: Date.now(), cpu: 3, temperatureC: 40 })]));
      link.send(JSON.stringify({ type: "ready", slots: 1 }));
    }
    if (message?.type !== "run") return;
    const outcome = { out: ["hello"], effects: [], error: null, warnings: [], steps: 1, saves: {}, data: {} };
    link.send(JSON.stringify({ type: "result", lease: message.lease, outcome, ms: 1 }));
  });
  await new Promise((resolve) => link.once("open", resolve));
  link.send(JSON.stringify(hello));
  const posted = await post(head.url, "/api/v1/warbles", { text: '#pi{PRINT("hello")}', user: "web:ada" });
  expect(posted.status).toBe(202);
  const { id } = (await posted.json()) as { id: string };
  const done = await get(head.url, `/api/v1/warbles/${id}?wait=10`);
  expect(done).toMatchObject({ state: "done", out: ["hello"], board: expect.any(String) });
  link.close();
});

const hello = {
  type: "hello",
  mac: board,
  serial: null,
  model: "Raspberry Pi 3 Model B Plus Rev 1.3",
  address: "10.84.2.1",
  agent: "0.1.0",
  node: "24.21.0",
  cores: 4,
  memoryMb: 1024,
  bootId: "one",
};

function sample(readings: Partial<Sample> & Pick<Sample, "at">): Sample {
  return {
    cpu: null,
    load: null,
    memoryUsedMb: null,
    memoryTotalMb: null,
    diskUsedGb: null,
    diskTotalGb: null,
    temperatureC: null,
    throttled: null,
    rxKbps: null,
    txKbps: null,
    uptimeS: null,
    processes: [],
    ...readings,
  };
}

async function get<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(url + path)).json()) as T;
}

function post(url: string, path: string, body: unknown): Promise<Response> {
  return fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Follows the live stream as the page does. */
function watch(url: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/live`);
  socket.binaryType = "arraybuffer";
  const texts: unknown[] = [];
  let picture: Snapshot | null = null;
  socket.on("message", (data, isBinary) => {
    if (!isBinary) {
      texts.push(JSON.parse(String(data)));
      return;
    }
    const frame = decodeFrame(new Uint8Array(data as ArrayBuffer));
    const next = frame.kind === "snapshot" || picture === null ? frame : applyDelta(picture, frame);
    if (next.kind === "snapshot") picture = next;
  });
  return {
    texts,
    close: () => socket.close(),
    async until(holds: (picture: Snapshot) => boolean): Promise<Snapshot> {
      await eventually(() => picture !== null && holds(picture));
      return picture!;
    },
  };
}

/** Looks again and again, for real sockets tell nobody when they are done. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (holds()) return;
    await clock.sleep(10);
  }
  throw new Error("it did not come about within ten seconds");
}
