import { ClusterError, silentLog } from "@bramble/core/base";
import { fakeCluster } from "@bramble/core/power";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "../power/fake-parts.ts";
import { httpLimits } from "./limits.ts";
import { powerMetrics } from "./power-metrics.ts";
import { powerPlanRoutes } from "./power-plans.ts";
import { powerStateRoutes } from "./power-state.ts";
import { createGuard } from "./security.ts";
import { createApp } from "./server.ts";

const plain = fakeCluster(
  [
    { id: "misc", alwaysOn: true },
    { id: "c-fans", feeds: ["fans"] },
    { id: "g01", boards: 42 },
    { id: "g02", boards: 42 },
  ],
  { needs: ["g01", "g02"].map((what) => ({ what, needs: ["fans"] })) },
);
const nightly = { what: "shutdown all", at: "00:20", warnMinutes: [10], reason: "power bill", enabled: true } as const;
const cluster = {
  ...plain,
  devices: [
    { id: "fans", kind: "fans", driver: null, address: null, count: null, mac: null, watts: null, settings: {} },
  ],
  rules: [{ id: "nightly", text: null, conflict: null, schedule: nightly }],
};
const all = cluster.boards.map(({ name }) => name);

async function room() {
  const box = fakeBox(cluster);
  const { power, roster, clock } = box;
  const app = await createApp({
    guard: createGuard({ listen: "127.0.0.1", operatorToken: null, boardToken: null }),
    limits: httpLimits,
    log: silentLog,
    version: "1",
    api: [
      powerPlanRoutes({ power, roster, log: silentLog, boardsOf }),
      powerStateRoutes({ ...power, power, roster, cluster, clock, boardsOf, speed: 1, pricePerKwh: 0.3 }),
    ],
    root: [],
    upgrades: { accept: () => {}, close: () => {} },
  });
  const ask = async (method: "GET" | "POST", path: string, payload?: object, more: Record<string, string> = {}) => {
    const body = payload === undefined ? {} : { payload };
    const headers = { host: "localhost", ...more };
    const answer = await app.inject({ method, url: `/api/v1${path}`, headers, ...body });
    return { status: answer.statusCode, body: answer.json() };
  };
  await clock.advance(1000);
  return {
    box,
    ask,
    async [Symbol.asyncDispose]() {
      await app.close();
      await box[Symbol.asyncDispose]();
    },
  };
}

test("a dry run tells the plan with its reasons and loads, and switches nothing", async () => {
  await using head = await room();
  const { status, body } = await head.ask("POST", "/power/plans", {
    action: "on",
    set: "all",
    withParents: true,
    dryRun: true,
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({ kind: "plan", id: null, confirm: null, plan: { waves: 2, moves: 4 } });
  expect(body.plan.steps.map(({ what }: { what: string }) => what)).toContain("pdu0.3 on");
  expect(body.plan.loads.map(({ limit }: { limit: string }) => limit)).toContain("site");
  const refused = await head.ask("POST", "/power/plans", { action: "on", set: "b0001", dryRun: true });
  expect(refused.body).toMatchObject({ kind: "refused", problems: [{ rule: "parent-off" }] });
  await pass(head.box, 60_000);
  expect(head.box.switched).toEqual([]);
});

test("a plan is started once for one key, shown with its steps, and leaves its trace", async () => {
  await using head = await room();
  const wish = { action: "on", set: "all", withParents: true, why: "the show begins" };
  const key = { "idempotency-key": "k1" };
  const first = await head.ask("POST", "/power/plans", wish, key);
  expect(first).toMatchObject({ status: 202, body: { kind: "started", id: "p1", plan: { waves: 2 } } });
  expect(await head.ask("POST", "/power/plans", wish, key)).toMatchObject({ status: 202, body: { id: "p1" } });
  await pass(head.box, 12_000);
  const { body: power } = await head.ask("GET", "/power");
  expect(power.running).toMatchObject([{ id: "p1", state: "running", why: "the show begins", waves: 2, wave: 1 }]);
  // Both waves are to come yet, then one, as long as the first took.
  expect(power.running[0].leftMs).toBeGreaterThanOrEqual(120_000);
  await pass(head.box, 60_000, () => head.box.isOn("pdu0.4"));
  const [later] = (await head.ask("GET", "/power")).body.running;
  expect(later.leftMs).toBeGreaterThan(5000);
  expect(later.leftMs).toBeLessThan(60_000);
  expect(power.outlets[2]).toMatchObject({ id: "pdu0.3", group: "g01", boards: 42, most: 210, needs: ["pdu0.2"] });
  await pass(head.box, 100_000);
  const { body: plan } = await head.ask("GET", "/power/plans/p1");
  expect(plan).toMatchObject({
    state: "done",
    message: "all boards are up",
    up: 84,
    missing: [],
    wave: 2,
    leftMs: null,
  });
  expect(plan.steps.every(({ state }: { state: string }) => state === "done")).toBe(true);
  expect(plan.steps.find(({ id }: { id: string }) => id === "on:pdu0.3")).toMatchObject({
    outlet: "pdu0.3",
    on: true,
    boards: 42,
  });
  expect((await head.ask("GET", "/power/trace")).body.trace.filter(({ on }: { on: boolean }) => on)).toMatchObject(
    ["pdu0.1", "pdu0.2", "pdu0.3", "pdu0.4"].map((outlet) => ({ outlet, on: true, plan: "p1" })),
  );
  expect((await head.ask("GET", "/power/plans")).body).toMatchObject({
    plans: [{ id: "p1", state: "done" }],
    next: null,
  });
  const again = await head.ask("POST", "/power/plans", wish);
  expect(again).toMatchObject({ status: 200, body: { kind: "nothing", why: "all of these boards are up" } });
  const { body: now } = await head.ask("GET", "/power");
  expect(now).toMatchObject({ watts: 400, running: [], recent: [{ id: "p1" }], schedules: [{ id: "nightly" }] });
  expect(now.limits).toContainEqual({
    limit: "profile default",
    unit: "boards",
    kind: "steady",
    used: 84,
    allowed: 84,
    peak: null,
  });
  expect(now.energy[0]).toMatchObject({ isMeasured: true });
});

test("above fifty boards their number has to be said before they go dark", async () => {
  await using head = await room();
  await bringUp(head);
  const wish = { action: "off", set: "all", withParents: true };
  const answer = await head.ask("POST", "/power/plans", wish);
  expect(answer).toMatchObject({ status: 409, body: { error: { code: "power.confirm" } } });
  expect(answer.body.error.message).toContain("84");
  expect(await head.ask("POST", "/power/plans", { ...wish, confirm: 83 })).toMatchObject({ status: 409 });
  expect(await head.ask("POST", "/power/plans", { ...wish, confirm: 84 })).toMatchObject({ status: 202 });
  await pass(head.box, 200_000);
  expect(["pdu0.1", "pdu0.2", "pdu0.3", "pdu0.4"].map(head.box.isOn)).toEqual([true, false, false, false]);
  expect(head.box.switched.slice(4)).toEqual(["pdu0.4 off", "pdu0.3 off", "pdu0.2 off"]);
});

test("a plan that is cancelled with undo puts back what it has switched", async () => {
  await using head = await room();
  await head.ask("POST", "/power/plans", { action: "on", set: "all", withParents: true });
  await pass(head.box, 14_000);
  expect(head.box.isOn("pdu0.3")).toBe(true);
  expect((await head.ask("POST", "/power/plans/p1/cancel", { undo: true })).body).toEqual({
    cancelled: true,
    undo: "p2",
  });
  await pass(head.box, 120_000);
  expect(["pdu0.3", "pdu0.4"].map(head.box.isOn)).toEqual([false, false]);
  expect((await head.ask("GET", "/power/plans/p1")).body).toMatchObject({ state: "cancelled" });
  expect((await head.ask("GET", "/power/plans/p2")).body).toMatchObject({ state: "done", why: "undoes p1" });
});

test("a schedule is put off, also an unknown one is told", async () => {
  await using head = await room();
  const { body } = await head.ask("GET", "/power");
  const told = await head.ask("POST", "/power/schedules/nightly/snooze", { minutes: 30 });
  expect(told.body.next).toBe(body.schedules[0].next + 30 * 60_000);
  expect(told.body.snoozedUntil).toBe(told.body.next);
  expect(await head.ask("POST", "/power/schedules/other/snooze", { minutes: 5 })).toMatchObject({ status: 404 });
});

test("the nightly shutdown warns, and then everything is off that nothing needs", async () => {
  await using head = await room();
  await bringUp(head);
  await pass(head.box, 3_600_000, () => head.box.events.some(({ kind }) => kind === "schedule.fired"), 5000);
  await pass(head.box, 200_000);
  const kinds = head.box.events.map(({ kind }) => kind);
  expect(kinds.indexOf("schedule.warning")).toBeLessThan(kinds.indexOf("schedule.fired"));
  expect(["pdu0.1", "pdu0.2", "pdu0.3", "pdu0.4"].map(head.box.isOn)).toEqual([true, false, false, false]);
  expect((await head.ask("GET", "/power/plans")).body.plans[0]).toMatchObject({
    by: "schedule",
    action: "off",
    state: "done",
  });
});

test.each([
  ["an unknown set", { action: "on", set: "@k99" }, 400, "input.node-set"],
  ["an empty set", { action: "on", set: "none" }, 400, "input.node-set"],
  ["an unknown action", { action: "explode", set: "all" }, 400, "input.invalid"],
  ["a key that nobody knows", { action: "on", set: "all", force: true }, 400, "input.invalid"],
  ["a set without end", { action: "on", set: "b".repeat(3000) }, 400, "input.invalid"],
  ["an unknown profile", { action: "on", set: "all", profile: "barn", withParents: true }, 400, "input.invalid"],
  ["parents that are off", { action: "on", set: "b0001" }, 409, "power.parent-off"],
])("%s is refused", async (_what, body, status, code) => {
  await using head = await room();
  expect(await head.ask("POST", "/power/plans", body)).toMatchObject({ status, body: { error: { code } } });
});

test("a plan that nobody knows, and two plans for one board, are told as such", async () => {
  await using head = await room();
  expect(await head.ask("GET", "/power/plans/p9")).toMatchObject({
    status: 404,
    body: { error: { code: "power.plan-unknown" } },
  });
  expect(await head.ask("GET", "/power/plans/../x")).toMatchObject({ status: 404 });
  expect(await head.ask("POST", "/power/plans/q/cancel", {})).toMatchObject({ status: 400 });
  await head.ask("POST", "/power/plans", { action: "on", set: "all", withParents: true });
  const second = await head.ask("POST", "/power/plans", { action: "on", set: "b0001", withParents: true });
  expect(second).toMatchObject({ status: 409, body: { error: { code: "power.busy" } } });
  expect(second.body.error.message).toContain("p1");
});

test("a plan while its PDU is away is refused with what is wrong with the PDU", async () => {
  await using head = await room();
  head.box.away.add("pdu0");
  await pass(head.box, 30_000);
  const answer = await head.ask("POST", "/power/plans", { action: "on", set: "all", withParents: true });
  expect(answer).toMatchObject({ status: 502, body: { error: { code: "power.connection" } } });
  expect(answer.body.error.message).toContain("no route");
  expect((await head.ask("GET", "/power")).body.pdus).toMatchObject([{ id: "pdu0", error: "pdu0: no route" }]);
});

test("power tells what a page draws: sets behind outlets, what they feed, limits as measured and as borne for a second", async () => {
  await using head = await room();
  await bringUp(head);
  const { body } = await head.ask("GET", "/power");
  expect(body).toMatchObject({ volts: 120, loadMax: 0.8, pricePerKwh: 0.3 });
  expect(body.outlets.map(({ set }: { set: string }) => set)).toEqual([null, null, "b[0001-0042]", "b[0043-0084]"]);
  expect(body.things).toContainEqual({ id: "fans", kind: "fans" });
  const site = body.limits.find(({ limit }: { limit: string }) => limit === "site");
  expect(body.meters.find(({ limit }: { limit: string }) => limit === "site")).toMatchObject({
    watts: body.watts,
    isMeasured: true,
  });
  expect(site.peak).toBeGreaterThan(site.allowed);
});

test("a node set is told with its boards and groups, and one that names nobody as an error", async () => {
  await using head = await room();
  await bringUp(head);
  expect(await head.ask("GET", "/power/set?set=all")).toMatchObject({
    status: 200,
    body: { set: "b[0001-0084]", boards: 84, up: 84, groups: ["g01", "g02"] },
  });
  expect((await head.ask("GET", "/power/set?set=none")).body).toMatchObject({ set: "", boards: 0, groups: [] });
  expect(await head.ask("GET", "/power/set?set=@k99")).toMatchObject({
    status: 400,
    body: { error: { code: "input.node-set" } },
  });
  expect(await head.ask("GET", "/power/set")).toMatchObject({ status: 400 });
});

test("limits are explained, and Prometheus is told of load, plans and switches", async () => {
  await using head = await room();
  await bringUp(head);
  const { body } = await head.ask("GET", "/power/limits");
  expect(body.limits.map(({ limit }: { limit: string }) => limit)).toContain("wave");
  const registry = new Registry();
  powerMetrics(registry, head.box.power);
  const text = await registry.metrics();
  expect(text).toContain("bramble_power_switches_total 4");
  expect(text).toContain('bramble_power_outlet_on{outlet="pdu0.3"} 1');
  expect(text).toContain('bramble_power_limit_used_ratio{limit="profile default"} 1');
  expect(text).toContain('bramble_power_plans{by="operator"} 0');
});

function boardsOf(set: string): readonly string[] {
  if (set === "all") return all;
  if (set === "none") return [];
  if (set === "b0001") return ["b0001"];
  throw new ClusterError("input.node-set", `there is no ${set}`);
}

async function bringUp({ box }: { box: FakeBox }): Promise<void> {
  box.power.sequencer.up(all);
  await pass(box, 120_000);
}

async function pass(box: FakeBox, ms: number, isOver = () => false, step = 500): Promise<void> {
  for (let passed = 0; passed < ms && !isOver(); passed += step) await box.clock.advance(step);
}
