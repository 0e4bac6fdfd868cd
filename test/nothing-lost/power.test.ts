import { expect, test } from "vitest";
import { bringUpWithDeaths } from "./power-kill.ts";

/**
 * 84 boards, one death a step, in `npm test`; all moments of each step, and the police box, are e2e. That it holds at
 * every write is tested in apps/head/src/power.
 */
test("a head that is killed at each step of a bring-up brings all boards up, switches nothing twice and breaks no limit", async () => {
  const { plan, steps, deaths, up, boards, starts, offs, violations } = await bringUpWithDeaths(
    "mini-84.yaml",
    "in-turn",
    60,
  );
  expect(plan).toMatchObject({ state: "done", missing: [] });
  expect(deaths.map(({ step }) => step)).toEqual(steps);
  expect(up).toBe(boards);
  expect(Object.values(starts)).toEqual(Object.values(starts).map(() => 1));
  expect(offs).toBe(0);
  expect(violations).toEqual([]);
}, 300_000);
