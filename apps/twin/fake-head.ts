/**
 * A small pretend head for working on the page and for its tests: serves dist/, REST and live frames for boards that wake
 * in waves. It is no part of Bramble itself and knows nothing but shapes.
 *
 * Run it: `node apps/twin/fake-head.ts [port] [boards] [speed]`.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { EventBody } from "@bramble/core/api";
import type { StateKind } from "@bramble/core/observe";
import type { BoardRow, Light } from "@bramble/core/show";
import { encodeFrame } from "@bramble/core/show";
import { WebSocketServer } from "ws";
import { createFakeBoot } from "./fake-boot.ts";
import { hex, policeBox, pretend, rowOf, warbleOf } from "./fake-cluster.ts";
import type { FakePower } from "./fake-power.ts";
import { createFakePower } from "./fake-power.ts";

/** How to pretend. */
export type FakeHeadOptions = {
  readonly port?: number;
  readonly boards?: number;
  /** Waves a second, more or less; 0 starts with everything up. */
  readonly speed?: number;
  readonly dist?: string;
  /** Does it serve DHCP, TFTP and HTTP to boot from? */
  readonly hasBootServers?: boolean;
};

/** A running pretend head. */
export type FakeHead = {
  readonly url: string;
  /** Cut every live stream, and refuse new ones and REST until `mend`. */
  cut(): void;
  mend(): void;
  /** As if another process had taken the address: every stream ends, sequences and events are counted anew. */
  restart(): void;
  /** Put boards into a state. */
  set(state: StateKind, indexes: readonly number[]): void;
  readonly power: Pick<FakePower, "hold" | "dueIn">;
  close(): Promise<void>;
};

const mimes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const pipeline: readonly StateKind[] = ["powering", "leasing", "loading", "starting", "up"];

/** Start pretending. */
export async function startFakeHead(options: FakeHeadOptions = {}): Promise<FakeHead> {
  const {
    port = 0,
    boards: wanted = 1050,
    speed = 1,
    dist = fileURLToPath(new URL("./dist", import.meta.url)),
    hasBootServers = true,
  } = options;
  const layout = policeBox(wanted);
  let startedAt = Date.now();
  const rows: BoardRow[] = layout.boards.map(({ index }) =>
    speed === 0 || index >= wanted ? rowOf("up", index) : rowOf("off", index),
  );
  const since = rows.map(() => startedAt);
  const boot = createFakeBoot({ layout, rows, since, hasServers: hasBootServers });
  let lights: Light[] = Array.from({ length: 24 }, () => [0, 0, 0]);
  let sequence = 1;
  let isCut = false;
  let turn = 0;
  let done = 0;
  const events: EventBody[] = [];
  const changed = new Set<number>();
  const warbles = new Map<
    string,
    {
      id: string;
      text: string;
      user: string;
      board: string;
      out: string[];
      asked: number;
      at: number;
      isCancelled: boolean;
    }
  >();
  const sockets = new WebSocketServer({ noServer: true });

  const tell = (kind: string, level: EventBody["level"], board: string | null, message: string): void => {
    const event = { id: events.length + 1, at: Date.now(), kind, level, board, message };
    events.push(event);
    for (const socket of sockets.clients) socket.send(JSON.stringify({ type: "event", event }));
  };
  const put = (index: number, row: BoardRow): void => {
    if (row.state !== rows[index]?.state) since[index] = Date.now();
    rows[index] = row;
    changed.add(index);
  };
  const counters = () => ({
    samplesPerSecond: rows.filter(({ state }) => state === "up").length / 5,
    warblesDone: done,
    warblesQueued: 0,
  });

  const power = createFakePower({
    layout,
    rows,
    set(state, indexes) {
      for (const index of indexes) put(index, rowOf(state, index));
      send();
    },
  });

  const step = (): void => {
    turn += 1;
    const waveNow = Math.floor((turn * speed) / 10);
    for (const [index, row] of rows.entries()) {
      if (index >= wanted) continue;
      const wave = Math.floor(index / 42);
      const age = turn * speed - wave * 10 - ((index * 7919) % 11);
      const isLazy = index % 97 === 41;
      if (speed > 0 && row.state !== "up" && row.state !== "silent" && row.state !== "failed" && age > 0) {
        const state = pipeline[Math.min(isLazy ? 2 : 4, Math.floor(age / 4))]!;
        if (isLazy && age > 60) put(index, { ...rowOf("failed", index), temperatureC: null, cpu: null, memory: null });
        else if (state !== row.state) put(index, rowOf(state, index));
      } else if (row.state === "up" && (index + turn) % 25 === 0) put(index, rowOf("up", index, turn));
    }
    if (speed > 0 && waveNow <= wanted / 42 && Number.isInteger((turn * speed) / 10))
      tell(
        "wave.start",
        "info",
        null,
        `Wave ${waveNow + 1} of ${Math.ceil(wanted / 42)}: group g${String(waveNow + 1).padStart(2, "0")}`,
      );
    send();
  };

  const send = (): void => {
    if (sockets.clients.size === 0) changed.clear();
    const base = sequence;
    sequence += 1;
    const delta = {
      kind: "delta" as const,
      base,
      sequence,
      at: Date.now(),
      rows: [...changed].sort((a, b) => a - b).map((index) => ({ index, row: rows[index]! })),
      lights,
      counters: counters(),
    };
    changed.clear();
    const bytes = encodeFrame(delta);
    for (const socket of sockets.clients) socket.send(bytes);
  };

  const bodyOf = (index: number) => {
    const row = rows[index]!;
    const seat = layout.boards[index]!;
    const isUp = row.state === "up";
    return {
      id: seat.name,
      name: seat.name,
      index,
      mac: index < wanted ? `b8:27:eb:00:${hex(index >> 8)}:${hex(index & 255)}` : "d8:3a:dd:00:be:ef",
      serial: null,
      model: index < wanted ? "Raspberry Pi 3 Model B+" : "this computer",
      address: `172.20.${11 + Math.floor(index / 42)}.${2 + (index % 42)}`,
      place:
        seat.bank === null
          ? null
          : {
              rack: seat.rack,
              bank: seat.bank,
              slot: seat.slot,
              switch: `s${String(1 + Math.floor(index / 42)).padStart(2, "0")}`,
              port: 1 + (index % 42),
              group: `g${String(1 + Math.floor(index / 42)).padStart(2, "0")}`,
            },
      state: row.state,
      cause:
        row.state === "silent"
          ? "stopped answering without a word"
          : row.state === "failed"
            ? "no answer after loading the kernel"
            : null,
      since: since[index],
      simulated: row.isSimulated,
      agent: "0.1.0",
      cores: 4,
      memoryMb: 1024,
      boot: null,
      working: row.isWorking,
      latest: isUp
        ? {
            at: Date.now(),
            cpu: row.cpu,
            load: 0.4,
            memoryUsedMb: 222,
            memoryTotalMb: 877,
            memory: row.memory,
            diskUsedGb: 5.2,
            diskTotalGb: 29,
            temperatureC: row.temperatureC,
            throttled: 0,
            rxKbps: 12,
            txKbps: 4,
            uptimeS: (Date.now() - startedAt) / 1000 + 60,
            processes: ["node", "systemd", "sshd", "kworker/0:1", "dbus-daemon"].map((name, at) => ({
              pid: 100 + at,
              name,
              user: at === 0 ? "bramble" : "root",
              cpu: 6.1 / (at + 1),
              memory: 4.2 / (at + 1),
            })),
          }
        : null,
    };
  };

  const answer = async (request: IncomingMessage, url: URL): Promise<{ status: number; body: unknown }> => {
    const path = url.pathname.slice("/api/v1".length);
    const ok = (body: unknown, status = 200) => ({ status, body });
    const missing = ok({ error: { code: "not-found", message: `There is no ${path}`, hint: "See /api/docs." } }, 404);
    const ofBoot = await boot(request.method ?? "GET", path, url.searchParams, () => readJson(request));
    if (ofBoot !== null) return ofBoot;
    const ofPower = await power.answer(request.method ?? "GET", path, url.searchParams, () => readJson(request));
    if (ofPower !== null) return ofPower;
    const cancelled = request.method === "POST" ? warbles.get(/^\/warbles\/(.+)\/cancel$/.exec(path)?.[1] ?? "") : null;
    if (cancelled != null) {
      if (request.headers["x-player-token"] !== "player-token")
        return ok({ error: { code: "auth.player", message: `the name "${cancelled.user}" is taken`, hint: "" } }, 403);
      cancelled.isCancelled = true;
      return ok({ cancelled: true });
    }
    if (request.method === "POST") {
      const { text, user } = (await readJson(request)) as { text: string; user: string };
      const result = pretend(text);
      if (path === "/warbles/run") return ok({ ...result, warnings: [], steps: 42 });
      const board = layout.boards[411 % layout.boards.length]!.name;
      const id = `w${warbles.size + 1}`;
      warbles.set(id, { id, text, user, board, out: result.out, asked: 0, at: Date.now(), isCancelled: false });
      for (const [kind, at, red, green, blue] of result.effects)
        if (kind === "LIGHTS")
          lights = lights.map((light, index) =>
            index === at ? [red as number, green as number, blue as number] : light,
          );
      done += 1;
      put(411 % rows.length, { ...rows[411 % rows.length]!, isWorking: true });
      return ok({ id, place: 1, waitMs: 400, token: "player-token" }, 202);
    }
    if (path === "/layout") return ok(layout);
    if (path === "/events") return ok({ events: [...events].reverse().slice(0, 100), next: null });
    if (path === "/lights") return ok({ lights });
    if (path === "/cluster") return ok(clusterOf());
    if (path === "/boards") {
      const set = url.searchParams.get("set");
      if (set?.includes("nonsense"))
        return ok({ error: { code: "input.node-set", message: `"${set}" is no node set`, hint: "" } }, 400);
      return ok({
        boards: layout.boards
          .filter(({ bank }) => set === null || set === `@${bank}`)
          .map(({ index }) => bodyOf(index)),
        next: null,
      });
    }
    if (path === "/warbles")
      return ok({ warbles: [...warbles.values()].map((each) => warbleOf(each, "done")), next: null });
    const board = /^\/boards\/(.+)$/.exec(path);
    if (board !== null) {
      const index = layout.boards.findIndex(({ name }) => name === decodeURIComponent(board[1]!));
      return index < 0 ? missing : ok(bodyOf(index));
    }
    const warble = warbles.get(/^\/warbles\/(.+)$/.exec(path)?.[1] ?? "");
    if (warble === undefined) return missing;
    warble.asked += 1;
    if (warble.isCancelled) return ok(warbleOf(warble, "failed"));
    // A big sum takes its time.
    return ok(warbleOf(warble, warble.asked > 1 && !warble.text.includes("SUM(") ? "done" : "leased"));
  };

  const clusterOf = () => {
    const states: Record<string, number> = {};
    for (const { state } of rows) states[state] = (states[state] ?? 0) + 1;
    const waves = Math.ceil(wanted / 42);
    const wave = Math.min(waves, Math.floor((turn * speed) / 10) + 1);
    const group = rows.slice((wave - 1) * 42, wave * 42);
    const isThrough = speed === 0 || turn * speed > waves * 10 + 70;
    return {
      name: "police-box",
      description: "1050 boards in a box",
      version: "0.1.0",
      startedAt,
      now: Date.now(),
      expected: layout.boards.length,
      states,
      hottest: { name: "b0300", temperatureC: 74.5 },
      samplesPerSecond: counters().samplesPerSecond,
      warbles: { queued: 0, leased: 0, done, failed: 0 },
      bringUp: {
        wave,
        waves,
        groups: [`g${String(wave).padStart(2, "0")}`],
        up: rows.filter(({ state }) => state === "up").length,
        expected: wanted,
        waveUp: group.filter(({ state }) => state === "up").length,
        waveExpected: group.length,
        missing: isThrough
          ? rows.flatMap(({ state }, index) => (state === "failed" ? [layout.boards[index]!.name] : []))
          : group.flatMap(({ state }, at) => (state === "up" ? [] : [layout.boards[(wave - 1) * 42 + at]!.name])),
        done: isThrough,
      },
      watts: { now: rows.filter(({ state }) => state === "up").length * 3.1, limit: 24_000 },
    };
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (!url.pathname.startsWith("/api/")) return void serveFile(dist, url.pathname, response);
    if (isCut) return void request.socket.destroy();
    void answer(request, url).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  server.on("upgrade", (request, socket, head) => {
    if (isCut) return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.send(encodeFrame({ kind: "snapshot", sequence, at: Date.now(), rows, lights, counters: counters() }));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const timer = setInterval(step, speed === 0 ? 1000 : 200);
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    cut() {
      isCut = true;
      for (const socket of sockets.clients) socket.terminate();
    },
    mend() {
      isCut = false;
    },
    restart() {
      sequence = 5;
      startedAt = Date.now();
      events.length = 0;
      for (const socket of sockets.clients) socket.terminate();
    },
    set(state, indexes) {
      for (const index of indexes) put(index, rowOf(state, index));
      if (indexes.length > 0)
        tell(`board.${state}`, "warn", layout.boards[indexes[0]!]!.name, `${indexes.length} boards are ${state}`);
      send();
    },
    power,
    async close() {
      clearInterval(timer);
      power[Symbol.dispose]();
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text === "" ? "{}" : text);
}

async function serveFile(dist: string, path: string, response: ServerResponse): Promise<void> {
  const wanted = join(dist, normalize(path));
  const isFile =
    wanted.startsWith(dist) &&
    (await stat(wanted)
      .then((found) => found.isFile())
      .catch(() => false));
  const file = isFile ? wanted : join(dist, "index.html");
  response.writeHead(200, { "content-type": mimes[extname(file)] ?? "application/octet-stream" });
  // A file may vanish under us while the page is built anew.
  createReadStream(file)
    .on("error", () => response.destroy())
    .pipe(response);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port = 8890, boards = 1050, speed = 1] = process.argv.slice(2).map(Number);
  const head = await startFakeHead({ port, boards, speed });
  process.stdout.write(`pretending at ${head.url}\n`);
}
