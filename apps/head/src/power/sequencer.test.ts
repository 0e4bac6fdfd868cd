import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

const cluster = fakeCluster(
  [
    { id: "misc", alwaysOn: true },
    { id: "c-fans", feeds: ["fans"] },
    { id: "c-core", feeds: ["core"] },
    ...["g01", "g02", "g03"].map((id) => ({ id, boards: 42 })),
  ],
  { needs: ["g01", "g02", "g03"].map((what) => ({ what, needs: ["core", "fans"] })) },
);
const all = cluster.boards.map(({ name }) => name);
const second = 1000;

test("groups come up wave by wave, what they need first, the next as soon as the last is calm", async () => {
  await using box = fakeBox(cluster);
  expect(box.power.sequencer.up(all)).toEqual({ boards: 126, waves: 3 });
  await pass(box, 12 * second);
  expect(box.switched).toEqual(["pdu0.1 on", "pdu0.2 on", "pdu0.3 on"]);
  await pass(box, 5 * second);
  expect(box.switched.at(-1)).toBe("pdu0.4 on");
  expect(box.stateOf("b0001")).toBe("powering");
  expect(box.power.sequencer.progress()).toMatchObject({ wave: 1, waves: 3, groups: ["g01"], up: 0, expected: 126 });
  await pass(box, 12 * second);
  expect(box.stateOf("b0001")).toBe("up");
  expect(box.power.sequencer.progress()).toMatchObject({ wave: 2, up: 42, waveUp: 0, waveExpected: 42 });
  await pass(box, 60 * second);
  await box.power.sequencer.settled();
  expect(box.power.sequencer.progress()).toMatchObject({ up: 126, missing: [], done: true });
  expect(box.events.map(({ kind }) => kind)).toEqual([
    ...Array(3).fill(["wave.start", "wave.done"]).flat(),
    "power.done",
  ]);
});

test("37 of 42 are accepted without cycling, and the five are named", async () => {
  await using box = fakeBox(cluster);
  box.comesUp = (board) => Number(board.slice(1)) > 5;
  box.power.sequencer.up(["b0001"]);
  await pass(box, 60 * second);
  await box.power.sequencer.settled();
  expect(box.switched.filter((line) => line.endsWith("off"))).toEqual([]);
  const missing = ["b0001", "b0002", "b0003", "b0004", "b0005"];
  expect(box.power.sequencer.progress()).toMatchObject({ up: 37, expected: 42, missing, done: true });
  expect(box.power.sequencer.progress()).toMatchObject({ waveUp: 37, waveExpected: 42 });
  expect(box.events.find(({ kind }) => kind === "board.failed")?.message).toBe(
    `g01: 5 of 42 did not come up: ${missing.map((name) => `${name} (no sign)`).join(", ")}`,
  );
  expect(box.stateOf("b0001")).toBe("failed");
  expect(box.stateOf("b0006")).toBe("up");
  box.wake("b0003");
  expect(box.power.sequencer.progress()).toMatchObject({
    waveUp: 38,
    missing: missing.filter((name) => name !== "b0003"),
  });
});

test("20 of 42 are cycled again, and all come with the second start", async () => {
  await using box = fakeBox(cluster);
  box.comesUp = (board, start) => start > 1 || Number(board.slice(1)) <= 20;
  box.power.sequencer.up(["b0001"]);
  await pass(box, 104 * second);
  expect(box.switched.slice(3)).toEqual(["pdu0.4 on"]);
  await pass(box, 16 * second);
  expect(box.switched.slice(3)).toEqual(["pdu0.4 on", "pdu0.4 off", "pdu0.4 on"]);
  await pass(box, 20 * second);
  expect(box.power.sequencer.progress()).toMatchObject({ up: 42, missing: [], done: true });
});

test("a group that never comes is given up after its retries, and the others follow", async () => {
  await using box = fakeBox(cluster);
  box.comesUp = (board) => Number(board.slice(1)) > 42;
  box.power.sequencer.up(all);
  await pass(box, 600 * second);
  expect(box.power.sequencer.progress()).toMatchObject({ up: 84, done: true });
  expect(box.switched.filter((line) => line === "pdu0.4 on")).toHaveLength(4);
  expect(box.roster.byName("b0001")?.standing.state).toMatchObject({ kind: "failed", step: "power" });
});

test("a PDU that cannot be reached delays the others a little and stops none", async () => {
  const two = fakeCluster(
    [...Array.from({ length: 8 }, (_, n) => ({ id: `a${n}`, boards: 2 })), { id: "b0", boards: 2 }],
    { waveBoards: 4 },
  );
  await using box = fakeBox(two);
  box.away.add("pdu0");
  box.power.sequencer.up(two.boards.map(({ name }) => name));
  await pass(box, 300 * second);
  await box.power.sequencer.settled();
  expect(box.switched).toEqual(["pdu1.1 on"]);
  expect(box.power.sequencer.progress()).toMatchObject({ up: 2, expected: 18, done: true });
  expect(box.events.filter(({ kind }) => kind === "board.failed")).toHaveLength(8);
  expect(box.power.outlets.all()[0]?.error).toBe("pdu0: no route");
});

test("a PDU that gets power a moment later than the head is waited for", async () => {
  await using box = fakeBox(cluster);
  box.away.add("pdu0");
  box.power.sequencer.up(["b0001"]);
  await pass(box, 20 * second);
  box.away.clear();
  await pass(box, 40 * second);
  expect(box.power.sequencer.progress()).toMatchObject({ up: 42, done: true });
});

test("boards stay off while what they need cannot be switched on", async () => {
  await using box = fakeBox(cluster);
  box.lying.add("pdu0.2");
  box.power.sequencer.up(["b0001"]);
  await pass(box, 120 * second);
  await box.power.sequencer.settled();
  expect(box.isOn("pdu0.4")).toBe(false);
  expect(box.events.map(({ kind }) => kind)).toContain("outlet.failed");
  expect(box.events.map(({ message }) => message).join()).toContain("42 of 42 did not come up");
  expect(box.roster.byName("b0001")?.standing.state).toMatchObject({ reason: "pdu0.4 needs pdu0.2, which is not on" });
});

test("outlets that are on already are not switched, and their boards are accepted as they are", async () => {
  await using box = fakeBox(cluster);
  box.power.sequencer.up(["b0001"]);
  await pass(box, 60 * second);
  const before = [...box.switched];
  box.power.sequencer.up(["b0001"]);
  await pass(box, 10 * second);
  expect(box.switched).toEqual(before);
  expect(box.power.sequencer.progress()).toMatchObject({ up: 42, done: true });
});

test("one bring-up at a time; a cancelled one switches nothing more and nothing off", async () => {
  await using box = fakeBox(cluster);
  box.power.sequencer.up(all);
  expect(() => box.power.sequencer.up(all)).toThrow(expect.objectContaining({ code: "power.busy" }));
  await pass(box, 18 * second);
  expect(await box.power.sequencer.cancel()).toBe(true);
  await box.power.sequencer.settled();
  const before = [...box.switched];
  await pass(box, 300 * second);
  expect(box.switched).toEqual(before);
  expect(await box.power.sequencer.cancel()).toBe(false);
  expect(box.events.at(-1)?.kind).toBe("power.cancelled");
  expect(box.power.sequencer.progress()?.done).toBe(true);
});

test("a closed power room leaves no timer behind, also in the middle of a wave", async () => {
  const box = fakeBox(cluster);
  box.power.sequencer.up(all);
  await pass(box, 20 * second);
  await box[Symbol.asyncDispose]();
  await pass(box, 60 * second);
  expect(box.clock.pending()).toBe(0);
});

test("an outlet that somebody switches by hand is seen, and its boards with it", async () => {
  await using box = fakeBox(cluster);
  box.power.sequencer.up(["b0001"]);
  await pass(box, 60 * second);
  await box.power.outlets.set("pdu0.4", false, new AbortController().signal);
  expect(box.stateOf("b0001")).toBe("off");
  await expect(box.power.outlets.set("pdu9.1", true, new AbortController().signal)).rejects.toMatchObject({
    code: "outlet.unknown",
  });
});

test("an outlet that lies is retried, then told as what it is", async () => {
  await using box = fakeBox(cluster);
  box.lying.add("pdu0.4");
  const answer = box.power.outlets.set("pdu0.4", true, new AbortController().signal);
  const told = expect(answer).rejects.toMatchObject({ code: "power.readback", pdu: "pdu0" });
  await pass(box, 10 * second);
  await told;
  expect(box.stateOf("b0001")).toBe("off");
});

/** Lets time pass in small steps, so that chains of promises run to their end between two timers. */
async function pass(box: FakeBox, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) await box.clock.advance(250);
}
