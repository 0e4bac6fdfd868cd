import { expect, test } from "vitest";
import type { Cluster } from "../cluster/index.ts";
import { exampleCluster } from "../cluster/testing.ts";
import { checkTrace } from "./check.ts";
import { explainLimits } from "./explain.ts";
import { fakeCluster } from "./fake-cluster.ts";
import type { PowerPlan, PowerRequest } from "./plan.ts";
import { allOff, asking, factsOf, traceOf } from "./plan-cases.ts";
import { planPower } from "./planner.ts";

const box = exampleCluster("police-box");
const garage = exampleCluster("police-box-garage");
const mini = exampleCluster("mini-84");
const desk = exampleCluster("desk-5");

function all(cluster: Cluster): string[] {
  return cluster.boards.map(({ name }) => name);
}
function allOn(cluster: Cluster): Map<string, boolean> {
  return new Map(cluster.outlets.map(({ id }) => [id, true]));
}
function groupsOf(cluster: Cluster, ids: readonly string[]): string[] {
  return cluster.groups.filter(({ id }) => ids.includes(id)).flatMap(({ boards }) => boards);
}
function planned(cluster: Cluster, request: PowerRequest, on = allOff(cluster)): PowerPlan {
  const answer = planPower(cluster, factsOf(cluster, on), request);
  if (answer.kind !== "plan") throw new Error(JSON.stringify(answer));
  return answer.plan;
}
function stepsOf(plan: PowerPlan): string[] {
  return plan.steps.map(({ id }) => id);
}

test("the box comes up: server, its button, its answer, core switches, fans, then 25 waves of 42", () => {
  const plan = planned(box, asking("on", all(box)));
  expect(stepsOf(plan).slice(0, 8)).toEqual([
    "on:pdu0.1",
    "press:server",
    "ready:server",
    "on:pdu0.2",
    "on:pdu0.3",
    "on:pdu0.4",
    "on:pdu1.1",
    "wave:1",
  ]);
  expect(plan.steps[1]).toMatchObject({ kind: "press", device: "serverswitch", button: "power", afterMs: 5000 });
  expect(plan.steps[2]).toMatchObject({
    until: { kind: "tcp", address: "172.20.0.10", port: 8880, answers: true },
    timeoutMs: 300_000,
    onTimeout: "stop",
  });
  expect(plan).toMatchObject({ moves: 29, waves: 25, collateral: [] });
  expect(plan.boards).toHaveLength(1050);
  expect(checkTrace(box, traceOf(box, plan))).toEqual([]);
});

test("whoever wants every board up means what they need too; whoever wants some says so", () => {
  const whole = planned(box, asking("on", all(box), { withParents: false }));
  expect(whole).toEqual(planned(box, asking("on", all(box))));
  const some = planPower(box, factsOf(box, allOff(box)), asking("on", all(box).slice(42), { withParents: false }));
  expect(some).toMatchObject({ kind: "refused", problems: [{ rule: "parent-off" }, {}, {}, {}] });
});

test("the box goes down the other way round: boards halt, groups, fans, core switches, the server last; misc stays on", () => {
  const plan = planned(box, asking("off", all(box)), allOn(box));
  const steps = stepsOf(plan);
  expect(steps.slice(0, 3)).toEqual(["halt:all", "quiet:all", "off:pdu7.1"]);
  expect(steps.slice(-7)).toEqual([
    "off:pdu0.4",
    "off:pdu0.3",
    "off:pdu0.2",
    "halt:server",
    "quiet:server",
    "still:server",
    "off:pdu0.1",
  ]);
  expect(plan.notes).toEqual(["pdu0.5 always stays on"]);
  expect(checkTrace(box, traceOf(box, plan), null, allOn(box))).toEqual([]);
});

test("asked for at once, a group loses its power without a halt, and is told to", () => {
  const group = groupsOf(box, ["g01"]);
  const off = planned(box, asking("off", group, { atOnce: true }), allOn(box));
  expect(stepsOf(off)).toEqual(["off:pdu1.1"]);
  expect(off.notes[0]).toBe("power goes at once: 42 boards do not halt first, 0 of them work");
  const cycle = planned(box, asking("cycle", group, { atOnce: true }), allOn(box));
  expect(stepsOf(cycle).filter((id) => !id.endsWith("server"))).toEqual([
    "off:pdu1.1",
    "empty:1",
    "on:pdu1.1",
    "wave:1",
  ]);
});

test("one group goes off alone, and what the others need stays on and is named", () => {
  const plan = planned(box, asking("off", groupsOf(box, ["g01"])), allOn(box));
  expect(plan.outlets).toEqual(["pdu1.1"]);
  expect(plan.notes[0]).toContain("pdu0.1 (c-server: server) stays on: pdu1.2, pdu1.3");
});

test("in the garage all means the 126 that may be on, in three waves by the leads of PDU3, and why not more", () => {
  const plan = planned(garage, asking("on", all(garage)));
  expect(plan.outlets).toEqual(["pdu1.1", "pdu2.1", "pdu3.1", "pdu3.2", "pdu3.3"]);
  expect(plan.boards).toEqual(groupsOf(garage, ["group-1", "group-2", "group-3"]));
  expect(plan.waves).toBe(3);
  expect(plan.notes.join("\n")).toContain("profile garage allows 126, 3 supplies of 42");
  expect(plan.notes.join("\n")).toContain("only the leads pdu3.1, pdu3.2, pdu3.3 divide a half rack");
  expect(checkTrace(garage, traceOf(garage, plan))).toEqual([]);
  const again = planPower(
    garage,
    factsOf(garage, new Map([...allOff(garage), ...plan.outlets.map((id) => [id, true] as const)])),
    asking("on", all(garage)),
  );
  expect(again).toMatchObject({ kind: "nothing", why: expect.stringContaining("profile garage allows 126 boards") });
});

test("leads that stand closed behind the server's outlet are opened before it comes on", () => {
  const on = allOff(garage).set("pdu3.1", true).set("pdu3.2", true);
  const plan = planned(garage, asking("on", groupsOf(garage, ["group-1"])), on);
  expect(stepsOf(plan).filter((id) => id.includes("pdu"))).toEqual([
    "off:pdu3.2",
    "off:pdu3.1",
    "on:pdu1.1",
    "on:pdu2.1",
    "on:pdu3.1",
  ]);
});

test("the garage goes down banks first, then the back switch, the server last", () => {
  const up = planned(garage, asking("on", all(garage)));
  const on = new Map([...allOff(garage), ...up.outlets.map((id) => [id, true] as const)]);
  const plan = planned(garage, asking("off", all(garage)), on);
  expect(stepsOf(plan)).toEqual([
    ...["halt:all", "quiet:all", "off:pdu3.3", "off:pdu3.2", "off:pdu3.1", "off:pdu2.1"],
    ...["halt:server", "quiet:server", "still:server", "off:pdu1.1"],
  ]);
  expect(checkTrace(garage, traceOf(garage, plan), null, on)).toEqual([]);
});

test("168 boards in r1 would pass what the breaker of PDU1 bears, and the plan says so", () => {
  const half = planPower(
    garage,
    factsOf(garage, allOff(garage)),
    asking("on", groupsOf(garage, ["c-r1-bottom"]), { profile: "garage-fourth-group" }),
  );
  expect(half).toMatchObject({
    kind: "refused",
    problems: [
      { rule: "over-breaker", thing: "breaker pdu1", limit: "1440 W (80 % of 1800 W)" },
      { rule: "over-breaker", thing: "breaker pdu1", limit: "1800 W for less than a second" },
    ],
  });
  const plan = planned(garage, asking("on", all(garage), { profile: "garage-fourth-group" }));
  expect(plan.boards).toEqual(groupsOf(garage, ["c-r1-top"]));
  expect(plan.notes.join("\n")).toContain("126 boards start at once with pdu1.4");
  expect(checkTrace(garage, traceOf(garage, plan), "garage-fourth-group")).toEqual([]);
  // With a server and switches that draw less, or a larger breaker, the same words bring up the 168.
  const stronger = { ...garage, pdus: garage.pdus.map((pdu) => ({ ...pdu, watts: 2400 })) };
  const more = planned(stronger, asking("on", all(stronger), { profile: "garage-fourth-group" }));
  expect(more.boards).toEqual(groupsOf(garage, ["c-r1-bottom"]));
  expect(more.boards).toHaveLength(168);
});

test("a half rack needs the back switch under either reading of the rule", () => {
  for (const id of ["c-r2-top", "c-r3-top", "c-r4-top", "group-1"]) {
    const plan = planned(garage, asking("on", groupsOf(garage, [id])));
    expect(plan.outlets).toContain("pdu2.1");
  }
  expect(planned(garage, asking("on", groupsOf(garage, ["c-r1-top"]))).outlets).not.toContain("pdu2.1");
});

test("what is missing is refused with parents, limits and what to do instead", () => {
  const facts = factsOf(garage, allOff(garage));
  const r3 = groupsOf(garage, ["c-r3-bottom", "c-r3-top"]);
  const answer = planPower(garage, facts, asking("on", r3, { withParents: false }));
  if (answer.kind !== "refused") throw new Error(answer.kind);
  expect(answer.problems.map(({ rule, thing }) => `${rule} ${thing}`)).toEqual([
    "parent-off pdu1.1",
    "parent-off pdu2.1",
    "over-profile profile garage",
    "over-breaker breaker pdu2",
    "over-breaker breaker pdu2",
  ]);
  expect(answer.alternatives.map(({ kind }) => kind)).toEqual(["with-parents", "fewer", "profile", "profile"]);
  expect(answer.alternatives[1]?.boards).toEqual(groupsOf(garage, ["c-r3-bottom"]));
  const wrongRack = planPower(
    garage,
    facts,
    asking("on", groupsOf(garage, ["group-1"]), { profile: "garage-fourth-group" }),
  );
  expect(wrongRack).toMatchObject({ kind: "refused", problems: [{ rule: "over-profile", limit: "only in r1" }] });
});

test("a dead board with a port of its own is cycled alone; one that shares is not without leave", () => {
  const on = allOn(desk);
  expect(stepsOf(planned(desk, asking("cycle", ["b1"], { allowCollateral: false }), on))).toEqual([
    "halt:1",
    "quiet:1",
    "off:s1.1",
    "empty:1",
    "on:s1.1",
    "wave:1",
  ]);
  const facts = factsOf(desk, on);
  const boards = new Map([...facts.boards, ["b4", { isUp: false, isWorking: false, hasAgent: false }]]);
  boards.set("b5", { isUp: true, isWorking: true, hasAgent: true });
  const refused = planPower(desk, { ...facts, boards }, asking("cycle", ["b4"], { allowCollateral: false }));
  expect(refused).toMatchObject({
    kind: "refused",
    problems: [{ rule: "collateral", thing: "plug1.1" }],
    alternatives: [{ kind: "group" }, { kind: "wait", boards: ["b4"] }],
  });
  const allowed = planPower(desk, { ...facts, boards }, asking("cycle", ["b4"]));
  if (allowed.kind !== "plan") throw new Error(allowed.kind);
  expect(stepsOf(allowed.plan).slice(0, 3)).toEqual(["drain:1", "halt:1", "quiet:1"]);
  expect(allowed.plan.collateral).toEqual([{ outlet: "plug1.1", boards: ["b5"], working: ["b5"] }]);
  expect(allowed.plan.notes[0]).toBe(
    "plug1.1: may gain 1 (b4), takes 1 that are up along, 1 of them at work: it may gain more than it costs",
  );
  const up = planPower(desk, facts, asking("cycle", ["b1"]));
  expect(up).toMatchObject({
    kind: "plan",
    alternatives: [{ kind: "agent-restart", boards: ["b1"] }, { kind: "poe-port" }],
  });
});

test("while boards are too hot no more come up beside them: the fans run first, then the heat has to go", () => {
  const on = allOff(mini).set("p1.2", true);
  const facts = factsOf(mini, on);
  const boards = new Map([...facts.boards].map(([name, each]) => [name, { ...each, celsius: each.isUp ? 79 : null }]));
  const [one, other] = mini.groups;
  const ask = asking("on", other!.boards);
  const cool = planPower(mini, { ...facts, boards }, ask);
  const hot = one!.boards[3]!;
  boards.set(hot, { ...boards.get(hot)!, celsius: 80 });
  const warm = planPower(mini, { ...facts, boards }, ask);
  if (cool.kind !== "plan" || warm.kind !== "plan") throw new Error("both can be planned");
  expect(stepsOf(warm.plan)).toEqual(["ready:server", "on:p1.4", "cool:r1", "on:p1.3", "wave:1"]);
  expect(warm.plan.steps[2]).toMatchObject({
    until: { kind: "below", boards: [hot], celsius: 80 },
    onTimeout: "stop",
  });
  expect(stepsOf(cool.plan)).not.toContain("cool:r1");
});

test("what is cycled was warm before: it never waits in the dark until something is cooler", () => {
  const facts = factsOf(mini, allOn(mini));
  const boards = new Map([...facts.boards].map(([name, each]) => [name, { ...each, celsius: 84 }]));
  const cycled = planPower(mini, { ...facts, boards }, asking("cycle", mini.groups[0]!.boards));
  if (cycled.kind !== "plan") throw new Error(cycled.kind);
  expect(stepsOf(cycled.plan)).toContain("off:p1.2");
  expect(stepsOf(cycled.plan).filter((id) => id.startsWith("cool:"))).toEqual([]);
});

test("only what is hot in the rack of boards that get power is waited for, and once a rack", () => {
  const plain = fakeCluster(
    ["g01", "g02", "g03", "g04"].map((id) => ({ id, boards: 2 })),
    { waveBoards: 2 },
  );
  // g01 and g02 stand in r1, the others in r2.
  const racks = plain.boards.map((board, at) => ({ ...board, rack: at < 4 ? "r1" : "r2" }));
  const cluster = { ...plain, boards: racks };
  const facts = factsOf(cluster, allOff(cluster).set("pdu0.1", true));
  const boards = new Map(facts.boards).set("b0002", { ...facts.boards.get("b0002")!, celsius: 81 });
  const stepsFor = (names: readonly string[]): readonly string[] => {
    const plan = planPower(cluster, { ...facts, boards }, asking("on", names));
    return plan.kind === "plan" ? stepsOf(plan.plan) : [plan.kind];
  };
  expect(stepsFor(["b0005"])).toEqual(["on:pdu0.3", "wave:1"]);
  expect(stepsFor(["b0003", "b0005"])).toEqual(["cool:r1", "on:pdu0.2", "wave:1", "on:pdu0.3", "wave:2"]);
  // One of g01 is silent, its outlet is on: nothing is switched, so nothing gets warmer.
  boards.set("b0001", { ...boards.get("b0001")!, isUp: false });
  expect(stepsFor(["b0001"])).toEqual(["wave:1"]);
});

test("the 84 boards of the mini cluster: fans first, two waves, and the core that is always on stays so", () => {
  const plan = planned(mini, asking("on", all(mini)));
  expect(stepsOf(plan)).toEqual(["ready:server", "on:p1.4", "on:p1.2", "wave:1", "on:p1.3", "wave:2"]);
  expect(checkTrace(mini, traceOf(mini, plan))).toEqual([]);
  const down = planned(mini, asking("off", all(mini)), allOn(mini));
  expect(down.outlets).toEqual(["p1.3", "p1.2", "p1.4"]);
});

test("every limit of the examples is explained, and what is open is asked", () => {
  const reasons = new Map(explainLimits(garage).map((reason) => [reason.limit, reason]));
  expect(reasons.get("profile garage")).toMatchObject({ value: "126 boards" });
  expect(reasons.get("profile garage")?.from).toMatch(
    /^3 supplies of 42; it is one outlet's worth: c-r2-bottom on pdu1\.1 \(3 x 42\)/,
  );
  expect(reasons.get("profile garage-fourth-group")?.from).toContain(
    "c-r1-bottom on pdu1.3 (4 x 42); only in r1; against it: pdu1",
  );
  expect(reasons.get("rule back-switch")?.open).toContain(
    "until it is answered every group of r2, r3, r4 waits for pdu2.1, so a plan is safe under both readings",
  );
  expect(explainLimits(box).map(({ limit }) => limit)).toEqual([
    "profile venue",
    "site",
    "breaker pdu[0-7]",
    "supply u[01-25]",
    "wave",
    "stagger",
  ]);
  expect(explainLimits(desk).find(({ limit }) => limit === "breaker s1")?.value).toContain("49.6 W (80 % of 62 W)");
});

test("a contradiction that plans do not cover, or that names nothing known, is told as such", () => {
  const needs = garage.needs.map((need) => ({ ...need, needs: need.needs.filter((id) => id !== "core-back") }));
  const bare = explainLimits({ ...garage, needs }).find(({ limit }) => limit === "rule back-switch");
  expect(bare?.open).toContain("not safe under both readings: c-r2-top, c-r3-bottom");
  const rules = [{ id: "odd", text: null, conflict: "two notes differ", schedule: null }];
  const odd = explainLimits({ ...garage, rules }).at(-1);
  expect(odd).toMatchObject({ limit: "rule odd", value: "", open: expect.stringContaining("check that they hold") });
});
