import { fakeClock, silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import { simulatedSpeaker } from "./simulated.ts";

const context = { clock: fakeClock(), log: silentLog };
const config = { id: "sound", address: null, count: null };

test("the simulated speaker takes a sound and fetches nothing", async () => {
  const signal = new AbortController().signal;
  await using speaker = await simulatedSpeaker.open(config, context, signal);
  // No such host exists: a fetch would fail.
  await expect(speaker.play("http://nowhere.invalid/tardis.mp3", signal)).resolves.toBeUndefined();
});

test("an ended wait plays nothing", async () => {
  await using speaker = await simulatedSpeaker.open(config, context, new AbortController().signal);
  await expect(speaker.play("http://nowhere.invalid/tardis.mp3", AbortSignal.abort())).rejects.toThrow();
});
