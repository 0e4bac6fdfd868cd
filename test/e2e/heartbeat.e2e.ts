import { expect, test } from "vitest";
import { measureHeartbeats } from "../bench/heartbeat.ts";

test("the agent's heartbeat is on time while the worst programs run on every core", { timeout: 120_000 }, async () => {
  const { idle, busy, ended } = await measureHeartbeats(20);
  console.log(`idle ${JSON.stringify(idle)}; busy ${JSON.stringify(busy)}; ended ${JSON.stringify([...ended])}`);
  // Every limit was met, and none of them by being stopped from outside.
  expect([...ended.keys()]).toEqual(expect.arrayContaining(["STEPS", "MEMORY", "DEPTH", "OUTPUT"]));
  expect(ended.has("TIME")).toBe(false);
  expect(busy.beats).toBeGreaterThan(100);
  // What this machine adds by itself is seen on the idle agent.
  expect(busy.worst).toBeLessThanOrEqual(50 + idle.worst);
});
