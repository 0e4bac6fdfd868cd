import { connect } from "node:net";
import { ClusterError, silentLog } from "@bramble/core/base";
import { type FastifyPluginAsyncTypebox, Type } from "@fastify/type-provider-typebox";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { httpLimits } from "./limits.ts";
import { createGuard } from "./security.ts";
import { type Server, startServer } from "./server.ts";
import { createUpgrades } from "./upgrade.ts";

const opened: Server[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server[Symbol.asyncDispose]();
});

const routes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    "/things",
    {
      config: { access: "viewer" },
      schema: { querystring: Type.Object({ n: Type.Optional(Type.Integer({ minimum: 1 })) }) },
    },
    async ({ query }) => ({ n: query.n ?? null }),
  );
  app.post(
    "/things",
    { config: { access: "player" }, schema: { body: Type.Object({ on: Type.Boolean() }) } },
    async ({ body }) => body,
  );
  app.post("/reports", { config: { access: "board" } }, async () => ({ ok: true }));
  app.delete("/things", { config: { access: "operator" } }, async () => ({ ok: true }));
  app.get("/unsaid", async () => ({ ok: true }));
  app.get("/broken", { config: { access: "viewer" } }, async () => {
    throw new TypeError("secret inside");
  });
  app.get("/busy", { config: { access: "viewer" } }, async () => {
    throw new ClusterError("power.busy", "one is running");
  });
};

async function server({
  operatorToken = null,
  boardToken = null,
  perMinute = {},
  viewers = 2,
}: {
  operatorToken?: string | null;
  boardToken?: string | null;
  perMinute?: Partial<typeof httpLimits.perMinute>;
  viewers?: number;
} = {}) {
  const guard = createGuard({ listen: "127.0.0.1", operatorToken, boardToken });
  const sockets: WebSocket[] = [];
  const upgrades = createUpgrades(
    [
      {
        path: "/api/v1/live",
        access: "viewer",
        maxPayloadBytes: 100,
        maxSockets: viewers,
        accept: (socket) => sockets.push(socket),
      },
      {
        path: "/api/v1/link",
        access: "open",
        maxPayloadBytes: 100,
        maxSockets: 9,
        accept: (socket) => sockets.push(socket),
      },
    ],
    guard,
  );
  const limits = { ...httpLimits, perMinute: { ...httpLimits.perMinute, ...perMinute } };
  const started = await startServer(
    { guard, limits, log: silentLog, version: "1.2.3", api: [routes], root: [], upgrades },
    { host: "127.0.0.1", port: 0 },
  );
  opened.push(started);
  const url = `http://127.0.0.1:${started.port}`;
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
  };
  return { url, port: started.port, ask, sockets };
}

const json = (body: unknown, headers = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

test.each([
  ["an unknown path", "/api/v1/nothing", {}, 404, "not-found"],
  ["an unknown path outside the API", "/nothing", {}, 404, "not-found"],
  ["a method that a path does not take", "/api/v1/things", { method: "PUT" }, 404, "not-found"],
  ["a query out of range", "/api/v1/things?n=0", {}, 400, "input.invalid"],
  ["a query of another kind", "/api/v1/things?n=seven", {}, 400, "input.invalid"],
  ["a broken percent escape", "/api/v1/things/%zz", {}, 400, "input.invalid"],
  ["a body that is no JSON", "/api/v1/things", json("{"), 400, "input.invalid"],
  ["an empty body", "/api/v1/things", json(""), 400, "input.invalid"],
  ["a body of another shape", "/api/v1/things", json({ on: "yes" }), 400, "input.invalid"],
  ["a list where an object belongs", "/api/v1/things", json([]), 400, "input.invalid"],
  ["a body that reaches for prototypes", "/api/v1/things", json('{"__proto__":{"on":true}}'), 400, "input.invalid"],
  [
    "a form",
    "/api/v1/things",
    json("on=true", { "content-type": "application/x-www-form-urlencoded" }),
    415,
    "input.media-type",
  ],
  [
    "plain text, which foreign pages may send",
    "/api/v1/things",
    json("{}", { "content-type": "text/plain" }),
    415,
    "input.media-type",
  ],
  ["a body that is too large", "/api/v1/things", json(`"${"x".repeat(3_000_000)}"`), 413, "input.too-large"],
  ["a body nested a hundred thousand deep", "/api/v1/things", json("[".repeat(100_000)), 400, "input.invalid"],
  ["an error of a room", "/api/v1/busy", {}, 409, "power.busy"],
  ["a mistake of ours", "/api/v1/broken", {}, 500, "internal"],
])("%s is answered with the one body of errors", async (_what, path, init, status, code) => {
  const { ask } = await server();
  const answer = await ask(path, init);
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(Object.keys(answer.body.error)).toEqual(["code", "message", "hint"]);
  expect(JSON.stringify(answer.body)).not.toContain("secret inside");
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'self'");
});

test("a wrong body is told by where it is wrong", async () => {
  const { ask } = await server();
  expect((await ask("/api/v1/things", json({ on: 1 }))).body.error.message).toMatch(/^body\.on /);
});

test("an application with prototypes on its mind changes none", async () => {
  const { ask } = await server();
  await ask("/api/v1/things", json('{"on":true,"constructor":{"prototype":{"hurt":1}}}'));
  expect(Object.hasOwn(Object.prototype, "hurt")).toBe(false);
});

test("bytes that are no HTTP are answered and the connection ends", async () => {
  const { port } = await server();
  const said = await raw(port, "HELO mail.example\r\n\r\n");
  expect(said).toMatch(/^HTTP\/1\.1 400/);
  expect(said).toContain('"code":"input.invalid"');
});

test("on loopback a name that is not loopback's is refused: the page of a rebound name reads nothing", async () => {
  const { port } = await server();
  const ask = (host: string) => raw(port, `GET /api/v1/things HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  for (const host of ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "[::2]", "0.0.0.0"])
    expect(await ask(host)).toMatch(/^HTTP\/1\.1 40[03]/);
  for (const host of ["localhost", `127.0.0.1:${port}`, "[::1]:80", "LOCALHOST:1"])
    expect(await ask(host)).toMatch(/^HTTP\/1\.1 200/);
});

test("a foreign page may change nothing; our own may", async () => {
  const { ask, url } = await server();
  for (const origin of ["http://evil.example", "null", "http://127.0.0.1:1", "file://"])
    expect(await ask("/api/v1/things", json({ on: true }, { origin }))).toMatchObject({ status: 403 });
  expect(await ask("/api/v1/things", json({ on: true }, { origin: url }))).toMatchObject({ status: 200 });
});

test("with tokens each route asks for its access, and one that does not say asks for an operator", async () => {
  const { ask } = await server({ operatorToken: "operator-token", boardToken: "board-token" });
  const as = (token: string | null) => (token === null ? {} : { authorization: `Bearer ${token}` });
  const status = async (method: string, path: string, token: string | null) =>
    (await ask(path, { method, headers: as(token) })).status;
  for (const token of [null, "wrong-token", "operator-toke", "operator-token2"]) {
    expect(await status("GET", "/api/v1/things", token)).toBe(401);
    expect(await status("POST", "/api/v1/reports", token)).toBe(401);
  }
  expect(await status("GET", "/api/v1/things", "operator-token")).toBe(200);
  expect(await status("GET", "/api/v1/unsaid", "operator-token")).toBe(200);
  expect(await status("POST", "/api/v1/reports", "operator-token")).toBe(200);
  expect(await status("POST", "/api/v1/reports", "board-token")).toBe(200);
  expect(await status("DELETE", "/api/v1/things", "board-token")).toBe(403);
  expect(await status("GET", "/api/v1/unsaid", "board-token")).toBe(403);
  expect(await status("GET", "/api/docs/json", null)).toBe(200);
});

test("public posts are limited sooner than reads, and told when to come again", async () => {
  const { ask } = await server({ perMinute: { player: 3 } });
  const posts = await Promise.all(Array.from({ length: 5 }, () => ask("/api/v1/things", json({ on: true }))));
  const refused = posts.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(2);
  expect(refused[0]).toMatchObject({ body: { error: { code: "limit.rate" } } });
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await ask("/api/v1/things")).status).toBe(200);
});

test("the API describes itself", async () => {
  const { ask } = await server();
  const { body } = await ask("/api/docs/json");
  expect(body).toMatchObject({ info: { title: "Bramble", version: "1.2.3" } });
  expect(Object.keys(body.paths)).toContain("/api/v1/things");
  const page = await ask("/api/docs/");
  expect(page.status).toBe(200);
  expect(page.body).toContain("swagger");
});

test.each([
  ["a path where none are taken", "/api/v1/things", {}, 404],
  ["the root", "/", {}, 404],
  ["a foreign page", "/api/v1/live", { origin: "http://evil.example" }, 403],
  ["a rebound name", "/api/v1/live", { headers: { host: "evil.example" } }, 403],
  ["an absolute address", "//api/v1/live", {}, 404],
])("a WebSocket is refused: %s", async (_what, path, options, status) => {
  const { url } = await server();
  expect(await refusal(new WebSocket(url.replace("http", "ws") + path, options))).toBe(status);
});

test("a viewer needs its token, as a header or as a protocol; a link may tell its own in its hello", async () => {
  const { url } = await server({ operatorToken: "operator-token" });
  const live = `${url.replace("http", "ws")}/api/v1/live`;
  expect(await refusal(new WebSocket(live))).toBe(401);
  const byHeader = new WebSocket(live, { headers: { authorization: "Bearer operator-token" } });
  const byProtocol = new WebSocket(live, ["bramble", "bramble.bearer.operator-token"]);
  await Promise.all([open(byHeader), open(byProtocol), open(new WebSocket(live.replace("live", "link")))]);
  expect(byProtocol.protocol).toBe("bramble");
});

test("more viewers than the cap are told so, and room is made when one leaves", async () => {
  const { url } = await server({ viewers: 2 });
  const live = `${url.replace("http", "ws")}/api/v1/live`;
  const [first, second] = [new WebSocket(live), new WebSocket(live)];
  await Promise.all([open(first), open(second)]);
  expect(await refusal(new WebSocket(live))).toBe(503);
  first.close();
  await new Promise((resolve) => first.once("close", resolve));
  await open(new WebSocket(live));
});

test("a WebSocket message that is too large, or no frame at all, closes that socket only", async () => {
  const { url, ask, sockets } = await server();
  const link = `${url.replace("http", "ws")}/api/v1/link`;
  const large = new WebSocket(link);
  await open(large);
  large.send("x".repeat(200));
  expect(await closed(large)).toBe(1009);
  const broken = new WebSocket(link);
  await open(broken);
  (broken as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(Uint8Array.of(0xff, 0xff, 0xff));
  expect(await closed(broken)).toBeGreaterThanOrEqual(1002);
  expect(sockets).toHaveLength(2);
  expect((await ask("/api/v1/things")).status).toBe(200);
});

test("a server that stops ends its WebSockets and waits for nobody", async () => {
  const { url } = await server();
  const link = new WebSocket(`${url.replace("http", "ws")}/api/v1/link`);
  await open(link);
  const ended = closed(link);
  await opened.pop()?.[Symbol.asyncDispose]();
  expect(await ended).toBe(1006);
});

function open(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
}

function closed(socket: WebSocket): Promise<number> {
  socket.on("error", () => {});
  return new Promise((resolve) => socket.once("close", resolve));
}

function refusal(socket: WebSocket): Promise<number | undefined> {
  socket.on("error", () => {});
  return new Promise((resolve) => socket.once("unexpected-response", (_request, answer) => resolve(answer.statusCode)));
}

/** Writes these very bytes and gives all that comes back. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", () => {});
    socket.on("data", (data) => {
      said += String(data);
    });
    socket.on("close", () => resolve(said));
  });
}
