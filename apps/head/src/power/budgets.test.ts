import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

/** Two groups behind one breaker of 300 W, of which 240 are allowed; each draws 100 W by its meter. */
const cluster = fakeCluster(
  [
    { id: "g01", boards: 4 },
    { id: "g02", boards: 4 },
  ],
  { breakerAmps: 2.5 },
);
const all = cluster.boards.map(({ name }) => name);
const second = 1000;

test("a breaker that stays over sheds the newest group step by step: told, drained, thinned out, off; the other stays", async () => {
  await using box = await running();
  box.draws.set("pdu0.2", 150);
  await pass(box, 40 * second);
  expect(messages(box)).toEqual([
    "budget.warn breaker pdu0 carries 250 W; it may carry 240 W (80 % of 2.5 A at 120 V)",
  ]);
  await pass(box, 40 * second);
  expect(messages(box).at(-1)).toBe("budget.drain breaker pdu0 carries 250 W for 60 s: no new work on g02");
  expect([box.stateOf("b0001"), box.stateOf("b0005")]).toEqual(["up", "draining"]);
  expect(box.halted).toEqual([]);
  await pass(box, 60 * second);
  expect(box.halted).toEqual(["b0006", "b0008"]);
  expect(box.power.budgets.stageOf("breaker pdu0")).toBe("thinned");
  await pass(box, 120 * second);
  expect(messages(box)).toContain("budget.off breaker pdu0 carries 250 W, so g02 goes off: plan p2 takes its power");
  expect([box.isOn("pdu0.1"), box.isOn("pdu0.2")]).toEqual([true, false]);
  expect(box.journal.list(1)[0]).toMatchObject({ by: "cut-out", state: "done" });
  await pass(box, 300 * second);
  expect(box.power.budgets.stageOf("breaker pdu0")).toBe("kept");
  expect(box.isOn("pdu0.1")).toBe(true);
});

test("within the limit again, what was drained takes work, and nothing was switched", async () => {
  await using box = await running();
  const before = box.switched.length;
  box.draws.set("pdu0.2", 150);
  await pass(box, 80 * second);
  expect(box.stateOf("b0005")).toBe("draining");
  box.draws.set("pdu0.2", 100);
  await pass(box, 90 * second);
  expect(box.stateOf("b0005")).toBe("up");
  expect(messages(box).at(-1)).toBe(
    "budget.over breaker pdu0 carries 200 W, well within what it may: what was drained takes work, what is off stays off",
  );
  expect(box.switched).toHaveLength(before);
});

test("past its rating a breaker loses the newest group at once, and no board is asked to halt", async () => {
  await using box = await running();
  box.draws.set("pdu0.1", 250);
  await pass(box, 40 * second);
  expect(box.isOn("pdu0.2")).toBe(false);
  expect(box.halted).toEqual([]);
  expect(box.journal.list(1)[0]?.plan?.steps.map(({ id }) => id)).toEqual(["off:pdu0.2"]);
  expect(messages(box)).toContain(
    "budget.off breaker pdu0 carries 350 W, more than its 300 W, so g02 goes off: plan p2 takes its power",
  );
});

test("where nothing measures, what somebody switched on by hand counts by what its boards may draw", async () => {
  const tight = fakeCluster(
    ["g01", "g02", "g03"].map((id) => ({ id, boards: 4 })),
    { breakerAmps: 0.5 },
  );
  await using box = fakeBox(tight);
  for (const { id } of tight.outlets) box.draws.set(id, null);
  box.power.sequencer.up(all);
  await pass(box, 60 * second);
  // By hand, on the PDU itself: no plan would.
  await box.power.outlets.set("pdu0.3", true, new AbortController().signal);
  await pass(box, 400 * second);
  expect(messages(box)[0]).toBe(
    "budget.warn breaker pdu0 carries 60 W by what its boards say; it may carry 48 W (80 % of 0.5 A at 120 V)",
  );
  expect(["pdu0.1", "pdu0.2", "pdu0.3"].map(box.isOn)).toEqual([true, true, false]);
});

test("a PDU that is away when power has to go is told, and asked again", async () => {
  await using box = await running();
  box.draws.set("pdu0.2", 150);
  await pass(box, 170 * second);
  expect(box.power.budgets.stageOf("breaker pdu0")).toBe("thinned");
  box.lying.add("pdu0.2");
  await pass(box, 60 * second);
  expect(box.journal.list(1)[0]).toMatchObject({ by: "cut-out", state: "failed" });
  box.lying.clear();
  await pass(box, 300 * second);
  expect(box.isOn("pdu0.2")).toBe(false);
});

test("a group that is too hot and over its limit takes work again only when both are over", async () => {
  await using box = await running();
  box.draws.set("pdu0.2", 150);
  await heat(box, 90, 80 * second);
  expect(box.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["budget.drain", "cutout.drain"]));
  box.draws.set("pdu0.2", 100);
  await heat(box, 83, 80 * second);
  expect(box.events.map(({ kind }) => kind)).toContain("budget.over");
  expect(box.stateOf("b0005")).toBe("draining");
  await heat(box, 40, 80 * second);
  expect(box.stateOf("b0005")).toBe("up");
});

test("a board that an operator drains stays drained when the cut-out is over", async () => {
  await using box = await running();
  box.drain("b0005");
  box.draws.set("pdu0.2", 150);
  await pass(box, 80 * second);
  box.draws.set("pdu0.2", 100);
  await pass(box, 90 * second);
  expect([box.stateOf("b0005"), box.stateOf("b0006")]).toEqual(["draining", "up"]);
});

test("what hangs behind a metered outlet is counted once", async () => {
  const series = fakeCluster([
    { id: "half", boards: 2 },
    { id: "lead", boards: 2, behind: "half" },
  ]);
  await using box = fakeBox(series);
  box.power.sequencer.up(series.boards.map(({ name }) => name));
  await pass(box, 60 * second);
  expect(box.power.outlets.watts()).toBe(100);
  expect(box.power.meters().find(({ limit }) => limit === "site")).toMatchObject({ watts: 100, isMeasured: true });
});

async function running(): Promise<FakeBox> {
  const box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, 60 * second);
  return box;
}

/** The boards of g02 measure this for so long. */
async function heat(box: FakeBox, celsius: number, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5000) {
    for (const name of all.slice(4)) box.measure(name, celsius);
    await pass(box, 5000);
  }
}

function messages({ events }: FakeBox): readonly string[] {
  return events.filter(({ kind }) => kind.startsWith("budget.")).map(({ kind, message }) => `${kind} ${message}`);
}

async function pass(box: FakeBox, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) await box.clock.advance(500);
}
