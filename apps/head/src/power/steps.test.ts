import type { PowerRequest } from "@bramble/core/power";
import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

const cluster = fakeCluster(
  [
    { id: "c-fans", feeds: ["fans"] },
    { id: "g01", boards: 4 },
    { id: "g02", boards: 1 },
  ],
  { needs: ["g01", "g02"].map((what) => ({ what, needs: ["fans"] })) },
);
const all = cluster.boards.map(({ name }) => name);
const group = all.slice(0, 4);

test("before power goes off work ends, then boards halt, then they are quiet; afterwards they take work again", async () => {
  await using box = await running();
  box.setWorking("b0001", true);
  await ask(box, { action: "off", boards: group, profile: null, withParents: false, allowCollateral: false });
  await pass(box, 20_000);
  expect(box.stateOf("b0001")).toBe("draining");
  expect(box.halted).toEqual([]);
  box.setWorking("b0001", false);
  await pass(box, 20_000);
  expect(box.halted).toEqual(group);
  expect(box.switched.slice(3)).toEqual(["pdu0.2 off"]);
  expect(box.roster.byName("b0001")?.standing).toMatchObject({ state: { kind: "off" } });
  expect(box.roster.byName("b0001")?.standing.isDraining).toBeUndefined();
  const [plan] = box.journal.list(1);
  expect(plan).toMatchObject({ state: "done", message: "everything is off as asked" });
  expect([...box.journal.steps(plan!.id).values()].map(({ note }) => note)).toContain("4 asked, all quiet");
});

test("work that never ends is waited for with an end, and the boards that do not halt lose their power all the same", async () => {
  await using box = await running();
  box.setWorking("b0001", true);
  box.isDeaf = true;
  await ask(box, { action: "off", boards: group, profile: null, withParents: false, allowCollateral: false });
  await pass(box, 400_000);
  expect(box.isOn("pdu0.2")).toBe(false);
  const notes = [...box.journal.steps(box.journal.list(1)[0]!.id).values()].map(({ note }) => note);
  expect(notes).toContain("1 boards still work: their work is taken back");
});

test("a group in which somebody works is not cycled for those that are missing", async () => {
  await using box = fakeBox(cluster);
  box.comesUp = (board) => board === "b0001" || board === "b0005";
  box.power.sequencer.up(all);
  await pass(box, 60_000);
  expect(box.power.isHeld("b0001")).toBe(true);
  box.setWorking("b0001", true);
  await pass(box, 200_000);
  expect(box.power.isHeld("b0001")).toBe(false);
  expect(box.switched.filter((line) => line.endsWith("off"))).toEqual([]);
  expect(box.roster.byName("b0002")?.standing.state).toMatchObject({
    reason: "1 of 4 came up; b0001 works, so pdu0.2 is not cycled",
  });
});

const more = { action: "on", boards: ["b0005"], profile: null, withParents: true, allowCollateral: false } as const;

/** b0001 is up and too hot, and b0005 is asked for in its rack. */
async function askBesideHot(box: FakeBox): Promise<void> {
  box.power.sequencer.up(group);
  await pass(box, 60_000);
  box.measure("b0001", 82);
  await ask(box, more);
}

test("boards that are too hot are waited for before others come up beside them, and stop the plan where they stay so", async () => {
  await using box = fakeBox(cluster);
  await askBesideHot(box);
  await pass(box, 590_000);
  expect(box.isOn("pdu0.3")).toBe(false);
  await pass(box, 30_000);
  const said = "b0001 is not below 80 °C after 10 min";
  expect(box.journal.list(1)[0]).toMatchObject({ state: "failed", message: said });
  await ask(box, more);
  await pass(box, 30_000);
  box.measure("b0001", 74);
  await pass(box, 60_000);
  expect(box.journal.list(1)[0]).toMatchObject({ state: "done" });
  expect(box.stateOf("b0005")).toBe("up");
});

test.each([
  ["is back and as hot as before", true],
  ["never comes back", false],
])("after a restart of the head nobody takes a hot board for a cool one: it %s", async (_what, isBack) => {
  await using box = fakeBox(cluster);
  await askBesideHot(box);
  await pass(box, 10_000);
  await box.power[Symbol.asyncDispose]();
  box.unhear("b0001");
  box.restart().sequencer.resume();
  await pass(box, 20_000);
  expect(box.isOn("pdu0.3")).toBe(false);
  if (isBack) {
    box.wake("b0001");
    box.measure("b0001", 82);
    await pass(box, 60_000);
    expect(box.isOn("pdu0.3")).toBe(false);
    box.measure("b0001", 74);
  }
  await pass(box, 15_000);
  expect(box.isOn("pdu0.3")).toBe(true);
});

test("a missing board with an outlet of its own is cycled alone", async () => {
  await using box = fakeBox(cluster);
  box.comesUp = (board, start) => board !== "b0005" || start > 1;
  box.power.sequencer.up(all);
  await pass(box, 300_000);
  expect(box.switched.slice(3)).toEqual(["pdu0.3 off", "pdu0.3 on"]);
  expect(all.map(box.stateOf)).toEqual(all.map(() => "up"));
});

test("what others need is not switched off while one of them cannot be", async () => {
  await using box = await running();
  box.lying.add("pdu0.2");
  await ask(box, { action: "off", boards: all, profile: null, withParents: true, allowCollateral: true });
  await pass(box, 200_000);
  expect(["pdu0.1", "pdu0.2", "pdu0.3"].map(box.isOn)).toEqual([true, true, false]);
  expect(box.journal.list(1)[0]).toMatchObject({ state: "failed" });
  expect(box.power.doubts.of("pdu0.2")).toBe("was switched off and reads on");
});

async function running(): Promise<FakeBox> {
  const box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, 60_000);
  return box;
}

async function ask(box: FakeBox, request: PowerRequest): Promise<void> {
  await box.power.sequencer.ask({ request, set: "some", by: "operator", why: null, key: null });
}

async function pass(box: FakeBox, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) await box.clock.advance(500);
}
