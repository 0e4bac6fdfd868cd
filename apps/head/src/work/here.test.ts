import { fakeClock, seededRandom } from "@bramble/core/base";
import type { Outcome, RunRequest } from "@bramble/core/work";
import { expect, test } from "vitest";
import { createHere } from "./here.ts";
import { defaultWorkLimits, type SandboxLimits } from "./limits.ts";
import { fakeSandbox, plainOutcome } from "./rig.ts";

const limits = defaultWorkLimits.sandbox;
const ada = { text: "{1}", user: "web:ada", noSleep: false };

function rig(run: (request: RunRequest) => Promise<Outcome>, some: Partial<SandboxLimits> = {}) {
  const clock = fakeClock();
  const sandbox = fakeSandbox(run);
  const random = seededRandom(1);
  const here = createHere({ sandbox, clock, random, boards: () => 1050, limits: { ...limits, ...some } });
  return { clock, sandbox, here };
}

const counting = async ({ saved }: RunRequest): Promise<Outcome> => ({
  ...plainOutcome,
  out: [saved.n ?? "none"],
  saves: { n: String(Number(saved.n ?? 0) + 1) },
});

test("the answer has exactly the words of the corpus", async () => {
  const { here } = rig(async () => ({ ...plainOutcome, saves: { k: "1" } }));
  expect(await here.run(ada)).toEqual({ out: ["1"], effects: [], error: null, warnings: [], steps: 2 });
});

test("what a user saves is there in the next run, and in nobody else's", async () => {
  const { here } = rig(counting);
  await here.run(ada);
  expect((await here.run(ada)).out).toEqual(["1"]);
  expect((await here.run({ ...ada, user: "web:bob" })).out).toEqual(["none"]);
});

test("a program that ended with an error saves nothing", async () => {
  const error = { class: "DIV0", pos: 1, message: "no" };
  const { here, sandbox } = rig(async () => ({ ...plainOutcome, error, saves: { k: "1" }, data: { k: "1" } }));
  await here.run(ada);
  await here.run(ada);
  expect(sandbox.asked.at(-1)).toMatchObject({ saved: {}, data: {} });
});

test("runs of one user that come at once run one after another", async () => {
  const { here } = rig(counting);
  const answers = await Promise.all([here.run(ada), here.run(ada), here.run(ada)]);
  expect(answers.map(({ out }) => out[0])).toEqual(["none", "1", "2"]);
});

test("a failed run does not stop the user's next one", async () => {
  let isBroken = true;
  const { here } = rig(async () => {
    if (isBroken) throw new Error("broken");
    return plainOutcome;
  });
  const first = here.run(ada);
  const second = here.run(ada);
  await expect(first).rejects.toThrow("broken");
  await expect(second).rejects.toThrow("broken");
  isBroken = false;
  expect((await here.run(ada)).out).toEqual(["1"]);
});

test("scratch values are forgotten after an hour without a run", async () => {
  const { here, clock } = rig(counting);
  await here.run(ada);
  await clock.advance(50 * 60_000);
  expect((await here.run(ada)).out).toEqual(["1"]);
  await clock.advance(62 * 60_000);
  expect((await here.run(ada)).out).toEqual(["none"]);
});

test("scratch values are kept for so many users only, the newest", async () => {
  const { here } = rig(counting, { scratchUsers: 2 });
  for (const user of ["web:ada", "web:bob", "web:cy"]) await here.run({ ...ada, user });
  expect((await here.run({ ...ada, user: "web:cy" })).out).toEqual(["1"]);
  expect((await here.run(ada)).out).toEqual(["none"]);
});

const sleepy = async (): Promise<Outcome> => ({
  ...plainOutcome,
  effects: [
    ["LIGHTS", 0, 1, 2, 3],
    ["SLEEP", 20],
    ["SLEEP", 15],
  ],
});

test("the answer waits for the sleeps of the program", async () => {
  const { here, clock } = rig(sleepy);
  let isAnswered = false;
  const answer = here.run(ada).then(() => {
    isAnswered = true;
  });
  await clock.advance(34_000);
  expect(isAnswered).toBe(false);
  await clock.advance(1_000);
  expect(isAnswered).toBe(true);
  await answer;
});

test("with noSleep the sleeps are recorded and not waited for", async () => {
  const { here } = rig(sleepy);
  expect((await here.run({ ...ada, noSleep: true })).effects).toHaveLength(3);
});

test("a caller who hangs up ends the wait", async () => {
  const { here, clock } = rig(sleepy);
  const gone = new AbortController();
  const answer = here.run(ada, gone.signal);
  await clock.advance(10);
  gone.abort(new Error("gone"));
  await expect(answer).rejects.toThrow("gone");
  here[Symbol.dispose]();
  expect(clock.pending()).toBe(0);
});

test("more sleepers than the bound are refused", async () => {
  const { here, clock } = rig(sleepy, { sleeping: 1 });
  const first = here.run(ada);
  await clock.advance(10);
  await expect(here.run({ ...ada, user: "web:bob" })).rejects.toMatchObject({ code: "sandbox.unavailable" });
  await clock.advance(35_000);
  await first;
});

test("more waiting runs than the bound are refused, of one user too", async () => {
  const { here } = rig(() => new Promise(() => {}), { waiting: 1, workers: 1 });
  void here.run(ada);
  void here.run(ada);
  await expect(here.run(ada)).rejects.toMatchObject({ code: "sandbox.unavailable" });
});
