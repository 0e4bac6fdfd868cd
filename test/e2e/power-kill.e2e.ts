import { expect, test } from "vitest";
import { bringUpWithKills } from "../nothing-lost/power-kill.ts";

test("the police box comes up whole though its head is killed at each step of the plan", async () => {
  const figures = await bringUpWithKills("police-box.yaml", 60);
  const { state, message } = figures.plan;
  console.log(JSON.stringify({ ...figures, starts: Object.keys(figures.starts).length, plan: { state, message } }));
  const { plan, up, boards, starts, offs, violations, killedAt } = figures;
  expect(plan).toMatchObject({ state: "done", missing: [] });
  expect(up).toBe(boards);
  expect(Object.values(starts)).toEqual(Object.values(starts).map(() => 1));
  expect(offs).toBe(0);
  expect(violations).toEqual([]);
  expect(killedAt.length).toBeGreaterThanOrEqual(30);
}, 1_800_000);
