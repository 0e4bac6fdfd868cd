import type { Clock, Millis } from "@bramble/core/base";

/** A gate that lets callers through one after another, `gapMs` apart: two supplies never start in the same moment. */
export function createStagger(clock: Clock, gapMs: Millis, signal: AbortSignal): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let freeAt = Number.NEGATIVE_INFINITY;
  return () => {
    const mine = last.then(async () => {
      const wait = freeAt - clock.monotonic();
      if (wait > 0) await clock.sleep(wait, signal);
      signal.throwIfAborted();
      freeAt = clock.monotonic() + gapMs;
    });
    last = mine.catch(() => {});
    return mine;
  };
}
