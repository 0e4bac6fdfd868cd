import type { Millis } from "../base/index.ts";

/**
 * The watcher's own time. It follows the head's monotonic clock, but stands still whenever the head itself did not run:
 * what a board said meanwhile waits unread in the kernel, and nobody is thought dead for it.
 */
export type WatchTime = {
  /** Monotonic time of the last tick. */
  readonly tickedAt: Millis;
  /** The watcher's time at that tick. */
  readonly at: Millis;
  /** By how much that tick was late. */
  readonly lagMs: Millis;
};

/** How patient the watcher is. */
export type WatchTerms = {
  /** Between two ticks. */
  readonly tickMs: Millis;
  /** A tick that is late by no more than this is on time: timers are never exact. */
  readonly slackMs: Millis;
  /** No frame for longer than this: the board is silent. */
  readonly silentMs: Millis;
  /** Heartbeats but no sample for longer than this: it hangs. */
  readonly hungMs: Millis;
};

/** A tick each 250 ms; silent after 2.5 s (two heartbeats and a half); hung after four missed samples. */
export const watchTerms: WatchTerms = { tickMs: 250, slackMs: 50, silentMs: 2500, hungMs: 20_000 };

/** What is watched of one link: when it was last heard, and last heard with a sample, in the watcher's time. */
export type Pulse = { readonly heardAt: Millis; readonly sampledAt: Millis };

/** The watcher's time at its start. */
export function startWatch(monotonic: Millis): WatchTime {
  return { tickedAt: monotonic, at: 0, lagMs: 0 };
}

/** The watcher's time at its next tick. A tick that is late adds no more than one that is not. */
export function tickWatch(time: WatchTime, monotonic: Millis, terms: WatchTerms): WatchTime {
  const passed = Math.max(0, monotonic - time.tickedAt);
  const lagMs = passed > terms.tickMs + terms.slackMs ? passed - terms.tickMs : 0;
  return { tickedAt: monotonic, at: time.at + passed - lagMs, lagMs };
}

/** The watcher's time between two ticks, for noting when a board was heard. Never past the next tick. */
export function watchNow(time: WatchTime, monotonic: Millis, terms: WatchTerms): Millis {
  return time.at + Math.min(Math.max(0, monotonic - time.tickedAt), terms.tickMs);
}

/** How a link stands at the watcher's time `now`. */
export function judge(pulse: Pulse, now: Millis, terms: WatchTerms): "fine" | "silent" | "hung" {
  if (now - pulse.heardAt > terms.silentMs) return "silent";
  return now - pulse.sampledAt > terms.hungMs ? "hung" : "fine";
}
