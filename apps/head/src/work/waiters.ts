import type { Clock, Millis, Timer } from "@bramble/core/base";

/** Requests that wait for something to end. */
export type Waiters = Disposable & {
  /** Resolves when `id` is settled, after `ms`, on the signal, or at once when too many wait already. */
  wait(id: string, ms: Millis, signal?: AbortSignal): Promise<void>;
  settle(id: string): void;
};

/** At most `most` waiting requests. */
export function createWaiters(clock: Clock, most: number): Waiters {
  const waiting = new Map<string, Set<() => void>>();
  let count = 0;
  const settle = (id: string): void => {
    for (const end of waiting.get(id) ?? []) end();
  };
  return {
    wait(id, ms, signal) {
      if (count >= most || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        count++;
        const ends = waiting.get(id) ?? new Set();
        waiting.set(id, ends);
        const timer: Timer = clock.after(ms, () => end());
        const end = (): void => {
          if (!ends.delete(end)) return;
          count--;
          timer.cancel();
          signal?.removeEventListener("abort", end);
          if (ends.size === 0) waiting.delete(id);
          resolve();
        };
        ends.add(end);
        signal?.addEventListener("abort", end, { once: true });
      });
    },
    settle,
    [Symbol.dispose]() {
      for (const id of [...waiting.keys()]) settle(id);
    },
  };
}
