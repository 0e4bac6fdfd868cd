import { expect, test } from "vitest";
import { bringUpWithKills } from "./power-kill.ts";

/** 84 boards in `npm test`; the police box is e2e. That it holds at every write is tested in apps/head/src/power. */
test("a head that is killed at each step of a bring-up brings all boards up, switches nothing twice and breaks no limit", async () => {
  const { plan, up, boards, starts, offs, violations, killedAt } = await bringUpWithKills("mini-84.yaml", 60);
  expect(plan).toMatchObject({ state: "done", missing: [] });
  expect(up).toBe(boards);
  expect(Object.values(starts)).toEqual(Object.values(starts).map(() => 1));
  expect(offs).toBe(0);
  expect(violations).toEqual([]);
  expect(killedAt.length).toBeGreaterThanOrEqual(4);
}, 300_000);
