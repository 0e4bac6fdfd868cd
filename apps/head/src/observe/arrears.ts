import type { Millis } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";

/** The way of one link's samples into the store, in order. */
export type Arrears = {
  /** Resolves once these samples, and all that came before them, are durable. Rejects as the store does. */
  store(samples: readonly Sample[]): Promise<void>;
  /** More is owed than is kept: only a new link, on which the board sends everything again, makes it whole. */
  isFull(): boolean;
};

/**
 * `stored {upTo}` speaks of all samples before it. So what the store refused (a full disk) is kept here and goes again
 * with the next frame, and no answer is given past it.
 *
 * @param most samples that are kept.
 */
export function createArrears(store: (samples: readonly Sample[]) => Promise<unknown>, most: number): Arrears {
  const owed = new Map<Millis, Sample>();
  let isFull = false;
  const keep = (samples: readonly Sample[]): void => {
    for (const sample of samples) owed.set(sample.at, sample);
    if (owed.size <= most) return;
    isFull = true;
    owed.clear();
  };
  return {
    async store(samples) {
      try {
        await store(samples);
        while (owed.size > 0) {
          const again = [...owed.values()];
          await store(again);
          for (const sample of again) if (owed.get(sample.at) === sample) owed.delete(sample.at);
        }
      } catch (thrown) {
        keep(samples);
        throw thrown;
      }
      if (isFull) throw new Error("samples before these were not kept");
    },
    isFull: () => isFull,
  };
}
