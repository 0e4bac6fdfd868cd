import { silentLog } from "@bramble/core/base";
import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { checkPost } from "../work/check.ts";
import { createRig, fakeSandbox, plainOutcome, type Rig } from "../work/rig.ts";
import { installErrors } from "./errors.ts";
import { lightRoutes } from "./lights.ts";
import { soundRoutes } from "./sounds.ts";
import { warbleRoutes } from "./warbles.ts";

const closing: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function server(options: Parameters<typeof createRig>[0] = {}): Promise<{ app: FastifyInstance; it: Rig }> {
  const it = await createRig({ check: checkPost, ...options });
  const app = fastify({ routerOptions: { maxParamLength: 200 } });
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  installErrors(app, silentLog);
  for (const routes of [warbleRoutes, lightRoutes, soundRoutes]) await app.register(routes({ work: it.work }));
  await app.ready();
  closing.push(it, { [Symbol.asyncDispose]: async () => app.close() });
  return { app, it };
}

const hello = '#pi{PRINT("hello cluster")}';

test("a post is answered with its id, its place and once a token, and reading it gives its result", async () => {
  const { app, it } = await server();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const posted = await app.inject({ method: "POST", url: "/warbles", payload: { text: hello, user: "ada" } });
  expect(posted.statusCode).toBe(202);
  expect(posted.json()).toEqual({
    ...{ id: "w1", token: expect.stringMatching(/^p_/) },
    ...{ place: expect.any(Number), waitMs: expect.any(Number) },
  });
  await it.answer(board, {
    out: ["hello cluster"],
    effects: [
      ["LIGHTS", 0, 1, 2, 3],
      ["LOG", "x"],
    ],
  });
  const read = await app.inject({ url: "/warbles/w1" });
  expect(read.json()).toEqual({
    ...{ id: "w1", user: "web:ada", text: hello, state: "done", board: "b0001", place: null, attempts: 1 },
    ...{ postedAt: it.clock.now(), endedAt: it.clock.now(), ms: 5, fold: null, steps: 2, error: null, warnings: [] },
    out: ["hello cluster"],
    effects: [
      ["LIGHTS", 0, 1, 2, 3],
      ["LOG", "x"],
    ],
  });
  const lights = (await app.inject({ url: "/lights" })).json().lights;
  expect(lights).toHaveLength(24);
  expect(lights[0]).toEqual([1, 2, 3]);
});

test("the player token comes as x-player-token or as the bearer", async () => {
  const { app } = await server();
  const post = (headers: Record<string, string>) =>
    app.inject({ method: "POST", url: "/warbles", headers, payload: { text: "{1}", user: "ada" } });
  const { token } = (await post({})).json();
  expect((await post({ "x-player-token": token })).statusCode).toBe(202);
  expect((await post({ authorization: `Bearer ${token}` })).statusCode).toBe(202);
  const refused = await post({});
  expect(refused.statusCode).toBe(403);
  expect(refused.json().error).toMatchObject({ code: "auth.player", hint: expect.stringContaining("player token") });
  expect((await post({ "x-player-token": "wrong", authorization: `Bearer ${token}` })).statusCode).toBe(403);
});

test("`wait` holds the answer until the Warble has ended", async () => {
  const { app, it } = await server();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  await app.inject({ method: "POST", url: "/warbles", payload: { text: "{1}", user: "ada" } });
  const reading = app.inject({ url: "/warbles/w1?wait=10" });
  while (it.clock.pending() < 3) await new Promise(setImmediate);
  await it.answer(board);
  expect((await reading).json()).toMatchObject({ state: "done", out: ["1"] });
});

test.each<[string, unknown, number, string]>([
  ["no text", { user: "ada" }, 400, "input.invalid"],
  ["no user", { text: "{1}" }, 400, "input.invalid"],
  ["a text that is a number", { text: 1, user: "ada" }, 400, "input.invalid"],
  ["a text that is far too long", { text: "x".repeat(5000), user: "ada" }, 400, "input.invalid"],
  ["a user that is no name", { text: "{1}", user: "<script>" }, 400, "input.invalid"],
  ["another network's user", { text: "{1}", user: "mastodon:a@b.org" }, 403, "auth.forbidden"],
])("a post with %s is refused with its reason", async (_case, payload, status, code) => {
  const { app, it } = await server();
  const answer = await app.inject({ method: "POST", url: "/warbles", payload: payload as object });
  expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  expect(it.work.counters()).toEqual({ queued: 0, leased: 0, done: 0, failed: 0 });
});

test.each([
  ["/warbles/w99", 404, "warble.unknown"],
  ["/warbles/..%2f..%2fetc", 404, "warble.unknown"],
  ["/warbles/w1?wait=-1", 400, "input.invalid"],
  ["/warbles/w1?wait=1e9", 400, "input.invalid"],
  ["/warbles?limit=0", 400, "input.invalid"],
  ["/warbles?state=lost", 400, "input.invalid"],
  ["/warbles?cursor=x", 400, "input.invalid"],
])("GET %s answers %i %s", async (url, status, code) => {
  const { app } = await server();
  const answer = await app.inject({ url });
  expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
});

test("lists are cut into pages that follow each other", async () => {
  const { app } = await server();
  for (const user of ["ada", "bob", "cy"]) {
    await app.inject({ method: "POST", url: "/warbles", payload: { text: "{1}", user } });
  }
  const first = (await app.inject({ url: "/warbles?limit=2&state=queued" })).json();
  expect(first.warbles.map(({ id }: { id: string }) => id)).toEqual(["w3", "w2"]);
  const second = (await app.inject({ url: `/warbles?limit=2&state=queued&cursor=${first.next}` })).json();
  expect(second).toMatchObject({ warbles: [{ id: "w1" }], next: null });
  expect((await app.inject({ url: "/warbles?user=bob" })).json().warbles).toHaveLength(1);
});

test("a run in the playground is answered with the words of the corpus", async () => {
  const sandbox = fakeSandbox(async () => ({ ...plainOutcome, warnings: [{ pos: 3, message: "m" }] }));
  const { app } = await server({ sandbox });
  const payload = { text: hello, user: "ada", noSleep: true };
  const answer = await app.inject({ method: "POST", url: "/warbles/run", payload });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    ...{ out: ["1"], effects: [], error: null, steps: 2 },
    warnings: [{ pos: 3, message: "m" }],
  });
});

test("the sounds that were played are listed", async () => {
  const { app, it } = await server();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  await app.inject({ method: "POST", url: "/warbles", payload: { text: "{1}", user: "ada" } });
  await it.answer(board, { effects: [["PLAYSOUND", "https://example.org/a.mp3"]] });
  expect((await app.inject({ url: "/sounds" })).json().sounds).toEqual([
    { at: it.clock.now(), url: "https://example.org/a.mp3", user: "web:ada", board: "b0001" },
  ]);
});
