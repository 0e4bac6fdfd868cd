import { expect, test } from "vitest";
import { killAgainAndAgain } from "./kill.ts";

/** Four kills fit into `npm test`; twenty are e2e. */
test("a head that is killed in the middle of load loses nothing that it has promised", async () => {
  const { registered } = await killAgainAndAgain(4, 8, "npm-test");
  expect(registered).toBe(8);
}, 240_000);
