import fc from "fast-check";
import { expect, test } from "vitest";
import { type Budget, type BudgetAct, stepBudget, withinBudget } from "./budget.ts";

const terms = { allowedWatts: 1440, ratingWatts: 1800, sustainMs: 60_000 };
const group = (id: string, boards = 4) => ({ id, boards: Array.from({ length: boards }, (_, n) => `${id}-${n + 1}`) });
const groups = [group("g01"), group("g02"), group("g03")];

/** Reads these watts every five seconds; groups that are shed are gone. Gives what is done, and when. */
function follow(script: readonly (readonly [watts: number, forMs: number])[], from = groups): string[] {
  let budget = withinBudget;
  let at = 0;
  const left = [...from];
  const acts: string[] = [];
  for (const [watts, forMs] of script)
    for (let passed = 0; passed < forMs; passed += 5000, at += 5000) {
      const { budget: next, act } = stepBudget(budget, { at, watts, groups: left }, terms);
      budget = next;
      if (act.kind !== "nothing") acts.push(`${at / 1000} ${inWords(act)}`);
      if (act.kind === "off")
        left.splice(
          left.findIndex(({ id }) => id === act.group),
          1,
        );
    }
  return acts;
}

function inWords(act: BudgetAct): string {
  const { kind } = act;
  if (kind === "halt") return `halt ${act.boards.join(" ")}`;
  if (kind === "off") return `off ${act.group}${act.isUrgent ? " at once" : ""}`;
  return kind === "drain" ? `drain ${act.group}` : kind;
}

test("what stays over is told, then the newest group is drained, thinned out, switched off; then the next", () => {
  expect(follow([[1500, 325_000]])).toEqual([
    "15 warn",
    "60 drain g03",
    "120 halt g03-2 g03-4",
    "180 off g03",
    "240 drain g02",
    "300 halt g02-2 g02-4",
  ]);
});

test("a group of one board is drained, then switched off", () => {
  expect(follow([[1500, 125_000]], [group("g01", 1)])).toEqual(["15 warn", "60 drain g01", "120 off g01"]);
});

test("past the rating the newest group goes after two readings, without the steps between, and its effect is waited for", () => {
  expect(follow([[1801, 35_000]])).toEqual(["15 off g03 at once", "30 off g02 at once"]);
  expect(
    follow([
      [1801, 15_000],
      [1400, 60_000],
    ]),
  ).toEqual([]);
});

test.each([
  [
    "a moment of inrush",
    [
      [2000, 5000],
      [1000, 60_000],
    ],
    [],
  ],
  [
    "a load that swings about the limit stays told",
    [
      [1500, 20_000],
      [1400, 60_000],
      [1500, 20_000],
    ],
    ["15 warn", "80 drain g03"],
  ],
  [
    "well below it is forgotten at once where nothing was done",
    [
      [1500, 50_000],
      [1300, 5000],
      [1500, 50_000],
    ],
    ["15 warn", "70 warn"],
  ],
  [
    "what was drained takes work again when it was calm for as long",
    [
      [1500, 65_000],
      [1300, 70_000],
    ],
    ["15 warn", "60 drain g03", "125 release"],
  ],
  [
    "what lies just below the limit is not calm",
    [
      [1500, 65_000],
      [1400, 100_000],
    ],
    ["15 warn", "60 drain g03"],
  ],
  ["nothing is left to shed", [[1500, 70_000]], ["15 warn"], []],
] as const)("%s", (_, script, expected, from?: readonly []) => {
  expect(follow(script, from === undefined ? groups : [...from])).toEqual(expected);
});

test("a group that somebody else switched off is not waited for", () => {
  const drained: Budget = { stage: { kind: "drained", group: "g03", since: 0 }, calmSince: null, pastSince: null };
  const reading = { at: 1000, watts: 1500, groups: groups.slice(0, 2) };
  expect(stepBudget(drained, reading, terms).budget.stage).toEqual({ kind: "over", since: 1000, isTold: true });
});

test("whatever is measured: nothing is done within the limit, stages come in their order, each with its time", () => {
  const order = ["kept", "over", "drained", "thinned", "shed"];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 30_000 }), fc.nat(2500)), { maxLength: 80 }), (script) => {
      let budget = withinBudget;
      let at = 0;
      let entered = 0;
      for (const [later, watts] of script) {
        at += later;
        const { budget: next, act } = stepBudget(budget, { at, watts, groups }, terms);
        const [before, now] = [budget.stage.kind, next.stage.kind];
        if (act.kind === "drain" || act.kind === "halt" || act.kind === "off") {
          expect(watts).toBeGreaterThan(terms.allowedWatts);
          expect(act.group).toBe("g03");
          const isUrgent = act.kind === "off" && act.isUrgent;
          if (isUrgent) expect(watts).toBeGreaterThan(terms.ratingWatts);
          else expect(at - entered).toBeGreaterThanOrEqual(terms.sustainMs);
        }
        if (act.kind === "halt") expect(before).toBe("drained");
        if (act.kind === "off" && !act.isUrgent) expect(before).toBe("thinned");
        if (now !== before) {
          const step = order.indexOf(now) - order.indexOf(before);
          const isUrgent = act.kind === "off" && act.isUrgent;
          expect(step === 1 || now === "kept" || isUrgent || act.kind === "drain").toBe(true);
        }
        if (now !== before || act.kind === "off") entered = at;
        budget = next;
      }
    }),
  );
});
