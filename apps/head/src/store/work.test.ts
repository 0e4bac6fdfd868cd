import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mac, silentLog } from "@bramble/core/base";
import type { Outcome } from "@bramble/core/work";
import { outcomeOfError } from "@bramble/core/work";
import { afterEach, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { maxDataPerUser, maxSavedPerUser } from "./values.ts";
import { type HistoryLimits, type NewPost, workMigrations, workStore } from "./work.ts";

const board = mac("b8:27:eb:00:00:01");
const other = mac("b8:27:eb:00:00:02");
const outcome: Outcome = {
  out: ["1"],
  effects: [["LIGHTS", 0, 255, 0, 0]],
  error: null,
  warnings: [],
  steps: 3,
  saves: {},
  data: {},
};
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(path = ":memory:", history?: HistoryLimits) {
  const db: Database = openDatabase(path, workMigrations, { log: silentLog, schedule: queueMicrotask });
  closing.push(async () => db[Symbol.asyncDispose]());
  const store = workStore(db, history);
  const accept = async (some: Partial<NewPost> = {}) =>
    (await store.accept({ user: "web:ada", post: "{1}", at: 1000, seed: 7, name: null, result: null, ...some })).number;
  const claim = (number: number, attempt = 1, mac = board) =>
    store.claim([{ number, lease: `${number}.${attempt}`, mac, board: `of ${mac}`, attempt, until: 9000 }]);
  const end = (number: number, some: Partial<Outcome> = {}, attempt = 1) =>
    store.end({
      number,
      lease: `${number}.${attempt}`,
      state: "done",
      outcome: { ...outcome, ...some },
      at: 2000,
      ms: 5,
    });
  return { db, store, accept, claim, end };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "bramble-work-"));
  closing.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("a post is queued, leased, done, and stays so when the store is opened again", async () => {
  const path = join(folder(), "head.db");
  const first = open(path);
  const number = await first.accept({ post: '#pi{PRINT("hello cluster")}' });
  expect(first.store.find(number)).toMatchObject({ state: "queued", attempts: 0, board: null, result: null });
  const [claimed] = await first.claim(number);
  expect(claimed).toEqual({
    lease: `${number}.1`,
    post: '#pi{PRINT("hello cluster")}',
    seed: 7,
    saved: {},
    data: {},
  });
  expect(first.store.find(number)).toMatchObject({ state: "leased", attempts: 1, board: `of ${board}` });
  expect(await first.end(number)).toBe(true);
  await first.db[Symbol.asyncDispose]();

  const { saves: _saves, data: _data, ...result } = outcome;
  expect(open(path).store.find(number)).toEqual({
    number,
    user: "web:ada",
    post: '#pi{PRINT("hello cluster")}',
    state: "done",
    attempts: 1,
    board: `of ${board}`,
    postedAt: 1000,
    endedAt: 2000,
    ms: 5,
    result,
  });
});

test("a second result of the same lease changes nothing", async () => {
  const { store, accept, claim, end } = open();
  const number = await accept();
  await claim(number);
  expect(await end(number, { saves: { k: "i1" } })).toBe(true);
  expect(await end(number, { out: ["2"], saves: { k: "i2" } })).toBe(false);
  expect(store.find(number)?.result?.out).toEqual(["1"]);
  expect(store.saved("web:ada")).toEqual({ k: "i1" });
});

test("a late result of a superseded lease changes nothing", async () => {
  const { store, accept, claim, end } = open();
  const number = await accept();
  await claim(number);
  await store.requeue([{ number, lease: `${number}.1` }]);
  expect(await end(number, { saves: { k: "i1" } })).toBe(false);
  await claim(number, 2, other);
  expect(await end(number, { saves: { k: "i1" } })).toBe(false);
  expect(await end(number, { out: ["elsewhere"] }, 2)).toBe(true);
  expect(store.find(number)).toMatchObject({ board: `of ${other}`, attempts: 2, result: { out: ["elsewhere"] } });
  expect(store.saved("web:ada")).toEqual({});
});

test("a return to the queue does not touch a lease that came after it", async () => {
  const { store, accept, claim } = open();
  const number = await accept();
  await claim(number);
  await claim(number, 2, other);
  await store.requeue([{ number, lease: `${number}.1` }]);
  expect(store.find(number)).toMatchObject({ state: "leased", board: `of ${other}` });
});

test("a Warble that has ended cannot be leased again, and then nothing of that claim happens", async () => {
  const { store, accept, claim, end } = open();
  const [ended, fresh] = [await accept(), await accept()];
  await claim(ended);
  await end(ended);
  const lease = (number: number) => ({ number, lease: "x", mac: board, board: "b", attempt: 1, until: 1 });
  await expect(store.claim([lease(fresh), lease(ended)])).rejects.toThrow(`warble ${ended} is not queued`);
  expect(store.find(fresh)?.state).toBe("queued");
});

test("a result and the values that it saves are one commit", async () => {
  const { db, store, accept, claim, end } = open();
  const number = await accept();
  await claim(number);
  const before = db.commits();
  await end(number, { saves: { pi: "i3" }, data: { t: "i5" } });
  expect(db.commits()).toBe(before + 1);
  const next = await accept();
  expect((await claim(next))[0]).toMatchObject({ saved: { pi: "i3" }, data: { t: "i5" } });
  expect(store.saved("web:ada")).toEqual({ pi: "i3" });
});

test("SAVE belongs to the user, SETDATA to the user on one board", async () => {
  const { accept, claim, end } = open();
  const first = await accept();
  await claim(first);
  await end(first, { saves: { k: "i1" }, data: { k: "i2" } });
  expect((await claim(await accept(), 1, other))[0]).toMatchObject({ saved: { k: "i1" }, data: {} });
  expect((await claim(await accept({ user: "web:bob" })))[0]).toMatchObject({ saved: {}, data: {} });
});

test("a name of a value is only a name", async () => {
  const { store, accept, claim, end } = open();
  const number = await accept();
  await claim(number);
  const saves = Object.fromEntries([
    ["__proto__", "i1"],
    ["constructor", "i2"],
    ["", "t"],
    ["a\0b", "tx\0y"],
    ["x'); DROP TABLE saved; --", "t🐦"],
  ]);
  await end(number, { saves });
  expect(Object.entries(store.saved("web:ada")).sort()).toEqual(Object.entries(saves).sort());
});

test("a board that lies cannot save more names than a user may have", async () => {
  const { store, accept, claim, end } = open();
  const number = await accept();
  await claim(number);
  await end(number, { saves: { first: "i1" } });
  const next = await accept();
  await claim(next);
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, "i0"]));
  await end(next, { saves: { ...many, first: "i2" } });
  const kept = store.saved("web:ada");
  expect(Object.keys(kept)).toHaveLength(maxSavedPerUser);
  expect(kept.first).toBe("i2");
});

test("SETDATA over many boards forgets the oldest", async () => {
  const { db, accept, claim, end } = open();
  const fill = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`k${n}`, "i0"]));
  for (let n = 0; n <= maxDataPerUser / 64; n++) {
    const number = await accept();
    await claim(number, 1, mac(`b8:27:eb:00:01:${n.toString(16).padStart(2, "0")}`));
    await end(number, { data: fill });
  }
  const count = db.read((raw) => raw.prepare("SELECT COUNT(*) AS count FROM board_data").get());
  expect(count?.count).toBe(maxDataPerUser);
});

test("a name belongs to whoever posts first under it", async () => {
  const { store, accept } = open();
  const name = (shown: string | null) => ({ shown, fresh: "hash of a new token" });
  const post: NewPost = { user: "web:ada", post: "{1}", at: 1, seed: 1, name: name("anything"), result: null };
  expect((await store.accept(post)).isNewName).toBe(true);
  expect((await store.accept({ ...post, name: name("hash of a new token") })).isNewName).toBe(false);
  await expect(store.accept({ ...post, name: name("wrong") })).rejects.toMatchObject({ code: "auth.player" });
  await expect(store.accept({ ...post, name: name(null) })).rejects.toMatchObject({ code: "auth.player" });
  expect(await accept({ user: "web:bob", name: name(null) })).toBe(3);
});

test("of two first posts in the same commit one gets the name", async () => {
  const { store } = open();
  const post = (fresh: string): NewPost => ({
    ...{ user: "web:ada", post: "{1}", at: 1, seed: 1, result: null },
    name: { shown: null, fresh },
  });
  const [first, second] = await Promise.allSettled([store.accept(post("one")), store.accept(post("two"))]);
  expect([first.status, second.status]).toEqual(["fulfilled", "rejected"]);
  expect(store.list({ user: null, state: null, before: null, limit: 10 })).toHaveLength(1);
});

test("what is open is found again after a restart, in the order accepted", async () => {
  const { store, accept, claim, end } = open();
  const numbers = [await accept(), await accept({ user: "web:bob" }), await accept()];
  await claim(numbers[0]!);
  await end(numbers[0]!);
  await claim(numbers[1]!);
  expect(store.open()).toEqual([
    {
      number: numbers[1],
      user: "web:bob",
      attempts: 1,
      lease: { id: `${numbers[1]}.1`, mac: board, until: 9000 },
    },
    { number: numbers[2], user: "web:ada", attempts: 0, lease: null },
  ]);
});

test("a result that is known without a board is stored with the post", async () => {
  const { store, accept } = open();
  const { saves: _saves, data: _data, ...result } = outcomeOfError({ class: "LONG", pos: 1, message: "too long" });
  const number = await accept({ result });
  expect(store.find(number)).toMatchObject({ state: "done", endedAt: 1000, result: { error: { class: "LONG" } } });
  expect(store.open()).toEqual([]);
});

test("lists are newest first, filtered and cut", async () => {
  const { store, accept, claim } = open();
  for (let n = 0; n < 6; n++) await accept({ user: n % 2 === 0 ? "web:ada" : "web:bob" });
  await claim(5);
  const numbers = (query: Partial<Parameters<typeof store.list>[0]>) =>
    store.list({ user: null, state: null, before: null, limit: 10, ...query }).map(({ number }) => number);
  expect(numbers({})).toEqual([6, 5, 4, 3, 2, 1]);
  expect(numbers({ user: "web:ada" })).toEqual([5, 3, 1]);
  expect(numbers({ state: "leased" })).toEqual([5]);
  expect(numbers({ before: 4, limit: 2 })).toEqual([3, 2]);
});

test("the history is bounded, what is open is not, and the totals remember", async () => {
  const { store, accept, claim, end } = open(":memory:", { warbles: 3, chars: 1e6 });
  const open1 = await accept();
  for (let n = 0; n < 10; n++) {
    const number = await accept();
    await claim(number);
    await end(number);
  }
  expect(await store.prune()).toBe(7);
  expect(await store.prune()).toBe(0);
  expect(store.find(open1)?.state).toBe("queued");
  expect(store.find(2)).toBeNull();
  expect(store.list({ user: null, state: "done", before: null, limit: 10 })).toHaveLength(3);
  expect(store.totals()).toEqual({ done: 10, failed: 0 });
});

test("the history is bounded by the size of its results as well", async () => {
  const { store, accept, claim, end } = open(":memory:", { warbles: 100, chars: 5000 });
  for (let n = 0; n < 10; n++) {
    const number = await accept();
    await claim(number);
    await end(number, { out: ["x".repeat(1000)] });
  }
  await store.prune();
  expect(store.list({ user: null, state: null, before: null, limit: 100 })).toHaveLength(4);
});

test.each([
  ["a NUL", "#pi{PRINT(1)}\0tail"],
  ["half a character", "#pi{\ud83d}"],
  ["emoji", "#pi{PRINT('🐦')}"],
  ["four thousand quotes", "'".repeat(4096)],
  ["nothing", ""],
])("a post with %s is kept as it can be", async (_case, post) => {
  const { store, accept } = open();
  expect(store.find(await accept({ post }))?.post).toBe(post.toWellFormed());
});
