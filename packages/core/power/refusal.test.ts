import { expect, test } from "vitest";
import type { Cluster } from "../cluster/index.ts";
import { fakeCluster } from "./fake-cluster.ts";
import type { PowerFacts, PowerRequest } from "./plan.ts";
import { allOff, asking, factsOf } from "./plan-cases.ts";
import { planPower } from "./planner.ts";

const plain = fakeCluster([
  { id: "a", boards: 2 },
  { id: "b", boards: 2, alwaysOn: true },
  { id: "c", boards: 1, behind: "a" },
]);
const loose = { ...plain.boards[0]!, name: "b9999", index: 5, group: null };
const withLoose: Cluster = { ...plain, boards: [...plain.boards, loose] };
const allOn = new Map(plain.outlets.map(({ id }) => [id, true]));

function problemsOf(cluster: Cluster, facts: PowerFacts, request: PowerRequest): string[] {
  const answer = planPower(cluster, facts, request);
  if (answer.kind !== "refused") throw new Error(JSON.stringify(answer));
  return answer.problems.map(({ rule, message, hint }) => `${rule}: ${message} (${hint})`);
}

test.each([
  ["an empty set", asking("on", []), ["empty: no board is asked for (name boards: b0001, @k01, all)"]],
  [
    "a board that nobody knows",
    asking("on", ["b0007"]),
    ['unknown-board: no board is called "b0007" (did you mean b0001?)'],
  ],
  [
    "a name like no other",
    asking("on", ["somewhere"]),
    ['unknown-board: no board is called "somewhere" (bramble check lists the boards)'],
  ],
  [
    "a profile that nobody knows",
    asking("on", ["b0001"], { profile: "defualt" }),
    ['unknown-profile: there is no profile "defualt" (did you mean default? There are default)'],
  ],
  [
    "a profile like no other",
    asking("on", ["b0001"], { profile: "zzzzzzz" }),
    ['unknown-profile: there is no profile "zzzzzzz" (one of default)'],
  ],
  [
    "a board that no outlet reaches",
    asking("on", ["b9999", "b0001"]),
    [
      "unswitched: no outlet of the cluster file reaches b9999 (a circuit that feeds their supply, or a switch with PoE, makes them switchable)",
    ],
  ],
  [
    "what is always on",
    asking("off", ["b0003", "b0004"]),
    ["always-on: pdu0.2 (b) is always on by the cluster file (take always_on from its circuit if it may go off)"],
  ],
  [
    "neighbours, and what hangs behind",
    asking("off", ["b0001"], { allowCollateral: false }),
    [
      "collateral: pdu0.1 takes 2 boards along that were not named: b[0002,0005] (ask for them too, or say --collateral to take them along; their work is drained first)",
    ],
  ],
])("%s is refused by name", (_, request, expected) => {
  expect(problemsOf(withLoose, factsOf(plain, allOn), request)).toEqual(expected);
});

test("of many unknown names five are told, and how many more there are", () => {
  const names = Array.from({ length: 9 }, (_, n) => `nobody${n}`);
  const found = problemsOf(plain, factsOf(plain, allOn), asking("on", names));
  expect(found).toHaveLength(5);
  expect(found[0]).toContain("and 8 more are unknown");
});

test("whoever asks for all is told of boards that no outlet reaches, and gets the others", () => {
  const answer = planPower(
    withLoose,
    factsOf(plain, allOff(plain)),
    asking(
      "on",
      withLoose.boards.map(({ name }) => name),
    ),
  );
  expect(answer).toMatchObject({
    kind: "plan",
    plan: { notes: expect.arrayContaining(["no outlet reaches b9999: they stay as they are"]) },
  });
});

test("a parent that nobody has read is not taken to be on", () => {
  const facts: PowerFacts = { outlets: new Map([["pdu0.1", null]]), boards: new Map() };
  expect(problemsOf(plain, facts, asking("on", ["b0005"], { withParents: false }))[0]).toContain(
    "pdu0.1 (a) is not known to be on",
  );
});

test("a PDU that says off while boards behind it answer is doubted, and switched all the same", () => {
  const up = { isUp: true, isWorking: false, hasAgent: false };
  const facts: PowerFacts = { outlets: allOff(plain), boards: new Map([["b0001", up]]) };
  const off = planPower(plain, facts, asking("off", ["b0001", "b0002"]));
  expect(off).toMatchObject({
    kind: "plan",
    plan: { outlets: ["pdu0.1"], notes: ["pdu0.1 reads off, but boards behind it answer: it is switched off again"] },
  });
  const on = planPower(plain, facts, asking("on", ["b0001", "b0002"]));
  expect(on).toMatchObject({ plan: { outlets: ["pdu0.1"], notes: ["pdu0.1 reads off, but boards behind it answer"] } });
});

test("what a shared outlet brings up besides is named", () => {
  const answer = planPower(plain, factsOf(plain, allOff(plain)), asking("on", ["b0001"]));
  expect(answer).toMatchObject({
    plan: {
      collateral: [{ outlet: "pdu0.1", boards: ["b0002"] }],
      notes: ["pdu0.1 brings up 1 boards more: they share it"],
    },
  });
});

test("groups that are on and whose boards work are waited for, and never cycled", () => {
  const facts = factsOf(plain, allOn);
  const boards = new Map(facts.boards);
  boards.set("b0001", { isUp: true, isWorking: true, hasAgent: true });
  boards.set("b0002", { isUp: false, isWorking: false, hasAgent: false });
  boards.set("b0005", { isUp: false, isWorking: false, hasAgent: false });
  const answer = planPower(
    plain,
    { ...facts, boards },
    asking(
      "on",
      plain.boards.map(({ name }) => name),
    ),
  );
  if (answer.kind !== "plan") throw new Error(answer.kind);
  expect(answer.plan.moves).toBe(0);
  const terms = answer.plan.steps.map((step) => (step.kind === "bring-up" ? Object.entries(step.terms) : []));
  expect(terms.flat().map(([id, { retries }]) => `${id} ${retries}`)).toEqual(["a 0", "c 3"]);
  expect(answer.plan.notes).toEqual(["1 of 3 groups are up already"]);
});

test("asking for what is so already plans nothing", () => {
  const facts = factsOf(plain, allOn);
  const boards = plain.boards.map(({ name }) => name);
  expect(planPower(plain, facts, asking("on", boards))).toEqual({ kind: "nothing", why: "all of these boards are up" });
  const dark = factsOf(plain, new Map([...allOn].map(([id]) => [id, false])));
  expect(planPower(plain, dark, asking("off", boards))).toEqual({
    kind: "nothing",
    why: "all of these boards are off",
  });
  expect(planPower(plain, dark, asking("cycle", ["b0001"]))).toMatchObject({
    plan: { outlets: ["pdu0.1"], moves: 1, notes: ["pdu0.1: off, so only switched on"] },
  });
  expect(() => planPower(plain, dark, asking("wink" as "on", ["b0001"]))).toThrow("a case was forgotten");
});

test("a server without a button is not cut off, one without a sign of life is only pressed when it had no power", () => {
  const server = {
    id: "server",
    kind: "server",
    driver: null,
    address: null,
    count: null,
    mac: null,
    watts: 50,
    settings: {},
  };
  const make = (ready: string | null, start: { press: string; of: string; afterMs: number } | null) =>
    fakeCluster(
      [
        { id: "c-server", feeds: ["server"] },
        { id: "a", boards: 1 },
      ],
      {
        devices: [server],
        needs: [
          { what: "server", needs: ["c-server"], ready, start, timeoutMs: null },
          { what: "a", needs: ["server"] },
        ],
      },
    );
  const press = { press: "power", of: "box", afterMs: 100 };
  const steps = (
    cluster: Cluster,
    states: [boolean | null, boolean],
    action: "on" | "off",
    withParents = true,
  ): string[] => {
    const outlets = new Map<string, boolean | null>([
      ["pdu0.1", states[0]],
      ["pdu0.2", states[1]],
    ]);
    const answer = planPower(cluster, { outlets, boards: new Map() }, asking(action, ["b0001"], { withParents }));
    if (answer.kind !== "plan") throw new Error(JSON.stringify(answer));
    return [...answer.plan.steps.map(({ id }) => id), ...answer.plan.notes];
  };
  const ready = "tcp 10.0.0.1:80";
  expect(steps(make(ready, null), [true, true], "off")).toEqual([
    "off:pdu0.2",
    "pdu0.1 (c-server: server) stays on: nothing says how what it feeds is halted",
  ]);
  expect(steps(make(null, press), [false, false], "on")).toEqual(["on:pdu0.1", "press:server", "on:pdu0.2", "wave:1"]);
  expect(steps(make(null, press), [null, false], "on")).toEqual(["on:pdu0.1", "on:pdu0.2", "wave:1"]);
  expect(steps(make(ready, press), [true, false], "on")).toEqual([
    "press:server",
    "ready:server",
    "on:pdu0.2",
    "wave:1",
  ]);
  expect(steps(make(ready, press), [true, false], "on", false)).toEqual(["ready:server", "on:pdu0.2", "wave:1"]);
  expect(steps(make(null, press), [true, true], "off")).toEqual(steps(make(ready, null), [true, true], "off"));
});

test("a wave counts on a group of it being cycled while the others work", () => {
  // Started one after the other they stay at 37.5 W; the large one again beside the small one takes 42.5 W.
  const tight = fakeCluster(
    [
      { id: "large", boards: 5 },
      { id: "small", boards: 1 },
    ],
    { siteAmps: 37.5 / 120 },
  );
  const facts = factsOf(tight, allOff(tight));
  expect(problemsOf(tight, facts, asking("on", ["b0001", "b0006"]))[0]).toContain("site would carry 42.5 W");
  expect(planPower(tight, facts, asking("on", ["b0001"])).kind).toBe("plan");
});
