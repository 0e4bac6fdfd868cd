import fc from "fast-check";
import { expect, test } from "vitest";
import { type CutoutAct, type CutoutStage, cool, type Heat, stepCutout, stepHeat } from "./cutout.ts";

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
