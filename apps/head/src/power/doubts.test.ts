import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

const cluster = fakeCluster([
  { id: "g01", boards: 4 },
  { id: "g02", boards: 4 },
  { id: "g03", boards: 4 },
]);
const all = cluster.boards.map(({ name }) => name);

test("an outlet that says on and is not is found out by its boards' silence, and told", async () => {
  await using box = fakeBox(cluster);
  box.pretending.add("pdu0.2");
  box.power.sequencer.up(all);
  await pass(box, 140_000);
  const { doubts } = box.power;
  expect(doubts.of("pdu0.1")).toBeNull();
  expect(doubts.of("pdu0.2")).toMatch(
    /^reads on for \d+ s, but none of its 4 boards shows life while [48] elsewhere are up/,
  );
  const told = box.events.filter(({ kind }) => kind === "outlet.doubted");
  expect(told).toHaveLength(1);
  expect(told[0]?.message).toContain("pdu0.2 reads on");
  box.pretending.clear();
  box.wake("b0005");
  await pass(box, 2000);
  expect(doubts.of("pdu0.2")).toBeNull();
  expect(box.events.map(({ kind }) => kind)).toContain("outlet.believed");
});

test("where no board anywhere shows life the outlets are not to blame", async () => {
  await using box = fakeBox(cluster);
  box.comesUp = () => false;
  box.power.sequencer.up(all);
  await pass(box, 300_000);
  expect(all.length).toBe(12);
  expect(["pdu0.1", "pdu0.2", "pdu0.3"].map(box.power.doubts.of)).toEqual([null, null, null]);
});

test("an outlet that says off while its boards go on talking is doubted", async () => {
  await using box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, 60_000);
  box.pretending.add("pdu0.1");
  await box.power.outlets.set("pdu0.1", false, new AbortController().signal);
  await pass(box, 20_000);
  box.wake("b0001");
  await pass(box, 2000);
  expect(box.power.doubts.of("pdu0.1")).toBe("reads off, but 1 of its 4 boards answer");
});

test("an outlet that was off and on again is doubted when one of its boards has run all the time", async () => {
  await using box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, 60_000);
  box.pretending.add("pdu0.1");
  const { signal } = new AbortController();
  for (const outlet of ["pdu0.1", "pdu0.2"]) {
    await box.power.outlets.set(outlet, false, signal);
    await pass(box, 5000);
    await box.power.outlets.set(outlet, true, signal);
  }
  await pass(box, 30_000);
  box.measure("b0001", 50, 80);
  box.measure("b0005", 50, 20);
  expect(box.power.doubts.of("pdu0.1")).toBe(
    "was off and on again 40 s ago, but b0001 has run for 80 s: it kept power",
  );
  expect(box.power.doubts.of("pdu0.2")).toBeNull();
  // Only another switching settles it.
  await pass(box, 10_000);
  expect(box.power.doubts.of("pdu0.1")).not.toBeNull();
  await box.power.outlets.set("pdu0.1", false, signal);
  expect(box.power.doubts.of("pdu0.1")).toBeNull();
});

test("a board that lost its power while its PDU was away for long is not held against the outlet", async () => {
  await using box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, 60_000);
  await box.power.outlets.set("pdu0.1", false, new AbortController().signal);
  await pass(box, 2000);
  // Somebody switches it on at the PDU, which answers only ten minutes later.
  box.away.add("pdu0");
  await pass(box, 5000);
  box.close("pdu0.1");
  await pass(box, 600_000);
  box.away.clear();
  await pass(box, 40_000);
  expect(box.power.outlets.isOn("pdu0.1")).toBe(true);
  box.wake("b0001");
  box.measure("b0001", 50, 630);
  expect(box.power.doubts.of("pdu0.1")).toBeNull();
  box.measure("b0001", 50, 700);
  expect(box.power.doubts.of("pdu0.1")).toMatch(/^was off and on again \d+ s ago, but b0001 has run for 700 s/);
});

test("an outlet that reads back otherwise than it was switched is doubted at once", async () => {
  await using box = fakeBox(cluster);
  box.lying.add("pdu0.3");
  box.power.sequencer.up(all);
  await pass(box, 200_000);
  expect(box.power.doubts.of("pdu0.3")).toBe("was switched on and reads off");
  expect(box.journal.list(1)[0]).toMatchObject({ state: "failed" });
});

async function pass(box: FakeBox, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) await box.clock.advance(500);
}
