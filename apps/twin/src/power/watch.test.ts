import type { PowerAnswer, PowerPlanAnswer } from "@bramble/core/api";
import { fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { RestError } from "../live/rest.ts";
import { PowerWatch } from "./watch.ts";

const plan = (id: string, news: Partial<PowerPlanAnswer> = {}) =>
  ({ id, state: "running", endedAt: null, ...news }) as PowerPlanAnswer;

/** A watch whose answers the test holds in its hands. */
function bench() {
  const clock = fakeClock();
  const asked: string[] = [];
  const head = { running: [] as PowerPlanAnswer[], plans: new Map<string, PowerPlanAnswer>(), isSeen: true };
  const trouble = { thrown: null as Error | null };
  const watch = new PowerWatch({
    clock,
    isSeen: () => head.isSeen,
    rest: {
      async get<T>(path: string): Promise<T> {
        asked.push(path);
        if (trouble.thrown !== null) throw trouble.thrown;
        if (path === "/power") return { running: head.running } as unknown as PowerAnswer as T;
        if (path === "/power/limits") return { limits: [{ limit: "site" }] } as T;
        return head.plans.get(path.slice("/power/plans/".length)) as T;
      },
    },
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  const run = (...plans: PowerPlanAnswer[]): void => {
    head.running = plans.filter(({ endedAt }) => endedAt === null);
    for (const each of plans) head.plans.set(each.id, each);
  };
  return {
    ...{ asked, head, trouble, watch, run, clock },
    async pass(ms: number): Promise<void> {
      await clock.advance(ms);
      await settle();
    },
  };
}

test("power is asked for at once and then every three seconds, its limits once", async () => {
  const { watch, asked, pass } = bench();
  await pass(0);
  expect(watch.news()).toMatchObject({ limits: [{ limit: "site" }], plans: [], problem: null, lostSince: null });
  for (let second = 0; second < 6; second++) await pass(1000);
  expect(asked).toEqual(["/power", "/power/limits", "/power", "/power"]);
  watch.close();
});

test("a plan is followed each second, seen to its end, and stays until it is put away", async () => {
  const { watch, asked, pass, run } = bench();
  run(plan("p7"));
  watch.hurry();
  await pass(0);
  expect(watch.news().plans.map(({ id }) => id)).toEqual(["p7"]);
  asked.length = 0;
  await pass(1000);
  expect(asked).toEqual(["/power", "/power/plans/p7"]);
  run(plan("p7", { state: "done", endedAt: 5 }), plan("p8"));
  await pass(1000);
  expect(watch.news().plans).toMatchObject([{ id: "p8" }, { id: "p7", state: "done" }]);
  await pass(1000);
  expect(watch.news().plans.map(({ id }) => id)).toEqual(["p8", "p7"]);
  expect(asked.filter((path) => path.endsWith("p7"))).toHaveLength(2);
  watch.putAway("p7");
  expect(watch.news().plans.map(({ id }) => id)).toEqual(["p8"]);
  watch.close();
});

test("a plan that was over before anybody looked is shown all the same", async () => {
  const { watch, asked, pass, run } = bench();
  await pass(0);
  run(plan("p9", { state: "done", endedAt: 5 }));
  watch.follow("p9");
  await pass(0);
  expect(watch.news().plans).toMatchObject([{ id: "p9", state: "done" }]);
  asked.length = 0;
  await pass(3000);
  expect(asked).toEqual(["/power"]);
  watch.close();
});

test("a lost head takes nothing away, is asked each second, and may be another one when it is back", async () => {
  const { watch, asked, pass, trouble, clock } = bench();
  await pass(0);
  trouble.thrown = new RestError("network", "The head does not answer.", "");
  await pass(3000);
  expect(watch.news()).toMatchObject({ limits: [{ limit: "site" }], lostSince: clock.now() });
  expect(watch.news().power).not.toBeNull();
  trouble.thrown = null;
  asked.length = 0;
  await pass(1000);
  expect(asked).toEqual(["/power", "/power/limits"]);
  expect(watch.news().lostSince).toBeNull();
  watch.close();
});

test("an error that the head tells is shown, not taken for silence", async () => {
  const { watch, pass, trouble } = bench();
  trouble.thrown = new RestError("forbidden", "a token is needed", "");
  watch.hurry();
  await pass(0);
  expect(watch.news()).toMatchObject({ problem: "a token is needed", lostSince: null });
  watch.close();
});

test("an event asks soon, a change at once, and nobody who looks away asks at all", async () => {
  const { watch, asked, head, pass } = bench();
  await pass(0);
  asked.length = 0;
  watch.askSoon();
  await pass(500);
  expect(asked).toEqual(["/power"]);
  watch.hurry();
  await pass(0);
  expect(asked).toEqual(["/power", "/power"]);
  head.isSeen = false;
  await pass(10_000);
  expect(asked).toHaveLength(2);
  watch.close();
});

test("listeners are told until they go", async () => {
  const { watch, pass } = bench();
  let told = 0;
  const stop = watch.subscribe(() => {
    told += 1;
  });
  await pass(0);
  const before = told;
  expect(before).toBeGreaterThan(0);
  stop();
  watch.hurry();
  await pass(0);
  expect(told).toBe(before);
  watch.close();
});
