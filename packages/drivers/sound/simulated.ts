import { defineSoundDriver } from "@bramble/core/work";

/** The speaker of the simulator: it takes every sound and makes none. Nothing is fetched. */
export const simulatedSpeaker = defineSoundDriver({
  id: "simulated",
  summary: "A speaker that is never heard; the head keeps the list of what was played.",
  open: async () => ({
    async play(_url, signal) {
      signal.throwIfAborted();
    },
    async [Symbol.asyncDispose]() {},
  }),
});
