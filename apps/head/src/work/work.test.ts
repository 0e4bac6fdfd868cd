import { afterEach, expect, test } from "vitest";
import { checkPost } from "./check.ts";
import { defaultWorkLimits } from "./limits.ts";
import { createRig, fakeSandbox, plainOutcome, type Rig } from "./rig.ts";

const closing: Rig[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each[Symbol.asyncDispose]();
});

async function rig(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
  const made = await createRig(options);
  closing.push(made);
  return made;
}

test("a text that is no Warble is accepted, and its error is its result, without a board", async () => {
  const { work, clock } = await rig({ check: checkPost });
  const posted = await work.post({ text: "good morning", user: "ada", token: null });
  expect(posted).toMatchObject({ place: 0, waitMs: 0 });
  expect(work.find(posted.id)).toMatchObject({
    ...{ state: "done", board: null, attempts: 0, out: [], endedAt: clock.now() },
    error: { class: "NOTWARBLE", pos: 1 },
  });
  expect(work.counters()).toEqual({ queued: 0, leased: 0, done: 1, failed: 0 });
});

test.each([
  ["one that is too long", `#pi{${"1+".repeat(200)}1}`, "LONG"],
  ["one that is not its grammar", "#pi{IF(}", "SYNTAX"],
  ["one with a NUL", "\0", "NOTWARBLE"],
  ["nothing at all", "", "NOTWARBLE"],
  ["four thousand braces", "{".repeat(4096), "LONG"],
])("%s has its error at once", async (_case, text, errorClass) => {
  const { work } = await rig({ check: checkPost });
  const { id } = await work.post({ text, user: "ada", token: null });
  expect(work.find(id)).toMatchObject({ state: "done", error: { class: errorClass } });
});

test("the first post of a name is answered with a token, once; later posts need it", async () => {
  const { work } = await rig();
  const post = (token: string | null) => work.post({ text: "{1}", user: "ada", token });
  const { token } = await post(null);
  expect(token).toMatch(/^p_[\w-]{32}$/);
  await expect(post(null)).rejects.toMatchObject({ code: "auth.player" });
  await expect(post("p_wrong")).rejects.toMatchObject({ code: "auth.player" });
  expect(await post(token!)).not.toHaveProperty("token");
  expect(work.counters().queued).toBe(2);
});

test("web and cli names are different names", async () => {
  const { work } = await rig();
  await work.post({ text: "{1}", user: "ada", token: null });
  expect(await work.post({ text: "{1}", user: "cli:ada", token: null })).toHaveProperty("token");
});

test("the store never sees a token", async () => {
  const { work, db } = await rig();
  const { token } = await work.post({ text: "{1}", user: "ada", token: null });
  const rows = db.read((raw) => raw.prepare("SELECT * FROM players").all());
  expect(JSON.stringify(rows)).not.toContain(token);
});

test.each([
  ["no name", "", "input.invalid"],
  ["a name with a line end", "ada\nbob", "input.invalid"],
  ["another network's name", "mastodon:ada@example.org", "auth.forbidden"],
])("%s posts nothing", async (_case, user, code) => {
  const { work } = await rig();
  await expect(work.post({ text: "{1}", user, token: null })).rejects.toMatchObject({ code });
  expect(work.counters().queued).toBe(0);
});

test("a full queue refuses, also posts that come in the same moment", async () => {
  const queue = { ...defaultWorkLimits.queue, jobs: 3 };
  const { work } = await rig({ limits: { queue } });
  const posts = Array.from({ length: 6 }, (_, n) => work.post({ text: "{1}", user: `u${n}`, token: null }));
  const ends = await Promise.allSettled(posts);
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  expect(ends.at(-1)).toMatchObject({ reason: { code: "limit.queue" } });
});

test("one user cannot fill the queue", async () => {
  const queue = { ...defaultWorkLimits.queue, jobsPerUser: 2 };
  const { work } = await rig({ limits: { queue } });
  const { token } = await work.post({ text: "{1}", user: "ada", token: null });
  await work.post({ text: "{1}", user: "ada", token: token! });
  await expect(work.post({ text: "{1}", user: "ada", token: token! })).rejects.toMatchObject({ code: "limit.queue" });
  await work.post({ text: "{1}", user: "bob", token: null });
});

test("a post that the store cannot keep is not accepted", async () => {
  const { work, db } = await rig();
  db.read((raw) => raw.exec("PRAGMA query_only = ON"));
  await expect(work.post({ text: "{1}", user: "ada", token: null })).rejects.toThrow();
  expect(work.counters().queued).toBe(0);
});

test("the answer tells the place in the queue, and reading tells it again", async () => {
  const { work } = await rig();
  const places: number[] = [];
  for (const user of ["ada", "bob", "cy"]) places.push((await work.post({ text: "{1}", user, token: null })).place);
  expect(places).toEqual([1, 2, 3]);
  expect(work.find("w2").place).toBe(2);
});

test("a reader who waits is answered when the Warble ends", async () => {
  const it = await rig();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const { id } = await it.work.post({ text: "{1}", user: "ada", token: null });
  await it.settle();
  const waiting = it.work.wait(id, 10_000);
  await it.answer(board);
  expect(await waiting).toMatchObject({ state: "done", out: ["1"] });
});

test("a reader who waits too long is told how it stands", async () => {
  const it = await rig();
  const { id } = await it.work.post({ text: "{1}", user: "ada", token: null });
  const waiting = it.work.wait(id, 10_000);
  await it.clock.advance(10_000);
  expect(await waiting).toMatchObject({ state: "queued", place: 1 });
});

test("a reader who hangs up waits no more, and more readers than the bound do not wait", async () => {
  const it = await rig({ limits: { waiters: 1 } });
  const { id } = await it.work.post({ text: "{1}", user: "ada", token: null });
  const gone = new AbortController();
  const waiting = it.work.wait(id, 10_000, gone.signal);
  expect((await it.work.wait(id, 10_000)).state).toBe("queued");
  gone.abort();
  expect((await waiting).state).toBe("queued");
});

test.each(["w999", "w0", "w1e3", "1", "w-1", "w99999999999999999999", "", "__proto__"])(
  "there is no warble %j",
  async (id) => {
    const { work } = await rig();
    expect(() => work.find(id)).toThrow(expect.objectContaining({ code: "warble.unknown" }));
  },
);

test("lists go page by page, newest first, by user and state", async () => {
  const { work } = await rig();
  for (let n = 0; n < 5; n++) await work.post({ text: `{${n}}`, user: `u${n}`, token: null });
  const all = { user: null, state: null, cursor: null, limit: 2 };
  const first = work.list(all);
  expect(first.warbles.map(({ id }) => id)).toEqual(["w5", "w4"]);
  const second = work.list({ ...all, cursor: first.next });
  expect(second.warbles.map(({ id }) => id)).toEqual(["w3", "w2"]);
  expect(work.list({ ...all, cursor: second.next })).toMatchObject({ warbles: [{ id: "w1" }], next: null });
  expect(work.list({ ...all, user: "u3" }).warbles).toMatchObject([{ text: "{3}" }]);
  expect(work.list({ ...all, state: "done" }).warbles).toEqual([]);
  expect(() => work.list({ ...all, cursor: "x" })).toThrow(expect.objectContaining({ code: "input.invalid" }));
});

test("the lights of a durable result reach the lamp and the bus; SAVE is there before", async () => {
  const it = await rig();
  const told: unknown[] = [];
  it.bus.on("lights.changed", ({ lights }) => {
    told.push([lights[0], it.store.saved("web:ada")]);
  });
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  await it.work.post({ text: "{1}", user: "ada", token: null });
  await it.settle();
  await it.answer(board, { effects: [["LIGHTS", 0, 255, 0, 0]], saves: { k: "1" } });
  expect(told).toEqual([[[255, 0, 0], { k: "1" }]]);
  expect(it.work.lights()[0]).toEqual([255, 0, 0]);
});

test("people are told of runs, but not of more than they can read", async () => {
  const it = await rig();
  const told: string[] = [];
  it.bus.on("event", ({ kind, message }) => told.push(`${kind}: ${message}`));
  const board = it.board(1);
  for (const user of ["ada", "bob", "cy"]) {
    it.work.desk.ready(board, 1);
    await it.work.post({ text: "{1}", user, token: null });
    await it.settle();
    if (user === "cy") await it.clock.advance(500);
    await it.answer(board);
  }
  expect(told).toEqual(["warble.done: w1 of web:ada ran on b0001", "warble.done: w3 of web:cy ran on b0001"]);
});

test("a run in the playground touches neither lamp nor queue", async () => {
  const sandbox = fakeSandbox(async () => ({ ...plainOutcome, effects: [["LIGHTS", 0, 255, 0, 0]] }));
  const it = await rig({ sandbox });
  const answer = await it.work.runHere({ text: "{1}", user: "ada", noSleep: true });
  expect(answer.effects).toEqual([["LIGHTS", 0, 255, 0, 0]]);
  expect(sandbox.asked).toMatchObject([{ user: "ada", post: "{1}" }]);
  expect(it.work.lights()[0]).toEqual([0, 0, 0]);
  expect(it.work.counters()).toEqual({ queued: 0, leased: 0, done: 0, failed: 0 });
});

test("the history stays bounded while posts keep coming, and the count of them goes on", async () => {
  const it = await rig({ check: checkPost, history: { warbles: 50, chars: 1e6 } });
  for (let n = 0; n < 450; n++) await it.work.post({ text: "no program", user: `u${n}`, token: null });
  await it.settle();
  expect(it.work.counters().done).toBe(450);
  const { warbles } = it.work.list({ user: null, state: null, cursor: null, limit: 500 });
  expect(warbles.length).toBeLessThanOrEqual(50 + 200);
  expect(it.store.totals().done).toBe(450);
});
