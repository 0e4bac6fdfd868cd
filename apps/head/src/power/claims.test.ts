import { fakeCluster, type PowerRequest } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

// Two circuits of their own, and one that hangs on fans as the second does.
const cluster = fakeCluster(
  [
    { id: "g01", boards: 4 },
    { id: "c-fans", feeds: ["fans"] },
    { id: "g02", boards: 4 },
    { id: "g03", boards: 4 },
  ],
  { needs: ["g02", "g03"].map((what) => ({ what, needs: ["fans"] })), waveBoards: 4 },
);
const [g01, g02, g03] = ["g01", "g02", "g03"].map((id) => cluster.groups.find((group) => group.id === id)!.boards);

test("two boards of one circuit are never in two plans at a time", async () => {
  await using box = fakeBox(cluster);
  await box.clock.advance(1000);
  await on(box, g01!.slice(0, 1));
  await expect(on(box, g01!.slice(1, 2))).rejects.toMatchObject({
    code: "power.busy",
    message: expect.stringMatching(/^plan p1 has b0002: /),
  });
  await expect(ask(box, "off", g01!.slice(1, 2))).rejects.toMatchObject({ code: "power.busy" });
  await over(box);
  expect(box.switched).toEqual(["pdu0.1 on"]);
  await ask(box, "off", g01!);
  await over(box);
  expect(box.switched).toEqual(["pdu0.1 on", "pdu0.1 off"]);
});

test("plans of circuits that need nothing of one another run side by side", async () => {
  await using box = fakeBox(cluster);
  await box.clock.advance(1000);
  await on(box, g01!);
  await on(box, g02!);
  expect(box.power.sequencer.live().map(({ id }) => id)).toEqual([1, 2]);
  await over(box);
  expect([...box.switched].sort()).toEqual(["pdu0.1 on", "pdu0.2 on", "pdu0.3 on"]);
});

test("a circuit that another plan moves or counts on is nobody else's", async () => {
  await using box = fakeBox(cluster);
  await box.clock.advance(1000);
  await on(box, g02!);
  await expect(on(box, g03!)).rejects.toMatchObject({
    code: "power.busy",
    message: expect.stringMatching(/^plan p1 has pdu0\.2/),
  });
  await over(box);
  await on(box, g03!);
  // The fans are on already, so this plan does not move them; nobody takes them from it.
  await ask(box, "off", g02!);
  await over(box);
  expect([...box.switched].sort()).toEqual(["pdu0.2 on", "pdu0.3 off", "pdu0.3 on", "pdu0.4 on"]);
  expect(box.isOn("pdu0.2")).toBe(true);
});

function on(box: FakeBox, boards: readonly string[]) {
  return ask(box, "on", boards);
}

function ask(box: FakeBox, action: PowerRequest["action"], boards: readonly string[]) {
  const request = { action, boards, profile: null, withParents: true, allowCollateral: true };
  return box.power.sequencer.ask({ request, set: boards.join(), by: "operator", why: null, key: null });
}

/** Lets time pass until no plan runs. */
async function over(box: FakeBox): Promise<void> {
  for (let n = 0; n < 500 && box.power.sequencer.live().length > 0; n++) await box.clock.advance(500);
  expect(box.power.sequencer.live()).toEqual([]);
}
