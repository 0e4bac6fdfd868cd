import { clockFrom } from "@bramble/core/base";
import { expect, test } from "vitest";
import { foldOrder } from "../fake-parts.ts";
import { createWorkerPool, type PoolParts } from "./pool.ts";
import type { ChunksRequest, RunRequest } from "./runner.ts";

test("a program runs on a thread and its outcome comes back", async () => {
  await using pool = wild();
  const { outcome, ms } = await pool.run(request("hello"), never());
  expect(outcome.out).toEqual(["hello"]);
  expect(ms).toBe(1);
});

test("an endless loop is ended with class TIME, and the next program runs", async () => {
  await using pool = wild();
  const { outcome } = await pool.run(request("loop", 100), never());
  expect(outcome.error?.class).toBe("TIME");
  expect((await pool.run(request("after"), never())).outcome.out).toEqual(["after"]);
});

test("a memory bomb is ended with class MEMORY, and the next program runs", async () => {
  await using pool = wild({ memoryMb: 32 });
  const { outcome } = await pool.run(request("bomb", 20_000), never());
  expect(outcome.error?.class).toBe("MEMORY");
  expect((await pool.run(request("after"), never())).outcome.out).toEqual(["after"]);
});

test("the caller's thread goes on while a program loops", async () => {
  await using pool = wild();
  let beats = 0;
  const timer = setInterval(() => beats++, 10);
  await pool.run(request("loop", 400), never());
  clearInterval(timer);
  expect(beats).toBeGreaterThan(5);
});

test.each(["exit", "throw"])("a thread that dies (%s) fails its run only", async (post) => {
  await using pool = wild();
  const dying = pool.run(request(post), never());
  const next = pool.run(request("after"), never());
  await expect(dying).rejects.toMatchObject({ code: "work.crash" });
  expect((await next).outcome.out).toEqual(["after"]);
});

test("an aborted run ends at once, whether it runs or waits", async () => {
  await using pool = wild();
  const first = new AbortController();
  const second = new AbortController();
  const running = pool.run(request("loop", 60_000), first.signal);
  const waiting = pool.run(request("never"), second.signal);
  second.abort(new Error("second"));
  await expect(waiting).rejects.toThrow("second");
  first.abort(new Error("first"));
  await expect(running).rejects.toThrow("first");
  await expect(pool.run(request("late"), first.signal)).rejects.toThrow("first");
  expect((await pool.run(request("after"), never())).outcome.out).toEqual(["after"]);
});

test("more waiting runs than allowed are turned away", async () => {
  await using pool = wild({ maxQueue: 1 });
  const all = [1, 2, 3].map((n) => pool.run(request(`${n}`), never()));
  const ends = await Promise.allSettled(all);
  expect(ends.map((end) => end.status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
});

test("chunks of others wait behind every run, and a thread that computes them when they are cancelled stays", async () => {
  await using pool = wild();
  const ended: string[] = [];
  const note = (name: string) => (end: unknown) => {
    ended.push(name);
    return end;
  };
  const first = pool.run(request("first"), never()).then(note("first"));
  const chunks = pool.folds!.chunks(batch("chunks"), never()).then(note("chunks"));
  const late = pool.run(request("late"), never()).then(note("late"));
  expect(await chunks).toEqual({ answers: [null], ms: 1 });
  await Promise.all([first, late]);
  expect(ended).toEqual(["first", "late", "chunks"]);
  const ending = new AbortController();
  const cancelled = pool.folds!.chunks(batch("loop", 300), ending.signal);
  const waiting = pool.folds!.chunks(batch("never"), ending.signal);
  await new Promise(setImmediate);
  ending.abort(new Error("not needed any more"));
  await expect(cancelled).rejects.toThrow("not needed");
  await expect(waiting).rejects.toThrow("not needed");
  // It is watched all the same: nothing holds a thread for ever.
  expect((await pool.run(request("after"), never())).outcome.out).toEqual(["after"]);
});

test("chunks that overstay their time have no answers", async () => {
  await using pool = wild();
  expect(await pool.folds!.chunks(batch("loop", 100), never())).toEqual({ answers: [], ms: 100 });
});

test("a real thread leaves a fold to others and computes chunks of it", async () => {
  await using pool = createWorkerPool({ clock, workers: 1 });
  const post = "#pi{SUM(k,1,900000,k)}";
  const asked = await pool.folds!.run(request(post, 10_000), [], never());
  if (asked.kind !== "fold") throw new Error("it was not spread");
  const { order } = asked;
  const { answers } = await pool.folds!.chunks(
    { post, order, from: 0, count: order.chunks, budget: 1e9, timeoutMs: 10_000 },
    never(),
  );
  const end = await pool.folds!.run(request(post, 10_000), [answers], never());
  expect(end).toMatchObject({ kind: "done", outcome: { out: ["405000450000"], error: null } });
  expect((await pool.run(request(post, 10_000), never())).outcome).toEqual(end.kind === "done" && end.outcome);
});

test("many boards share few threads, and each gets its own answer", async () => {
  await using pool = wild({ workers: 2 });
  const posts = Array.from({ length: 200 }, (_, i) => `board ${i}`);
  const ends = await Promise.all(posts.map((post) => pool.run(request(post), never())));
  expect(ends.map((end) => end.outcome.out[0])).toEqual(posts);
});

test("a closed pool fails what it was given and takes no more", async () => {
  const pool = wild();
  const running = pool.run(request("loop", 60_000), never());
  const failed = expect(running).rejects.toMatchObject({ code: "work.closed" });
  await pool[Symbol.asyncDispose]();
  await failed;
  await expect(pool.run(request("late"), never())).rejects.toMatchObject({ code: "work.closed" });
});

test("a thread with nothing to do is ended and a new one serves the next run", async () => {
  await using pool = wild({ idleMs: 1 });
  for (const post of ["one", "two", "three"]) {
    expect((await pool.run(request(post), never())).outcome.out).toEqual([post]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test("Warble runs on a thread and its own limits end a hostile program first", async () => {
  await using pool = createWorkerPool({ clock, workers: 1 });
  const fine = await pool.run(request("#pi{PRINT(6*7)SETDATA('a',1)}"), never());
  expect(fine.outcome).toMatchObject({ out: ["42"], error: null });
  const hostile = await pool.run(request("#pi{WHILE(1){}}"), never());
  expect(hostile.outcome.error?.class).toBe("STEPS");
});

/** A pool whose language has no limits of its own. */
function wild(parts: Partial<PoolParts> = {}) {
  return createWorkerPool({ clock, workers: 1, entry: new URL("./wild-thread.ts", import.meta.url), ...parts });
}

const clock = clockFrom({
  now: Date.now,
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

function request(post: string, timeoutMs = 10_000): RunRequest {
  const world = { board: 0, boards: 1, temperatureC: null, nowMs: 0, seed: 1 };
  return { post, user: "web:ann", saved: {}, data: {}, ...world, timeoutMs };
}

function batch(post: string, timeoutMs = 10_000): ChunksRequest {
  return { post, order: foldOrder, from: 0, count: 1, budget: 1e9, timeoutMs };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
