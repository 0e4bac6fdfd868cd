import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

const cluster = fakeCluster([
  { id: "g01", boards: 4 },
  { id: "g02", boards: 4 },
]);
const all = cluster.boards.map(({ name }) => name);

test("a group that stays too hot is drained, thinned out and at last without power; the other goes on", async () => {
  await using box = await running();
  await warm(box, 72, 10_000);
  expect(kinds(box)).toContain("heat.warn");
  await warm(box, 90, 70_000);
  expect(kinds(box)).toContain("cutout.drain");
  expect(box.stateOf("b0001")).toBe("draining");
  expect(box.halted).toEqual([]);
  await warm(box, 90, 64_000);
  expect(box.halted).toEqual(["b0002", "b0004"]);
  await warm(box, 90, 120_000);
  expect(kinds(box)).toContain("cutout.off");
  expect([box.isOn("pdu0.1"), box.isOn("pdu0.2")]).toEqual([false, true]);
  expect(box.journal.list(1)[0]).toMatchObject({ by: "cut-out", state: "done" });
  expect(box.stateOf("b0005")).toBe("up");
});

test("a group that cools down after it was drained takes work again", async () => {
  await using box = await running();
  await warm(box, 90, 70_000);
  expect(box.stateOf("b0001")).toBe("draining");
  await warm(box, 50, 90_000);
  expect(box.stateOf("b0001")).toBe("up");
  expect(kinds(box)).toContain("cutout.over");
  expect(box.switched).toEqual(["pdu0.1 on", "pdu0.2 on"]);
});

test("a cut-out goes before an operator's plan for the same boards", async () => {
  await using box = await running();
  box.setWorking("b0001", true);
  const request = { action: "off", boards: all, profile: null, withParents: false, allowCollateral: true } as const;
  await box.power.sequencer.ask({ request, set: "all", by: "operator", why: null, key: null });
  await pass(box, 2000);
  expect(box.journal.open()).toMatchObject([{ by: "operator" }]);
  const urgent = { ...request, boards: all.slice(0, 4) };
  await box.power.sequencer.ask({ request: urgent, set: "@g01", by: "cut-out", why: "hot", key: null });
  expect(box.journal.list(2)).toMatchObject([
    { by: "cut-out" },
    { state: "cancelled", message: "a cut-out needs what it had" },
  ]);
  const late = box.power.sequencer.ask({ request, set: "all", by: "schedule", why: null, key: null });
  await expect(late).rejects.toMatchObject({ code: "power.busy" });
});

async function running(): Promise<FakeBox> {
  const box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, 60_000);
  return box;
}

/** The boards of g01 measure this for so long, a sample every five seconds. */
async function warm(box: FakeBox, celsius: number, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5000) {
    for (const name of all.slice(0, 4)) if (!box.halted.includes(name)) box.measure(name, celsius);
    await pass(box, 5000);
  }
}

function kinds({ events }: FakeBox): readonly string[] {
  return events.map(({ kind }) => kind);
}

async function pass(box: FakeBox, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) await box.clock.advance(500);
}
