import type { Cluster } from "@bramble/core/cluster";
import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

const minute = 60_000;
/** The box's clock begins at 00:00 UTC, which is 19:00 in New York. */
const nightly = {
  what: "shutdown all",
  at: "20:00",
  warnMinutes: [30, 1],
  reason: "power bill",
  enabled: true,
} as const;
const cluster: Cluster = {
  ...fakeCluster([
    { id: "g01", boards: 4 },
    { id: "g02", boards: 4 },
  ]),
  timezone: "America/New_York",
  rules: [{ id: "nightly", text: null, conflict: null, schedule: nightly }],
};
const all = cluster.boards.map(({ name }) => name);
const down = { action: "off", boards: all, profile: null, withParents: true, allowCollateral: true } as const;

test("at its time in the cluster's own zone everything goes off, after its warnings", async () => {
  await using box = await running();
  await pass(box, 55 * minute);
  expect(told(box)).toEqual(["nightly: shutdown all in 30 minutes; it can be put off"]);
  expect(all.map(box.stateOf)).toEqual(all.map(() => "up"));
  await pass(box, 6 * minute);
  expect(told(box).slice(1)).toEqual([
    "nightly: shutdown all in 1 minutes; it can be put off",
    "nightly: shutdown all: plan p2 has begun",
  ]);
  expect(box.journal.find(2)).toMatchObject({ by: "schedule", state: "done", why: "schedule nightly: power bill" });
  expect([box.isOn("pdu0.1"), box.isOn("pdu0.2")]).toEqual([false, false]);
});

test("what was put off stays so over a restart of the head, warns again and comes at its new time", async () => {
  await using box = await running();
  await box.power.schedules.snooze("nightly", 90);
  await box.power[Symbol.asyncDispose]();
  box.restart();
  expect(box.power.schedules.all()).toMatchObject([{ zone: "America/New_York", snoozedUntil: at(box, "02:30") }]);
  await pass(box, 100 * minute);
  expect(box.isOn("pdu0.1")).toBe(true);
  await pass(box, 60 * minute, () => !box.isOn("pdu0.1"));
  expect(Math.abs(box.clock.now() - at(box, "02:30"))).toBeLessThan(2 * minute);
  expect(told(box).filter((message) => message.includes("30 minutes"))).toHaveLength(1);
  expect(box.power.schedules.all()).toMatchObject([{ snoozedUntil: null, next: at(box, "01:00") + 24 * 60 * minute }]);
});

test("an operator's plan ends a schedule's for the same boards, and a schedule does not end an operator's", async () => {
  await using box = await running();
  box.setWorking("b0001", true);
  await box.power.sequencer.ask({ request: down, set: "all", by: "schedule", why: null, key: null });
  const mine = { ...down, boards: all.slice(0, 4) };
  await box.power.sequencer.ask({ request: mine, set: "@g01", by: "operator", why: null, key: null });
  expect(box.journal.find(2)).toMatchObject({ state: "cancelled", message: "an operator needs what it had" });
  // The operator's waits for work to end, over the time of the schedule.
  await pass(box, 3 * minute);
  await expect(
    box.power.sequencer.ask({ request: down, set: "all", by: "schedule", why: null, key: null }),
  ).rejects.toMatchObject({ code: "power.busy" });
});

async function running(): Promise<FakeBox> {
  const box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, minute);
  return box;
}

function told({ events }: FakeBox): readonly string[] {
  return events.filter(({ kind }) => kind.startsWith("schedule.")).map(({ message }) => message);
}

/** This time of the box's first day, in UTC. */
function at({ clock }: FakeBox, time: string): number {
  return Date.parse(`${new Date(clock.now()).toISOString().slice(0, 10)}T${time}:00Z`);
}

async function pass(box: FakeBox, ms: number, isOver: () => boolean = () => false): Promise<void> {
  for (let passed = 0; passed < ms && !isOver(); passed += 1000) await box.clock.advance(1000);
}
