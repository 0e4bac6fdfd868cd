import type { BootAnswer, LaneAnswer } from "@bramble/core/api";
import { bootSteps, type PiModel } from "@bramble/core/boot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noQuirks, type Verdict } from "../../apps/sim/src/firmware/script.ts";
import { type BootStage, boardOf, clock, openBootStage } from "./clients.ts";

/** Real heads see from the wire alone where real firmware stopped. */
const speed = 60;
let stage: BootStage;
beforeAll(async () => {
  stage = await openBootStage("mini-84.yaml", speed);
});
afterAll(() => stage[Symbol.asyncDispose]());

const never = new AbortController().signal;
let taken = 0;

/** Boots the next board and waits until its lane is as `isSeen` wants it: news of files come in batches. */
async function boot(
  model: PiModel,
  more: Parameters<typeof boardOf>[2],
  isSeen: (lane: LaneAnswer) => boolean,
): Promise<{ verdict: Verdict | null; lane: LaneAnswer }> {
  const slot = stage.slots[taken++]!;
  const verdict = await stage.network.boot(boardOf(slot, model, more), never);
  for (;;) {
    const lane = await stage.get<LaneAnswer>(`/boot/lanes/${slot.name}`);
    if (isSeen(lane)) return { verdict, lane };
    await clock.sleep(50);
  }
}

test.each(["3b", "3b+", "4", "5"] as const)("a %s comes up with all its quirks on", async (model) => {
  const quirks = { ...noQuirks, holdsOffers: model === "3b", doubleOackLosesFile: true, padHidesReply: true };
  const { verdict, lane } = await boot(model, { quirks }, ({ at }) => at === "root");
  expect(verdict).toMatchObject({ kind: "up", hasFixup: true, address: lane.address });
  expect(lane.client?.toLowerCase()).toContain(`raspberry pi ${model}`);
});

test.each(bootSteps.slice(2))("a board that stops at %s is seen to stand there", async (stopAt) => {
  // Nothing is heard of a system that starts; its root was fetched.
  const seen = stopAt === "agent" || stopAt === "registered" ? "root" : stopAt;
  const isInMiddle = stopAt === "kernel" || stopAt === "initrd";
  const { verdict, lane } = await boot(
    "3b+",
    { stopAt },
    ({ at, files }) => at === seen && (!isInMiddle || files.some(({ outcome }) => outcome === "moving")),
  );
  expect(verdict).toMatchObject({ kind: "stopped", step: stopAt });
  expect(lane.files.some(({ step, outcome }) => step === "root" && outcome === "done")).toBe(seen === "root");
});

test("a board that hears no OFFER asks five times and is seen to ask", async () => {
  const slot = stage.slots[taken++]!;
  const boots = stage.network.boot(boardOf(slot, "3b+", { stopAt: "offer" }), never);
  const lane = () => stage.get<LaneAnswer>(`/boot/lanes/${slot.name}`);
  while ((await lane()).steps.find(({ step }) => step === "discover")!.asks < 2) await clock.sleep(50);
  expect(["discover", "offer"]).toContain((await lane()).at);
  void boots.catch(() => {});
});

test.each(["3b+", "4"] as const)("a second DHCP server keeps no %s from booting, and is told", async (model) => {
  stage.network.setRogue(true);
  const { verdict } = await boot(model, {}, () => true);
  stage.network.setRogue(false);
  expect(verdict).toMatchObject({ kind: "up", address: expect.stringMatching(/^10\./) });
  const { servers, alarms } = await stage.get<BootAnswer>("/boot");
  expect(servers?.dhcp?.rogues).toEqual(["192.168.1.1"]);
  expect(alarms.some(({ message }) => message.includes("192.168.1.1"))).toBe(true);
});
