import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Clock, clockFrom, type FakeClock, fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import type { RunRequest } from "@bramble/core/work";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHere } from "../here.ts";
import { defaultWorkLimits, type SandboxLimits } from "../limits.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

const realClock: Clock = clockFrom({
  now: Date.now,
  monotonic: () => performance.now(),
  setTimeout,
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
const limits = defaultWorkLimits.sandbox;
const request = (post: string): RunRequest => ({
  ...{
    id: "",
    post,
    user: "ada",
    saved: {},
    data: {},
    board: 0,
    boards: 1050,
    temperatureC: null,
    nowMs: 1000,
    seed: 1,
  },
});

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = startSandbox({ clock: realClock, log: silentLog, limits });
});
afterAll(() => sandbox[Symbol.asyncDispose]());

type Case = {
  readonly name: string;
  readonly tag: string;
  readonly source: string;
  readonly user?: string;
  readonly before?: readonly { readonly user: string; readonly source: string }[];
  readonly expect: { readonly out: readonly string[]; readonly error?: readonly string[] };
  readonly pos?: number;
  readonly effects?: readonly unknown[];
  readonly prefix?: boolean;
};
const corpusFile = new URL("../../../../../packages/warble/test/corpus.jsonl", import.meta.url);
const corpus = readFileSync(corpusFile, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Case);

test.each(corpus.map((entry) => [`${entry.tag} ${entry.name}`, entry] as const))(
  "the playground answers the corpus: %s",
  async (_name, entry) => {
    const random = seededRandom(1);
    using here = createHere({ sandbox, clock: fakeClock(), random, boards: () => 1050, limits });
    const run = (user: string, text: string) => here.run({ text, user: `web:${user}`, noSleep: true });
    for (const { user, source } of entry.before ?? []) await run(user, source);
    const { out, effects, error } = await run(entry.user ?? "ada", entry.source);
    if (entry.prefix !== true) expect(out).toEqual(entry.expect.out);
    if (entry.expect.error === undefined) expect(error).toBeNull();
    else expect(entry.expect.error).toContain(error?.class);
    if (entry.pos !== undefined) expect(error?.pos).toBe(entry.pos);
    if (entry.effects !== undefined) expect(effects).toEqual(entry.effects);
  },
);

test.each([
  ["nothing", ""],
  ["a NUL", "#pi{\0PRINT(1)}"],
  ["half a character", "\ud83d{PRINT(1)}"],
  ["bytes", String.fromCharCode(...Array.from({ length: 256 }, (_, n) => n))],
  ["four thousand braces", "{".repeat(4096)],
  ["a megabyte", "#pi{PRINT(1)}".repeat(80_000)],
  ["the way out of a prototype", "{PRINT(constructor)PRINT(LOAD('__proto__'))SAVE('__proto__',1)}"],
])("a post of %s is answered like any other", async (_case, post) => {
  const outcome = await sandbox.run(request(post));
  expect(outcome.error === null || outcome.error.class.length > 0).toBe(true);
  expect((await sandbox.run(request("{PRINT(7)}"))).out).toEqual(["7"]);
});

test("a program that overruns its wall time ends as TIME, and the next one runs", async () => {
  const endless = own({ steps: 1e15, wallMs: 1000, workers: 1 });
  const [overrun, next] = await Promise.all([
    endless.run(request("{PRINT(1)WHILE(1){}}")),
    endless.run(request("{PRINT(2)}")),
  ]);
  expect(overrun.error?.class).toBe("TIME");
  expect(next.out).toEqual(["2"]);
});

test("a program that fills a worker's memory ends as MEMORY, and the process lives", async () => {
  const told: string[] = [];
  const log = { ...silentLog, warn: (_facts: unknown, event: string) => void told.push(event) };
  const small = own({ memoryMb: 12, workers: 1 }, { log });
  const bomb = "{a=[]FOR(i=0;i<60;i++){a[i]=ARRAY(65000,i)}PRINT(LEN(a))}";
  expect((await small.run(request(bomb))).error?.class).toBe("MEMORY");
  expect((await small.run(request("{PRINT(2)}"))).out).toEqual(["2"]);
  expect(told).toEqual([]);
});

test("the process refuses to start where text can become code", () => {
  const main = fileURLToPath(new URL("./sandbox-main.ts", import.meta.url));
  const argument = JSON.stringify({ workers: 1, wallMs: 1, steps: 1, memoryMb: 16 });
  const { status, stderr } = spawnSync(process.execPath, [main, argument], { encoding: "utf8" });
  expect(status).toBe(70);
  expect(stderr).toMatch("--disallow-code-generation-from-strings");
});

const rude = new URL("./rude.child.ts", import.meta.url);

test("a process that ends takes its run with it, and another is started", async () => {
  const clock = fakeClock();
  const mine = own({}, { clock, entry: rude });
  await expect(mine.run(request("die"))).rejects.toMatchObject({ code: "sandbox.unavailable" });
  const next = mine.run(request("again"));
  await clock.advance(200);
  expect((await next).out).toEqual(["again"]);
});

test("a process that does not answer any more is replaced, and its run ends as TIME", async () => {
  const clock = fakeClock();
  const mine = own({}, { clock, entry: rude });
  expect((await mine.run(request("warm"))).out).toEqual(["warm"]);
  const hung = mine.run(request("hang"));
  await clock.advance(limits.wallMs + 5000);
  expect((await hung).error?.class).toBe("TIME");
  const next = mine.run(request("again"));
  // The restart waits for the clock once the process has really gone.
  while (clock.pending() === 0) await new Promise(setImmediate);
  await clock.advance(200);
  expect((await next).out).toEqual(["again"]);
});

test("a run whose worker broke is told so, and the next one is answered", async () => {
  const mine = own({}, { entry: rude });
  await expect(mine.run(request("break"))).rejects.toMatchObject({ code: "sandbox.unavailable" });
  expect((await mine.run(request("next"))).out).toEqual(["next"]);
});

test("more runs than may wait are refused at once", async () => {
  const mine = own({ waiting: 2 }, { entry: rude });
  const runs = await Promise.allSettled(["a", "b", "c"].map((post) => mine.run(request(post))));
  expect(runs.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
});

test("a closed sandbox answers nobody", async () => {
  const mine = own({}, { entry: rude });
  const waiting = mine.run(request("a"));
  const [settled] = await Promise.all([Promise.allSettled([waiting]), mine[Symbol.asyncDispose]()]);
  expect(settled[0]).toMatchObject({ status: "rejected", reason: { code: "sandbox.unavailable" } });
  await expect(mine.run(request("b"))).rejects.toMatchObject({ code: "sandbox.unavailable" });
});

const owned: Sandbox[] = [];
afterAll(async () => {
  for (const each of owned) await each[Symbol.asyncDispose]();
});

function own(
  some: Partial<SandboxLimits>,
  parts: { clock?: Clock | FakeClock; log?: typeof silentLog; entry?: URL } = {},
): Sandbox {
  const made = startSandbox({ clock: realClock, log: silentLog, limits: { ...limits, ...some }, ...parts });
  owned.push(made);
  return made;
}
