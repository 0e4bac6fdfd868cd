import { fakeClock } from "@bramble/core/base";
import { run } from "@bramble/warble";
import { expect, test } from "vitest";
import type { FromRunWorker, RunOrder } from "./runner.ts";
import { createRunner } from "./runner.ts";

const world = { user: "ada", board: 0, boards: 9, temperatureC: null, nowMs: 1_793_000_000_000, seed: 1 };
const never = new AbortController().signal;

/** Threads that do what a test tells them to; `answer` runs what the newest was ordered. */
function rig() {
  const clock = fakeClock();
  const threads: {
    hear: (message: FromRunWorker) => void;
    broke: (why: string) => void;
    orders: RunOrder[];
    isEnded: boolean;
  }[] = [];
  const runner = createRunner({
    clock,
    start: (hear, broke) => {
      const thread = { hear, broke, orders: [] as RunOrder[], isEnded: false };
      threads.push(thread);
      return {
        order: (order) => void thread.orders.push(order),
        end: () => {
          thread.isEnded = true;
        },
      };
    },
  });
  const answer = (): void => {
    const { orders, hear } = threads.at(-1)!;
    const { post, environment } = orders.at(-1)!;
    hear({ kind: "ran", result: run(post, environment), ms: 0.5 });
  };
  return { clock, threads, runner, answer };
}

test("one thread is kept warm and runs one program after another, which find what was saved before", async () => {
  const { threads, runner, answer } = rig();
  threads[0]!.hear({ kind: "ready" });
  for (const [post, out, hasSaved] of [
    ['{x=LOAD("n")+1SAVE("n",x)PRINT(x)}', ["1"], true],
    ['{x=LOAD("n")+1SAVE("n",x)PRINT(x)}', ["2"], true],
    ['{PRINT(LOAD("n"),NODES())}', ["2 9"], false],
  ] as const) {
    const ran = runner.run(post, world, never);
    answer();
    expect(await ran).toMatchObject({ answer: { out, error: null }, ms: 0.5, hasSaved });
  }
  const other = runner.run('{PRINT(LOAD("n"))}', { ...world, user: "grace" }, never);
  answer();
  expect((await other).answer.out).toEqual(["0"]);
  expect(threads).toHaveLength(1);
});

test("a program waits until its thread is there, and only then its time begins", async () => {
  const { clock, threads, runner, answer } = rig();
  const ran = runner.run("{1}", world, never);
  await clock.advance(60_000);
  expect(threads[0]!.orders).toEqual([]);
  threads[0]!.hear({ kind: "ready" });
  answer();
  expect((await ran).answer.out).toEqual(["1"]);
});

test("a program that takes longer than it may is ended from outside, and the next one has a new thread", async () => {
  const { clock, threads, runner, answer } = rig();
  threads[0]!.hear({ kind: "ready" });
  const endless = runner.run("{1}", world, never);
  await clock.advance(9_999);
  expect(threads[0]!.isEnded).toBe(false);
  await clock.advance(1);
  expect(threads[0]!.isEnded).toBe(true);
  expect((await endless).answer.error).toMatchObject({ class: "TIME" });
  const next = runner.run("{2}", world, never);
  expect(threads).toHaveLength(2);
  // What the ended one still says is heard by nobody.
  threads[0]!.hear({ kind: "ready" });
  threads[0]!.broke("late");
  expect(threads[1]!.orders).toEqual([]);
  threads[1]!.hear({ kind: "ready" });
  answer();
  expect((await next).answer.out).toEqual(["2"]);
});

test("who stops waiting ends the program", async () => {
  const { threads, runner } = rig();
  threads[0]!.hear({ kind: "ready" });
  const stop = new AbortController();
  const ran = runner.run("{1}", world, stop.signal);
  await expect(runner.run("{2}", world, never)).rejects.toThrow("runs already");
  stop.abort(new Error("enough"));
  await expect(ran).rejects.toThrow("enough");
  expect(threads[0]!.isEnded).toBe(true);
  await expect(runner.run("{1}", world, stop.signal)).rejects.toThrow("enough");
});

test("a thread that breaks is told, and another takes its place", async () => {
  const { threads, runner, answer } = rig();
  threads[0]!.hear({ kind: "ready" });
  const ran = runner.run("{1}", world, never);
  threads[0]!.broke("out of memory");
  await expect(ran).rejects.toThrow("Your browser ended the program: out of memory");
  const next = runner.run("{3}", world, never);
  threads[1]!.hear({ kind: "ready" });
  answer();
  expect((await next).answer.out).toEqual(["3"]);
  threads[1]!.broke("");
  runner[Symbol.dispose]();
});

test("a runner that is closed ends what runs", async () => {
  const { threads, runner } = rig();
  threads[0]!.hear({ kind: "ready" });
  const ran = runner.run("{1}", world, never);
  runner[Symbol.dispose]();
  await expect(ran).rejects.toThrow("closed");
  expect(threads[0]!.isEnded).toBe(true);
});
