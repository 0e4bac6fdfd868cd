import { expect, test } from "vitest";
import { killAgainAndAgain } from "../nothing-lost/kill.ts";

test("a head that is killed in the middle of load, twenty times, loses nothing that it has promised", async () => {
  const figures = await killAgainAndAgain(20, 24, "e2e");
  console.log(figures);
  expect(figures.kills).toBe(20);
}, 600_000);
