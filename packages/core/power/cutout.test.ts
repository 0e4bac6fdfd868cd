import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Budget,
  type CutoutAct,
  type CutoutStage,
  cool,
  type Heat,
  stepBudget,
  stepCutout,
  stepHeat,
  withinBudget,
} from "./cutout.ts";

const thermal = { warnC: 70, alarmC: 80, cutC: 85, sustainMs: 60_000 };

function heatOf(readings: readonly (readonly [at: number, celsius: number])[]): Heat {
  return readings.reduce((heat, [at, celsius]) => stepHeat(heat, celsius, at, thermal), cool);
}

test.each([
  ["cool", [[0, 69.9]], "fine"],
  ["warm", [[0, 70]], "warn"],
  [
    "just below warm, having been warm",
    [
      [0, 71],
      [1, 67],
    ],
    "warn",
  ],
  [
    "cool again",
    [
      [0, 71],
      [1, 66.9],
    ],
    "fine",
  ],
  ["hot", [[0, 80]], "alarm"],
  [
    "at the cut for a moment",
    [
      [0, 85],
      [59_999, 86],
    ],
    "alarm",
  ],
  [
    "at the cut for as long as it takes",
    [
      [0, 85],
      [30_000, 83],
      [60_000, 85],
    ],
    "cut",
  ],
  [
    "at the cut with a pause for cooling",
    [
      [0, 85],
      [30_000, 81.9],
      [60_000, 85],
    ],
    "alarm",
  ],
  [
    "at the cut twice with nothing heard between",
    [
      [0, 85],
      [61_000, 85],
    ],
    "alarm",
  ],
  [
    "cut, and now below",
    [
      [0, 85],
      [60_000, 85],
      [61_000, 81],
    ],
    "alarm",
  ],
  [
    "cut, and now cool",
    [
      [0, 85],
      [60_000, 85],
      [61_000, 60],
    ],
    "fine",
  ],
] as const)("a board that is %s", (_, readings, level) => expect(heatOf(readings).level).toBe(level));

const cut: Heat = { level: "cut", hotSince: 0, at: 0 };
const boards = ["b1", "b2", "b3", "b4", "b5"];
const look = (hot: readonly string[], names = boards): { name: string; heat: Heat }[] =>
  names.map((name) => ({ name, heat: hot.includes(name) ? cut : cool }));

test("drain first, then every second board, then off", () => {
  let stage: CutoutStage = { kind: "normal" };
  const acts: [number, CutoutAct][] = [];
  for (let at = 0; at <= 300_000; at += 10_000) {
    const next = stepCutout(stage, look(["b3"]), at, thermal);
    stage = next.stage;
    if (next.act.kind !== "nothing") acts.push([at, next.act]);
  }
  expect(acts).toEqual([
    [0, { kind: "drain", boards }],
    [60_000, { kind: "halt", boards: ["b2", "b4"] }],
    [120_000, { kind: "off" }],
  ]);
  expect(stage).toEqual({ kind: "off" });
});

test("a board with an outlet of its own is drained, then switched off", () => {
  const drained = stepCutout({ kind: "normal" }, look(["b1"], ["b1"]), 0, thermal);
  expect(stepCutout(drained.stage, look(["b1"], ["b1"]), 60_000, thermal).act).toEqual({ kind: "off" });
});

test("what has cooled down is released after a while, not at the first cool look", () => {
  const drained = stepCutout({ kind: "normal" }, look(["b1"]), 0, thermal).stage;
  const cooling = stepCutout(drained, look([]), 10_000, thermal);
  expect(cooling.act.kind).toBe("nothing");
  const warm = stepCutout(cooling.stage, [{ name: "b1", heat: { ...cool, level: "warn" } }], 40_000, thermal);
  expect(stepCutout(warm.stage, look([]), 80_000, thermal).act.kind).toBe("nothing");
  expect(stepCutout(cooling.stage, look([]), 70_000, thermal)).toEqual({
    stage: { kind: "normal" },
    act: { kind: "release" },
  });
});

test("whatever is measured: no cut without a minute of heat, and stages come in their order", () => {
  const order = ["normal", "drained", "thinned", "off"];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(30_000), fc.integer({ min: 40, max: 100 })), { maxLength: 60 }), (script) => {
      let heat = cool;
      let stage: CutoutStage = { kind: "normal" };
      let at = 0;
      let entered = 0;
      const readings: [number, number][] = [];
      for (const [later, celsius] of script) {
        at += later;
        readings.push([at, celsius]);
        heat = stepHeat(heat, celsius, at, thermal);
        if (heat.level === "cut")
          for (const [then, was] of readings)
            if (then >= at - thermal.sustainMs) expect(was).toBeGreaterThanOrEqual(thermal.cutC - 3);
        if (celsius >= thermal.alarmC) expect(["alarm", "cut"]).toContain(heat.level);
        if (celsius < thermal.warnC - 3) expect(heat.level).toBe("fine");
        const next = stepCutout(
          stage,
          [
            { name: "a", heat },
            { name: "b", heat: cool },
          ],
          at,
          thermal,
        );
        const step = order.indexOf(next.stage.kind) - order.indexOf(stage.kind);
        if (next.stage.kind !== stage.kind) {
          expect(step === 1 || next.stage.kind === "normal").toBe(true);
          if (step === 1) expect(heat.level).toBe("cut");
          if (step === 1 && stage.kind !== "normal") expect(at - entered).toBeGreaterThanOrEqual(thermal.sustainMs);
          entered = at;
        }
        if (stage.kind === "off") expect(next.stage).toBe(stage);
        expect(next.act.kind === "nothing").toBe(next.stage.kind === stage.kind);
        stage = next.stage;
      }
    }),
  );
});

const terms = { allowedWatts: 1440, ratingWatts: 1800, sustainMs: 5000, settleMs: 10_000 };
const groups = ["g01", "g02", "g03"];

test("a budget that is passed for a while sheds the newest group, then waits for the effect", () => {
  let budget: Budget = withinBudget;
  const shed: string[] = [];
  const left = [...groups];
  for (let at = 0; at <= 30_000; at += 1000) {
    const next = stepBudget(budget, { at, watts: 1500, groups: left }, terms);
    budget = next.budget;
    if (next.shed === null) continue;
    shed.push(`${at} ${next.shed.group} ${next.shed.isUrgent}`);
    left.pop();
  }
  expect(shed).toEqual(["5000 g03 false", "15000 g02 false", "25000 g01 false"]);
});

test("past the rating the newest group goes at once", () => {
  expect(stepBudget(withinBudget, { at: 0, watts: 1801, groups }, terms).shed).toEqual({
    group: "g03",
    isUrgent: true,
  });
  expect(stepBudget(withinBudget, { at: 0, watts: 1801, groups: [] }, terms).shed).toBeNull();
});

test("a load that swings about the limit sheds nothing until it stays above; well below, it is forgotten", () => {
  const over = stepBudget(withinBudget, { at: 0, watts: 1441, groups }, terms).budget;
  const below = stepBudget(over, { at: 6000, watts: 1400, groups }, terms);
  expect(below).toEqual({ budget: over, shed: null });
  expect(stepBudget(below.budget, { at: 7000, watts: 1441, groups }, terms).shed).not.toBeNull();
  expect(stepBudget(over, { at: 1000, watts: 1300, groups }, terms).budget).toEqual(withinBudget);
});

test("shedding ends: within what is allowed nothing goes, above it the newest of those that are left", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20_000), fc.nat(2500)), { maxLength: 60 }), (script) => {
      let budget: Budget = withinBudget;
      let at = 0;
      let last = Number.NEGATIVE_INFINITY;
      for (const [later, watts] of script) {
        at += later;
        const next = stepBudget(budget, { at, watts, groups }, terms);
        budget = next.budget;
        if (next.shed === null) continue;
        expect(watts).toBeGreaterThan(terms.allowedWatts);
        expect(next.shed.group).toBe("g03");
        if (budget.overSince !== null && last >= budget.overSince)
          expect(at - last).toBeGreaterThanOrEqual(terms.settleMs);
        last = at;
      }
    }),
  );
});
