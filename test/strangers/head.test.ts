import { connect } from "node:net";
import { encodeSamples } from "@bramble/core/observe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { frames, octets, requests, texts, words } from "./corpus.ts";
import { exchange, startHead, upgradeOf } from "./programs.ts";

type Head = Awaited<ReturnType<typeof startHead>>;
let head: Head;
beforeAll(async () => {
  head = await startHead();
});
afterAll(() => head[Symbol.asyncDispose]());

type Route = { readonly method: string; readonly path: string; readonly hasBody: boolean };

async function routes(): Promise<Route[]> {
  const document = (await (await fetch(`${head.ready}/api/docs/json`)).json()) as {
    paths: Record<string, Record<string, { requestBody?: unknown }>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => ({
      ...{ method: method.toUpperCase(), path, hasBody: requestBody !== undefined },
    })),
  );
}

/** An answer of ours: what was asked for, or an error in our shape that is not our own mistake. */
async function expectOurs(what: string, answered: Promise<Response>): Promise<void> {
  const answer = await answered;
  const body = await answer.text();
  if (answer.status < 400) return;
  expect(answer.status, `${what}: ${body}`).not.toBe(500);
  const { error } = JSON.parse(body) as { error: Record<string, string> };
  // Redfish says in its own form what went wrong (DSP0266 §8.6), but for what is refused before any door is chosen.
  const isRedfish = what.includes("/redfish/") && Object.hasOwn(error, "@Message.ExtendedInfo");
  expect(Object.keys(error), what).toEqual(["code", "message", isRedfish ? "@Message.ExtendedInfo" : "hint"]);
  expect(error.code, what).not.toMatch(/internal/i);
  expect(error.message?.length, what).toBeLessThan(1000);
}

describe("REST", () => {
  const pathOf = (path: string, word: string): string => head.ready + path.replace(/\{\w+\}/g, word);

  test("every route answers whatever stands in its path and query", async () => {
    for (const { method, path } of await routes()) {
      for (const [what, word] of words) {
        const query = ["limit", "cursor", "state", "set", "from", "to", "user", "wait", "before"];
        const init = method === "GET" ? {} : { method };
        if (path.includes("{")) await expectOurs(`${method} ${path}, ${what}`, fetch(pathOf(path, word), init));
        const asked = query.map((key) => `${key}=${word}`).join("&");
        await expectOurs(`${method} ${path}?…, ${what}`, fetch(`${pathOf(path, "b1")}?${asked}`, init));
        for (const key of query)
          if (method === "GET")
            await expectOurs(`${path}?${key}, ${what}`, fetch(`${pathOf(path, "b1")}?${key}=${word}`));
      }
    }
    await head.wellAfter("hostile paths and queries");
  });

  test("every route answers whatever is posted to it", async () => {
    for (const { method, path } of (await routes()).filter(({ hasBody }) => hasBody)) {
      const post = (body: string | Uint8Array, type = "application/json") =>
        fetch(pathOf(path, "b1"), { method, body: body as BodyInit, headers: { "content-type": type } });
      for (const [what, body] of [...texts, ...octets]) {
        await expectOurs(`${method} ${path}, ${what}`, post(body));
        // A list is what some routes take too.
        if (typeof body === "string") await expectOurs(`${method} ${path}, a list of ${what}`, post(`[${body}]`));
      }
      await expectOurs(
        `${method} ${path}, 9 MB`,
        post(" ".repeat(9 * 2 ** 20)).catch(() => new Response()),
      );
      for (const type of [
        "text/plain",
        "application/xml",
        "application/json; charset=utf-16",
        "x",
        "multipart/form-data",
      ])
        await expectOurs(`${method} ${path}, ${type}`, post("{}", type));
    }
    await head.wellAfter("hostile bodies");
  });

  test("samples of 1970, of the year 9999 and of any times twice are answered soon", async () => {
    const post = (samples: unknown) =>
      fetch(`${head.ready}/api/v1/samples`, {
        ...{ method: "POST", body: JSON.stringify(samples), headers: { "content-type": "application/json" } },
      });
    const mac = "b8:27:eb:77:00:01";
    expect((await post({ mac, at: 0, cpu: 1 })).status).toBe(202);
    expect((await post({ mac, at: 253_402_300_799_000, cpu: 1 })).status).toBe(400);
    expect((await post({ mac, at: Date.UTC(2200, 1), cpu: 1 })).status).toBe(202);
    const anyTimes = () =>
      Array.from({ length: 5000 }, () => ({ mac, at: Math.floor(Math.random() * 1.7e12), cpu: 1 }));
    const since = performance.now();
    for (let n = 0; n < 3; n++) expect((await post(anyTimes())).status).toBe(202);
    // It took 45 s when each was looked for in every packed block.
    expect(performance.now() - since).toBeLessThan(15_000);
    const board = (await (await fetch(`${head.ready}/api/v1/boards/${mac}`)).json()) as { latest: { at: number } };
    expect(board.latest.at).toBeLessThanOrEqual(Date.now() + 300_000);
    await head.wellAfter("samples of all times");
  });
});

describe("HTTP", () => {
  test("whatever is no request is answered in our shape, or the connection is closed", async () => {
    const sent = [...requests.map(([what, text]) => [what, text.replaceAll("\n", "\r\n")] as const), ...octets];
    await Promise.all(
      sent.map(async ([what, input]) => {
        const { text, isClosed } = await exchange(head.port, input);
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
        expect(isClosed || status > 0 || input.length < 600, `${what}: ${text}`).toBe(true);
        expect(status, what).not.toBe(500);
        if (status >= 400 && text.includes("{")) expect(text, what).toContain('{"error":{"code":');
      }),
    );
    await head.wellAfter("what is no HTTP");
  });

  test("thousands of requests on one connection, none of whose answers is read, cost little", async () => {
    const sockets = Array.from({ length: 4 }, () =>
      connect(head.port, "127.0.0.1")
        .on("error", () => {})
        .pause(),
    );
    const ask = "GET /api/v1/boards?limit=5000 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".repeat(1500);
    for (const socket of sockets) socket.write(ask);
    await head.wellAfter("pipelined requests");
    for (const socket of sockets) socket.destroy();
  });

  test("bodies that never end cost little, and small ones are taken meanwhile", async () => {
    const piece = new Uint8Array(7 * 2 ** 20).fill(32);
    const begin =
      "POST /api/v1/samples HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 8000000\r\n\r\n";
    const sockets = Array.from({ length: 40 }, () => connect(head.port, "127.0.0.1").on("error", () => {}));
    const closed = Promise.race(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    for (const socket of sockets) socket.write(begin);
    for (const socket of sockets) socket.write(piece);
    await closed;
    const small = fetch(`${head.ready}/api/v1/boot`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ mac: "b8:27:eb:77:00:02", step: "kernel" }),
    });
    expect((await small).status).toBe(202);
    await head.wellAfter("bodies without an end");
    for (const socket of sockets) socket.destroy();
  });
});

const hex = (n: number) => n.toString(16).padStart(2, "0");

const hello = (n: number) =>
  JSON.stringify({
    ...{
      type: "hello",
      mac: `b8:27:eb:78:${hex(n >> 8)}:${hex(n & 255)}`,
      serial: null,
      model: null,
      address: null,
    },
    ...{ agent: "0", node: "24", cores: 4, memoryMb: 800, bootId: "x" },
  });

/** A WebSocket that is open; its close is in `ended`. */
async function dial(path: string): Promise<{ socket: WebSocket; ended: Promise<number> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${head.port}${path}`);
  const ended = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("open", resolve));
  return { socket, ended };
}

async function linked(n: number): Promise<{ socket: WebSocket; ended: Promise<number> }> {
  const link = await dial("/api/v1/link");
  const welcome = new Promise((resolve) => link.socket.once("message", resolve));
  link.socket.send(hello(n));
  await welcome;
  return link;
}

describe("the link", () => {
  test("ends for whatever is no message, before and after the welcome, and for nobody else", async () => {
    const kind = await linked(0);
    const cases = [...texts, ...octets];
    await Promise.all(
      cases.flatMap(([what, input], n) =>
        [dial("/api/v1/link"), linked(n + 1)].map(async (opening) => {
          const { socket, ended } = await opening;
          socket.send(input, { binary: typeof input !== "string" });
          expect([1002, 1006, 1007, 1008, 1009], what).toContain(await ended);
        }),
      ),
    );
    const stored = new Promise((resolve) => kind.socket.once("message", resolve));
    const sample = { cpu: 5, load: null, memoryUsedMb: null, memoryTotalMb: null, diskUsedGb: null, diskTotalGb: null };
    const rest = { temperatureC: 40, throttled: null, rxKbps: null, txKbps: null, uptimeS: null, processes: [] };
    kind.socket.send(encodeSamples([{ ...sample, ...rest, at: Date.now() }]));
    expect(String(await stored)).toContain('"stored"');
    kind.socket.terminate();
    await head.wellAfter("hostile messages on the link");
  });

  test("lets go the messages that are begun and never ended", async () => {
    const links = await Promise.all(Array.from({ length: 120 }, (_, n) => linked(100 + n)));
    const ended = Promise.race(links.map(({ ended }) => ended));
    for (const { socket } of links) socket.send(new Uint8Array(1_900_000), { fin: false });
    expect([1006, 1009]).toContain(await ended);
    await head.wellAfter("messages without an end");
    for (const { socket } of links) socket.terminate();
  });
});

describe.each(["/api/v1/link", "/api/v1/live"])("the WebSocket %s", (path) => {
  test("closes for frames that are none", async () => {
    const upgrade = new TextEncoder().encode(upgradeOf(path));
    await Promise.all(
      frames.map(async ([what, frame]) => {
        const { text } = await exchange(head.port, Uint8Array.from([...upgrade, ...frame]), 3000);
        expect(text, what).toMatch(/^HTTP\/1\.1 101 /);
      }),
    );
    await head.wellAfter(`hostile frames on ${path}`);
  });
});

test("a viewer that reads nothing and pings without end is let go", async () => {
  const socket = connect(head.port, "127.0.0.1")
    .on("error", () => {})
    .pause();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(upgradeOf("/api/v1/live"));
  const pings = new Uint8Array(6 * 20_000);
  for (let n = 0; n < 20_000; n++) pings.set([0x89, 0x80], n * 6);
  socket.write(pings);
  socket.resume();
  await closed;
  await head.wellAfter("a viewer's pings");
});
