import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@bramble/core/base";
import { afterEach, expect, test } from "vitest";
import { createRig, plainOutcome, type Rig } from "./rig.ts";

const closing: (() => PromiseLike<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function rig(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
  const made = await createRig(options);
  closing.push(() => made[Symbol.asyncDispose]());
  return made;
}

const post = async ({ work, settle }: Rig, text = "{1}", user = "ada", token: string | null = null) => {
  const posted = await work.post({ text, user, token });
  await settle();
  return posted;
};

test("a post runs on a board that asked for work, and its result comes back", async () => {
  const it = await rig();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const { id } = await post(it, "{PRINT(1)}");
  expect(it.runs(board)).toMatchObject([
    { type: "run", post: "{PRINT(1)}", user: "ada", saved: {}, data: {}, timeoutMs: 10_000 },
  ]);
  expect(it.work.find(id)).toMatchObject({ state: "leased", board: "b0001", user: "web:ada", attempts: 1 });
  await it.answer(board);
  expect(it.work.find(id)).toMatchObject({ state: "done", board: "b0001", out: ["1"], error: null, ms: 5, steps: 2 });
  expect(it.work.counters()).toEqual({ queued: 0, leased: 0, done: 1, failed: 0 });
});

test.each([
  ["at 30 % CPU", { cpu: 30 }],
  ["that has not measured its CPU", { cpu: null }],
  ["that is silent", { state: { kind: "silent", cause: "board" } as const }],
  ["that is draining", { state: { kind: "draining" } as const }],
])("a board %s is given nothing until that changes", async (_case, condition) => {
  const it = await rig();
  const board = it.board(1, condition);
  it.work.desk.ready(board, 1);
  await post(it);
  expect(it.runs(board)).toEqual([]);
  it.board(1);
  it.bus.emit("samples.stored", { newest: [], count: 1 });
  await it.settle();
  expect(it.runs(board)).toHaveLength(1);
});

test("posts of one user run one after another, with what the one before saved", async () => {
  const it = await rig();
  const [a, b] = [it.board(1), it.board(2)];
  it.work.desk.ready(a, 1);
  it.work.desk.ready(b, 1);
  const { token } = await post(it, "{first}");
  await post(it, "{second}", "ada", token!);
  expect([it.runs(a).length, it.runs(b).length]).toEqual([1, 0]);
  await it.answer(a, { saves: { pi: "i3" } });
  expect(it.runs(b)).toMatchObject([{ post: "{second}", saved: { pi: "i3" } }]);
});

test("posts of different users run at the same time on different boards", async () => {
  const it = await rig();
  const boards = [1, 2, 3].map((n) => it.board(n));
  for (const board of boards) it.work.desk.ready(board, 1);
  for (const user of ["ada", "bob", "cy"]) await post(it, "{1}", user);
  expect(boards.map((board) => it.runs(board).length)).toEqual([1, 1, 1]);
});

test("the run of a board that is lost is given to another, and the late result changes nothing", async () => {
  const it = await rig();
  const lost = it.board(1);
  it.work.desk.ready(lost, 1);
  const { id } = await post(it);
  it.board(1, { isLinked: false });
  it.work.desk.gone(lost);
  const other = it.board(2);
  it.work.desk.ready(other, 1);
  await it.clock.advance(9_000);
  expect(it.runs(other)).toEqual([]);
  await it.clock.advance(2_000);
  expect(it.runs(other)).toHaveLength(1);
  await it.answer(lost, { out: ["too late"], saves: { k: "i9" } });
  expect(it.work.find(id)).toMatchObject({ state: "leased", board: "b0002", attempts: 2 });
  await it.answer(other, { out: ["in time"] });
  await it.answer(lost, { out: ["far too late"], saves: { k: "i9" } });
  expect(it.work.find(id)).toMatchObject({ state: "done", board: "b0002", out: ["in time"] });
  expect(it.store.saved("web:ada")).toEqual({});
});

test("a board that was gone for a moment may still deliver", async () => {
  const it = await rig();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const { id } = await post(it);
  it.work.desk.gone(board);
  await it.clock.advance(5_000);
  await it.answer(board);
  expect(it.work.find(id).state).toBe("done");
});

test("a board that neither answers nor goes is told to stop, and its run is given to another", async () => {
  const it = await rig();
  const hung = it.board(1);
  it.work.desk.ready(hung, 1);
  await post(it);
  await it.clock.advance(76_000);
  const lease = it.runs(hung)[0]!.lease;
  expect(it.sent.at(-1)).toEqual({ board: hung.mac, message: { type: "cancel", lease } });
  expect(it.work.counters()).toMatchObject({ queued: 1, leased: 0 });
  const other = it.board(2);
  it.work.desk.ready(other, 1);
  await it.settle();
  expect(it.runs(other)).toHaveLength(1);
});

test("after three lost boards a post has failed, with a reason, and the user's next one runs", async () => {
  const it = await rig();
  const events: string[] = [];
  it.bus.on("event", ({ kind }) => events.push(kind));
  const { id, token } = await post(it);
  await post(it, "{next}", "ada", token!);
  for (const n of [1, 2, 3]) {
    it.work.desk.ready(it.board(n), 1);
    await it.clock.advance(76_000);
  }
  expect(it.work.find(id)).toMatchObject({ state: "failed", attempts: 3, error: { class: "LOST" } });
  expect(it.work.find(id).error?.message).toMatch(/^3 boards in a row/);
  expect(events).toEqual(["warble.failed"]);
  expect(it.work.counters()).toMatchObject({ failed: 1, queued: 1 });
  const last = it.board(4);
  it.work.desk.ready(last, 1);
  await it.settle();
  expect(it.runs(last)).toMatchObject([{ post: "{next}" }]);
});

test("a run that finds no link goes to the next board at once", async () => {
  const it = await rig();
  const cut = it.board(1);
  it.work.desk.ready(cut, 1);
  const other = it.board(2);
  it.work.desk.ready(other, 1);
  // The roster still believes in the link that is gone already.
  it.board(1, { isLinked: false });
  const entryless = it.board(1, { isLinked: false });
  expect(entryless.mac).toBe(cut.mac);
  const { id } = await post(it);
  expect(it.runs(other)).toHaveLength(1);
  expect(it.work.find(id)).toMatchObject({ board: "b0002", attempts: 1 });
});

test("the same result twice is one result, and both are acknowledged", async () => {
  const it = await rig();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const { id } = await post(it);
  await Promise.all([it.answer(board, { out: ["first"] }), it.answer(board, { out: ["second"] })]);
  await it.answer(board, { out: ["third"] });
  expect(it.work.find(id).out).toEqual(["first"]);
  expect(it.work.counters().done).toBe(1);
});

test("a result for another board's lease changes nothing", async () => {
  const it = await rig();
  const [board, liar] = [it.board(1), it.board(2)];
  it.work.desk.ready(board, 1);
  const { id } = await post(it);
  const lease = it.runs(board)[0]!.lease;
  await it.work.desk.result(liar, lease, { ...plainOutcome, out: ["lie"] }, 1);
  expect(it.work.find(id).state).toBe("leased");
});

test("a result that the store cannot keep is not acknowledged, and counts when it is sent again", async () => {
  const it = await rig();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const { id } = await post(it);
  it.db.read((raw) => raw.exec("PRAGMA query_only = ON"));
  await expect(it.answer(board)).rejects.toThrow();
  expect(it.work.find(id).state).toBe("leased");
  it.db.read((raw) => raw.exec("PRAGMA query_only = OFF"));
  await it.answer(board);
  expect(it.work.find(id).state).toBe("done");
});

test("leases that the store cannot keep are not sent, and are tried again", async () => {
  const it = await rig();
  await post(it);
  const board = it.board(1);
  it.db.read((raw) => raw.exec("PRAGMA query_only = ON"));
  it.work.desk.ready(board, 1);
  await it.settle();
  expect(it.runs(board)).toEqual([]);
  it.db.read((raw) => raw.exec("PRAGMA query_only = OFF"));
  await it.clock.advance(1_500);
  expect(it.runs(board)).toHaveLength(1);
});

test("a program that ended with an error saves nothing, whatever its board says", async () => {
  const it = await rig();
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const { id } = await post(it);
  const error = { class: "DIV0", pos: 3, message: "a division by zero" };
  await it.answer(board, { error, saves: { k: "i1" } });
  expect(it.work.find(id)).toMatchObject({ state: "done", error });
  expect(it.store.saved("web:ada")).toEqual({});
});

test("a result that is too large to keep is an error of its own", async () => {
  const it = await rig({ limits: { resultChars: 1000 } });
  const board = it.board(1);
  it.work.desk.ready(board, 1);
  const { id } = await post(it);
  await it.answer(board, { out: ["x".repeat(2000)], saves: { k: "i1" } });
  expect(it.work.find(id)).toMatchObject({ state: "done", out: [], error: { class: "OUTPUT" } });
  expect(it.store.saved("web:ada")).toEqual({});
});

test("the room tells which boards work", async () => {
  const it = await rig();
  const told: unknown[] = [];
  it.bus.on("work.changed", (event) => told.push(event));
  const board = it.board(1);
  it.work.desk.ready(board, 2);
  await post(it, "{1}", "ada");
  await post(it, "{1}", "bob");
  await it.answer(board);
  expect(told).toEqual([{ board: "b0001", isWorking: true }]);
  const first = it.runs(board)[0]!;
  await it.work.desk.result(board, first.lease, plainOutcome, 1);
  await it.settle();
  expect(told.at(-1)).toEqual({ board: "b0001", isWorking: false });
});

test("a restart keeps the queue, its order and its leases; a late board still delivers", async () => {
  const path = mkdtempSync(join(tmpdir(), "bramble-desk-"));
  closing.push(() => rmSync(path, { recursive: true, force: true }));
  const file = join(path, "head.db");
  const before = await createRig({ path: file });
  before.work.desk.ready(before.board(1), 1);
  const leased = await post(before, "{leased}");
  await post(before, "{queued}", "ada", leased.token!);
  const lease = before.runs(before.board(1))[0]!.lease;
  await before[Symbol.asyncDispose]();

  const after = await rig({ path: file });
  const [one, two] = [after.board(1), after.board(2)];
  after.work.desk.ready(two, 1);
  await after.settle();
  expect(after.runs(two)).toEqual([]);
  await after.work.desk.result(one, lease, { ...plainOutcome, saves: { k: "i1" } }, 1);
  await after.settle();
  expect(after.work.find(leased.id)).toMatchObject({ state: "done", board: "b0001" });
  expect(after.runs(two)).toMatchObject([{ post: "{queued}", saved: { k: "i1" } }]);
});

test("after a restart, a Warble whose run never left the head does not wait for its lease to end", async () => {
  const path = mkdtempSync(join(tmpdir(), "bramble-desk-"));
  closing.push(() => rmSync(path, { recursive: true, force: true }));
  const file = join(path, "head.db");
  const before = await createRig({ path: file });
  before.work.desk.ready(before.board(1), 1);
  const { id } = await post(before);
  await before[Symbol.asyncDispose]();

  const after = await rig({ path: file });
  const board = after.board(1);
  after.work.desk.ready(board, 1, []);
  await after.settle();
  expect(after.runs(board)).toHaveLength(1);
  expect(after.work.find(id)).toMatchObject({ state: "leased", board: "b0001", attempts: 1 });
});

test("a lease that ended while the head was away is queued again", async () => {
  const path = mkdtempSync(join(tmpdir(), "bramble-desk-"));
  closing.push(() => rmSync(path, { recursive: true, force: true }));
  const file = join(path, "head.db");
  const before = await createRig({ path: file });
  before.work.desk.ready(before.board(1), 1);
  const { id } = await post(before);
  await before[Symbol.asyncDispose]();

  const after = await rig({ path: file, clock: fakeClock(Date.UTC(2026, 0, 2)) });
  const board = after.board(2);
  after.work.desk.ready(board, 1);
  await after.settle();
  expect(after.runs(board)).toHaveLength(1);
  expect(after.work.find(id)).toMatchObject({ state: "leased", board: "b0002", attempts: 2 });
});

test("a closed room leaves no timer", async () => {
  const it = await createRig();
  await post(it);
  await it[Symbol.asyncDispose]();
  expect(it.clock.pending()).toBe(0);
});
