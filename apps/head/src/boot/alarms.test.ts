import { fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { createBus, type HeadEvents } from "../bus.ts";
import { createAlarms } from "./alarms.ts";

test("an alarm holds until its end is told, or for a while; each is told as an event", async () => {
  const clock = fakeClock();
  const bus = createBus(() => {});
  const told: HeadEvents["event"][] = [];
  bus.on("event", (event) => told.push(event));
  const alarms = createAlarms({ bus, clock });
  const raise = (kind: string, board: string | null = null) =>
    alarms.raise({ kind, level: "warn", board, message: `${kind} it is` });
  raise("dhcp.rogue");
  raise("dhcp.conflict", "b1");
  raise("dhcp.conflict", "b1");
  raise("dhcp.pool-empty");
  expect(alarms.now().map(({ kind }) => kind)).toEqual(["dhcp.pool-empty", "dhcp.conflict", "dhcp.rogue"]);
  raise("dhcp.pool-free");
  await clock.advance(700_000);
  expect(alarms.now().map(({ kind }) => kind)).toEqual(["dhcp.rogue"]);
  raise("dhcp.rogue-gone");
  expect(alarms.now()).toEqual([]);
  expect(told).toHaveLength(6);
  for (let n = 0; n < 100; n++) raise("dhcp.conflict", `b${n}`);
  expect(alarms.now()).toHaveLength(50);
});
