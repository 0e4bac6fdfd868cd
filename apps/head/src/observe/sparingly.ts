import type { Clock, Millis } from "@bramble/core/base";

/** Says when something that may happen thousands of times is worth a line of the log again. */
export type Sparing = {
  /** How often it was kept quiet since the last line, or null when it is too early for another. */
  due(): number | null;
};

/** At most one line every `ms`. */
export function sparingly(clock: Clock, ms: Millis): Sparing {
  let last = Number.NEGATIVE_INFINITY;
  let quiet = 0;
  return {
    due() {
      const now = clock.monotonic();
      if (now - last < ms) {
        quiet++;
        return null;
      }
      const kept = quiet;
      last = now;
      quiet = 0;
      return kept;
    },
  };
}
