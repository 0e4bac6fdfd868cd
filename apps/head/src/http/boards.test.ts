import { readFileSync } from "node:fs";
import type { BoardBody } from "@bramble/core/api";
import { silentLog } from "@bramble/core/base";
import { parseCluster } from "@bramble/core/cluster";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepEvents } from "../observe/events.ts";
import { helloOf, macOf, observeRig, quietSample } from "../observe/rig.ts";
import { boardRoutes } from "./boards.ts";
import { eventRoutes } from "./events.ts";
import { httpLimits } from "./limits.ts";
import { sampleRoutes } from "./samples.ts";
import { createGuard } from "./security.ts";
import { createApp } from "./server.ts";
import { createUpgrades } from "./upgrade.ts";

const parsed = parseCluster(readFileSync(new URL("../../../../examples/mini-84.yaml", import.meta.url), "utf8"));
if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
const { cluster } = parsed;

let rig: Awaited<ReturnType<typeof observeRig>>;
let app: Awaited<ReturnType<typeof createApp>>;
let ticking: NodeJS.Immediate;
let isTicking: boolean;

beforeEach(async () => {
  rig = await observeRig(cluster);
  const stored: { id: number; at: number; kind: string; level: "info"; board: null; message: string }[] = [];
  const store = {
    append: async () => {},
    lastId: () => 0,
    list: () => stored,
  };
  const events = keepEvents({ store, bus: rig.bus, clock: rig.clock, log: silentLog });
  const guard = createGuard({ listen: "127.0.0.1", operatorToken: null, boardToken: null });
  app = await createApp({
    ...{ guard, limits: httpLimits, log: silentLog, version: "0" },
    api: [
      boardRoutes({ roster: rig.roster, cluster, samples: rig.samples }),
      sampleRoutes({ ingest: rig.ingest }),
      eventRoutes({ events }),
    ],
    root: [],
    upgrades: createUpgrades([], guard),
  });
  // The store's tick goes on while a request waits for it.
  isTicking = true;
  const tick = (): void => {
    void rig.clock.advance(10).then(() => {
      if (isTicking) ticking = setImmediate(tick);
    });
  };
  tick();
});
afterEach(async () => {
  isTicking = false;
  clearImmediate(ticking);
  await app.close();
  await rig[Symbol.asyncDispose]();
});

const get = async (url: string) => {
  const answer = await app.inject({ url: `/api/v1${url}` });
  return { status: answer.statusCode, body: answer.json() };
};
const names = (body: { boards: BoardBody[] }): string[] => body.boards.map(({ name }) => name);
const post = async (payload: unknown, headers: Record<string, string> = { "content-type": "application/json" }) => {
  const answer = await app.inject({
    ...{ method: "POST", url: "/api/v1/samples", headers },
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
  });
  return { status: answer.statusCode, body: answer.json() };
};

test("a place that nobody was seen at is a board that is off", async () => {
  const { status, body } = await get("/boards/b07");
  const slot = cluster.boards[6]!;
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: "b07", name: "b07", index: 6, mac: null, state: "off", cause: null, latest: null });
  expect(body.place).toEqual({
    ...{ rack: slot.rack, bank: slot.bank, slot: slot.slot, switch: slot.switch, port: slot.port, group: slot.group },
  });
});

test("a board tells who it is, how it stands and why, and its newest sample", async () => {
  await rig.registry.register(helloOf(macOf(1), { address: cluster.boards[0]!.address, serial: "abc" }));
  rig.registry.apply(0, { kind: "linked" });
  await rig.ingest.fromLink(macOf(1), [quietSample(rig.clock.now(), 12.5)]);
  rig.registry.apply(0, { kind: "lapsed" });
  for (const id of [macOf(1), "b01", "B1", "b001"]) {
    const { body } = await get(`/boards/${encodeURIComponent(id)}`);
    expect(body).toMatchObject({ id: macOf(1), name: "b01", serial: "abc", state: "silent", simulated: true });
    expect(body.cause).toMatch(/stopped answering/);
    expect(body.latest).toMatchObject({ cpu: 12.5, memory: 25.3, diskUsedGb: null, processes: [] });
  }
});

test("a board that nobody knows is named in the error, with the nearest that there is", async () => {
  const { status, body } = await get("/boards/b99");
  expect(status).toBe(404);
  expect(body.error).toMatchObject({ code: "board.unknown" });
  expect(body.error.message).toMatch(/"b99"; the nearest name is/);
});

test("boards are listed in the order of the layout, page by page", async () => {
  const seen: string[] = [];
  let next: string | null = "0";
  while (next !== null) {
    const { body } = await get(`/boards?limit=20&cursor=${next}`);
    seen.push(...names(body));
    next = body.next;
  }
  expect(seen).toEqual(cluster.boards.map(({ name }) => name));
  expect(names((await get("/boards")).body)).toHaveLength(84);
});

test("boards are chosen by state and by node set", async () => {
  await rig.registry.register(helloOf(macOf(1)));
  rig.registry.apply(3, { kind: "powered", on: true });
  rig.registry.apply(84, { kind: "linked" });
  expect(names((await get("/boards?state=powering")).body)).toEqual(["b04"]);
  expect(names((await get("/boards?state=powering,up")).body)).toEqual(["b04", "x-010001"]);
  expect(names((await get(`/boards?set=${encodeURIComponent("b[3-6]!b5")}`)).body)).toEqual(["b03", "b04", "b06"]);
  expect(names((await get("/boards?set=b[1-9]%26@powering")).body)).toEqual(["b04"]);
  expect(names((await get("/boards?set=x-010001,b01&state=off")).body)).toEqual(["b01"]);
});

test.each([
  ["a state that is none", "/boards?state=asleep", "input.invalid", /"asleep" is no state; there are off/],
  ["a node set that is none", "/boards?set=b[1-", "input.node-set", /character/],
  ["a misspelled group", "/boards?set=@siletn", "input.node-set", /silent/],
  ["a limit too high", "/boards?limit=100000", "input.invalid", /./],
  ["a limit that is no number", "/boards?limit=many", "input.invalid", /./],
  ["a cursor below nothing", "/boards?cursor=-1", "input.invalid", /./],
  ["samples from no time", "/boards/b01/samples?from=yesterday", "input.invalid", /./],
])("%s is refused with a clear word", async (_, url, code, message) => {
  const { status, body } = await get(url);
  expect(status).toBe(400);
  expect(body.error.code).toBe(code);
  expect(body.error.message).toMatch(message);
});

test("the newest hour of a board is told oldest first, page by page", async () => {
  await rig.registry.register(helloOf(macOf(1)));
  const now = rig.clock.now();
  await rig.ingest.fromLink(
    macOf(1),
    [4, 2, 3, 0, 1].map((n) => quietSample(now - n * 5000, n)),
  );
  const url = `/boards/${macOf(1)}/samples`;
  const first = (await get(`${url}?limit=3`)).body;
  expect(first.samples.map(({ cpu }: { cpu: number }) => cpu)).toEqual([4, 3, 2]);
  const second = (await get(`${url}?limit=3&cursor=${first.next}`)).body;
  expect(second.samples.map(({ cpu }: { cpu: number }) => cpu)).toEqual([1, 0]);
  expect(second.next).toBeNull();
  expect((await get(`${url}?from=${now - 5000}&to=${now - 1}`)).body.samples).toHaveLength(1);
  expect((await get("/boards/b01/samples")).body).toEqual({ samples: [], next: null });
});

test("a sample that is posted is stored and shown, and its board discovered", async () => {
  const at = rig.clock.now();
  const sample = {
    mac: "B8-27-EB-01-00-07",
    at,
    cpu: 9.7,
    temperatureC: 42.7,
    processes: [{ pid: 1, name: "systemd", user: "root", cpu: 1.2, memory: 0.8 }],
  };
  expect(await post(sample)).toEqual({ status: 202, body: { stored: 1 } });
  expect(await post([sample, { ...sample, at: at + 1 }])).toEqual({ status: 202, body: { stored: 1 } });
  const { body } = await get(`/boards/${macOf(7)}`);
  expect(body).toMatchObject({
    name: "x-010007",
    state: "up",
    simulated: false,
    latest: { cpu: 9.7, load: null, at: at + 1 },
  });
  expect(body.latest.processes).toEqual(sample.processes);
});

test.each<[string, unknown, number, string]>([
  ["no JSON", "{", 400, "input.invalid"],
  ["nothing", "", 400, "input.invalid"],
  ["a text", '"sample"', 400, "input.invalid"],
  ["no time", { mac: macOf(1) }, 400, "input.invalid"],
  ["a CPU of 101 percent", { mac: macOf(1), at: 1, cpu: 101 }, 400, "input.invalid"],
  ["a wrong kind of reading", { mac: macOf(1), at: 1, cpu: "hot" }, 400, "input.invalid"],
  ["a time past all times", { mac: macOf(1), at: 1e300 }, 400, "input.invalid"],
  [
    "six processes",
    { mac: macOf(1), at: 1, processes: new Array(6).fill({ pid: 1, name: "a", user: "b", cpu: 0, memory: 0 }) },
    400,
    "input.invalid",
  ],
  ["a MAC that is none", { mac: "nobody", at: 1 }, 400, "input.mac"],
  ["5,001 samples", new Array(5001).fill({ mac: macOf(1), at: 1 }), 400, "input.invalid"],
  ["9 MB", " ".repeat(9 * 2 ** 20), 413, "input.too-large"],
])("a post of %s is refused and stores nothing", async (_, payload, status, code) => {
  const answer = await post(payload);
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  expect(rig.ingest.counters().stored).toBe(0);
});

test("a post of another media type is refused", async () => {
  expect((await post("cpu=5", { "content-type": "application/x-www-form-urlencoded" })).status).toBe(415);
});

test("a full list of 5,000 samples is taken", async () => {
  const at = rig.clock.now();
  const samples = Array.from({ length: 5000 }, (_, n) => ({ mac: macOf(n % 84), at: at - n, cpu: 5 }));
  expect(await post(samples)).toEqual({ status: 202, body: { stored: 5000 } });
});

test("a store that cannot write answers 503 and acknowledges nothing", async () => {
  await rig.registry.register(helloOf(macOf(1)));
  rig.db.read((sql) => sql.exec("PRAGMA query_only = 1"));
  const { status, body } = await post({ mac: macOf(1), at: rig.clock.now(), cpu: 1 });
  rig.db.read((sql) => sql.exec("PRAGMA query_only = 0"));
  expect([status, body.error.code]).toEqual([503, "store.unavailable"]);
});

test("events are told newest first, page by page", async () => {
  for (const message of ["one", "two", "three"])
    rig.bus.emit("event", { kind: "test", level: "info", board: null, message });
  const { body } = await get("/events?limit=2");
  expect(body.events.map(({ message }: { message: string }) => message)).toEqual(["three", "two"]);
  const older = await get(`/events?limit=2&cursor=${body.next}`);
  expect(older.body.events.map(({ message }: { message: string }) => message)).toEqual(["one"]);
});
