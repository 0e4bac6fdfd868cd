/** Milliseconds: a span, or a moment in UTC since 1970. */
export type Millis = number;

/** A timer that can be ended. Ending it twice, or after it fired, does nothing. */
export type Timer = { cancel(): void };

/** Time, passed in, so that tests run without sleeping and simulate years. */
export type Clock = {
  /** The wall clock, ms UTC. May jump. For what is stored and shown. */
  now(): Millis;
  /** Never goes back. For durations and deadlines. */
  monotonic(): Millis;
  /** Calls `run` once after `ms`. */
  after(ms: Millis, run: () => void): Timer;
  /** Calls `run` every `ms` until cancelled. */
  every(ms: Millis, run: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
};

/** The machine's own primitives of time, which only entry code holds. */
export type TimeSource = {
  now(): Millis;
  monotonic(): Millis;
  setTimeout(run: () => void, ms: Millis): unknown;
  clearTimeout(handle: unknown): void;
};

/**
 * A clock over the machine's timers. With `speed` 10 a wait of 10 s takes one real second;
 * `now` and `monotonic` are not scaled, so that what is stored stays true.
 */
export function clockFrom(source: TimeSource, speed = 1): Clock {
  const after = (ms: Millis, run: () => void): Timer => {
    const handle = source.setTimeout(run, Math.max(0, ms / speed));
    return { cancel: () => source.clearTimeout(handle) };
  };
  return {
    now: source.now,
    monotonic: source.monotonic,
    after,
    every(ms, run) {
      let current: Timer;
      const tick = (): void => {
        current = after(ms, tick);
        run();
      };
      current = after(ms, tick);
      return { cancel: () => current.cancel() };
    },
    sleep: (ms, signal) => sleepOn(after, ms, signal),
  };
}

/** `Clock.sleep` over any `after`. */
export function sleepOn(after: Clock["after"], ms: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const timer = after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
