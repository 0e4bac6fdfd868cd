import type { Colour, Lamp } from "@bramble/core/work";
import { defineLightDriver } from "@bramble/core/work";

/** The lamp of the simulator: pixels in memory, 24 unless the cluster file says otherwise. */
export const simulatedLamp = defineLightDriver({
  id: "simulated",
  summary: "A lamp in the head's memory; the page shows it.",
  open: async (config) => openLamp(config.count ?? 24),
});

function openLamp(count: number): Lamp {
  let pixels: readonly Colour[] = Array.from({ length: count }, () => [0, 0, 0] as const);
  return {
    count,
    async set(changes, signal) {
      signal.throwIfAborted();
      const next = [...pixels];
      for (const { index, colour } of changes) if (index in next) next[index] = colour;
      pixels = next;
    },
    read: () => pixels,
    async [Symbol.asyncDispose]() {},
  };
}
