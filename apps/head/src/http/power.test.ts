import { ClusterError, silentLog } from "@bramble/core/base";
import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { fakeBox } from "../power/fake-parts.ts";
import { httpLimits } from "./limits.ts";
import { powerRoutes } from "./power.ts";
import { createGuard } from "./security.ts";
import { createApp } from "./server.ts";

const cluster = fakeCluster([
  { id: "misc", alwaysOn: true },
  { id: "g01", boards: 3 },
]);

async function room() {
  const box = fakeBox(cluster);
  const app = await createApp({
    guard: createGuard({ listen: "127.0.0.1", operatorToken: null, boardToken: null }),
    limits: httpLimits,
    log: silentLog,
    version: "1",
    api: [
      powerRoutes({
        ...box.power,
        cluster,
        log: silentLog,
        signal: new AbortController().signal,
        boardsOf(set) {
          if (set !== "all") throw new ClusterError("input.node-set", `there is no ${set}`);
          return cluster.boards.map(({ name }) => name);
        },
      }),
    ],
    root: [],
    upgrades: { accept: () => {}, close: () => {} },
  });
  const ask = async (method: "GET" | "POST", path: string, payload?: object) => {
    const body = payload === undefined ? {} : { payload };
    const answer = await app.inject({ method, url: `/api/v1${path}`, headers: { host: "localhost" }, ...body });
    return { status: answer.statusCode, body: answer.json() };
  };
  return {
    box,
    ask,
    async [Symbol.asyncDispose]() {
      await app.close();
      await box[Symbol.asyncDispose]();
    },
  };
}

test("an outlet is switched, read back and shown, and its boards follow", async () => {
  await using head = await room();
  expect(await head.ask("POST", "/outlets/pdu0.2", { on: true })).toMatchObject({
    status: 200,
    body: { id: "pdu0.2", on: true, watts: 100, boards: 3 },
  });
  expect(head.box.stateOf("b0001")).toBe("powering");
  const { body } = await head.ask("GET", "/outlets");
  expect(body.outlets).toMatchObject([
    { id: "pdu0.1", on: false, alwaysOn: true },
    { id: "pdu0.2", on: true, error: null },
  ]);
});

test.each([
  ["an outlet that nobody knows", "/outlets/pdu7.1", { on: true }, 404, "outlet.unknown"],
  ["an outlet that stays on by the file", "/outlets/pdu0.1", { on: false }, 409, "power.refused"],
  ["a word where true or false belongs", "/outlets/pdu0.2", { on: "yes" }, 400, "input.invalid"],
  ["a name that is too long", `/outlets/${"x".repeat(100)}`, { on: true }, 400, "input.invalid"],
  ["a node set that names nothing", "/power/up", { set: "@k99" }, 400, "input.node-set"],
  ["a node set without end", "/power/up", { set: "b".repeat(3000) }, 400, "input.invalid"],
])("%s is refused", async (_what, path, body, status, code) => {
  await using head = await room();
  expect(await head.ask("POST", path, body)).toMatchObject({ status, body: { error: { code } } });
});

test("a bring-up is accepted once, shown as busy, and can be cancelled", async () => {
  await using head = await room();
  expect(await head.ask("POST", "/power/up")).toEqual({ status: 202, body: { boards: 3, waves: 1 } });
  expect(await head.ask("POST", "/power/up", { set: "all" })).toMatchObject({ status: 409 });
  expect(await head.ask("POST", "/power/cancel")).toEqual({ status: 200, body: { cancelled: true } });
  await head.box.power.sequencer.settled();
  expect(await head.ask("POST", "/power/cancel")).toEqual({ status: 200, body: { cancelled: false } });
});

test("an outlet that a running plan has is not switched by hand", async () => {
  await using head = await room();
  await head.ask("POST", "/power/up");
  await pass(head.box, 8000);
  const answer = await head.ask("POST", "/outlets/pdu0.2", { on: false });
  expect(answer).toMatchObject({ status: 409, body: { error: { code: "power.busy" } } });
  expect(answer.body.error.message).toContain("plan p1 has pdu0.2");
});

test("a PDU that is away is told as such", async () => {
  await using head = await room();
  head.box.away.add("pdu0");
  const answer = head.ask("POST", "/outlets/pdu0.2", { on: true });
  for (let turn = 0; turn < 40; turn++) {
    await head.box.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await answer).toMatchObject({ status: 502, body: { error: { code: "power.connection" } } });
});

async function pass(box: Awaited<ReturnType<typeof room>>["box"], ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) await box.clock.advance(250);
}
