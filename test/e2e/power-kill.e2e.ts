import { expect, test } from "vitest";
import { moments, momentsOf } from "../nothing-lost/deaths.ts";
import { bringUpWithDeaths, type PowerFigures } from "../nothing-lost/power-kill.ts";

test("the police box comes up whole though its head is killed at each step of the plan", async () => {
  const figures = await bringUpWithDeaths("police-box.yaml", "in-turn", 60);
  requireWhole(figures);
  expect(figures.deaths.map(({ step }) => step)).toEqual(figures.steps);
}, 1_800_000);

test("the mini cluster comes up whole though its head is killed at each moment of each step", async () => {
  const figures = await bringUpWithDeaths("mini-84.yaml", "each", 60);
  requireWhole(figures);
  expect(figures.deaths).toEqual(figures.steps.flatMap((step) => momentsOf(step).map((moment) => ({ step, moment }))));
}, 900_000);

/** As asked, each outlet switched on once and none off, no limit broken. */
function requireWhole({ plan, up, boards, starts, offs, violations, steps, deaths, seconds }: PowerFigures): void {
  const times = Object.groupBy(deaths, ({ moment }) => moment);
  const told = moments.map((moment) => `${times[moment]?.length ?? 0} ${moment}`).join(", ");
  console.log(
    `${up} of ${boards} up, ${deaths.length} deaths (${told}) in ${steps.length} steps, ` +
      `${Object.keys(starts).length} outlets, ${violations.length} violations, ${seconds} s`,
  );
  expect(plan).toMatchObject({ state: "done", missing: [] });
  expect(up).toBe(boards);
  expect(Object.values(starts)).toEqual(Object.values(starts).map(() => 1));
  expect(offs).toBe(0);
  expect(violations).toEqual([]);
}
