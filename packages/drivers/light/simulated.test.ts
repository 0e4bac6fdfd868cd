import { fakeClock, silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import { lightDriverContract } from "./contract.ts";
import { simulatedLamp } from "./simulated.ts";

lightDriverContract(simulatedLamp);

test("a lamp whose size the cluster file leaves open has the 24 pixels of the box", async () => {
  const context = { clock: fakeClock(), log: silentLog };
  await using lamp = await simulatedLamp.open({ id: "l", address: null, count: null }, context, AbortSignal.any([]));
  expect(lamp.count).toBe(24);
});
