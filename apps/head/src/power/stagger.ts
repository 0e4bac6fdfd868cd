import type { Clock, Millis } from "@bramble/core/base";

/**
 * Switches outlets on one after another, whichever plan asks: two supplies never start in the same moment. The gap counts
 * from the moment in which the one before was read back as on, so that it is never shorter than it should be.
 */
export type Stagger = {
  /** Switch when it is its turn; `afterMs` is what the plan asks for, `gapMs` what the next one waits after this one. */
  start<T>(
    terms: { readonly afterMs: Millis; readonly gapMs: Millis },
    turn: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;
  /** Something may have started at this moment, by another's hand or before a restart: the next one waits so long. */
  mayHaveStarted(gapMs: Millis): void;
};

/** A gate for all starts of one cluster. */
export function createStagger({ clock, paced }: { readonly clock: Clock; readonly paced: Clock }): Stagger {
  let last: Promise<unknown> = Promise.resolve();
  let startedAt = Number.NEGATIVE_INFINITY;
  let gapMs = 0;
  return {
    start(terms, turn, signal) {
      const mine = last.then(async () => {
        const wait = startedAt + Math.max(gapMs, terms.afterMs) - paced.monotonic();
        if (wait > 0) {
          await paced.sleep(wait, signal);
          // Timers and clocks round to a millisecond, which is many of a world that runs faster.
          await clock.sleep(roundingMs, signal);
        }
        signal.throwIfAborted();
        try {
          return await turn();
        } finally {
          startedAt = paced.monotonic();
          gapMs = terms.gapMs;
        }
      });
      last = mine.catch(() => {});
      return mine;
    },
    mayHaveStarted(ms) {
      startedAt = paced.monotonic();
      gapMs = Math.max(gapMs, ms);
    },
  };
}

const roundingMs: Millis = 2;
