import type { Clock, Millis } from "./clock.ts";
import { sleepOn } from "./clock.ts";

/** A clock for tests and simulations of years: time passes only when `advance` says so. */
export type FakeClock = Clock & {
  /** Let `ms` pass: timers fire in order, and promises that they settle are run before the next. */
  advance(ms: Millis): Promise<void>;
  /** How many timers wait. A closed thing leaves none. */
  pending(): number;
};

/** A fake clock that starts at `startMs` (default: 2026-01-01T00:00Z). */
export function fakeClock(startMs: Millis = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsed = 0;
  let serial = 0;
  const timers = new Map<number, { at: Millis; run: () => void }>();
  const after = (ms: Millis, run: () => void) => {
    const id = serial++;
    timers.set(id, { at: elapsed + Math.max(0, ms), run });
    return { cancel: () => void timers.delete(id) };
  };
  const next = (until: Millis): number | null => {
    let best: number | null = null;
    for (const [id, timer] of timers) {
      if (timer.at <= until && (best === null || timer.at < timers.get(best)!.at)) best = id;
    }
    return best;
  };
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    after,
    every(ms, run) {
      let current = after(ms, tick);
      function tick(): void {
        current = after(ms, tick);
        run();
      }
      return { cancel: () => current.cancel() };
    },
    sleep: (ms, signal) => sleepOn(after, ms, signal),
    pending: () => timers.size,
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let id = next(until); id !== null; id = next(until)) {
        const timer = timers.get(id)!;
        timers.delete(id);
        elapsed = Math.max(elapsed, timer.at);
        timer.run();
        await settle();
      }
      elapsed = until;
    },
  };
}

/** Lets chains of already settled promises run to their end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}
