import type { Millis } from "../base/index.ts";
import type { Lane } from "./lane.ts";
import type { BootStep } from "./steps.ts";

/** How fast the boards' clocks run, and the least that anybody is waited for. */
export type LanePace = {
  /** 30 where boards boot thirty times as fast as real ones. */
  readonly speed: number;
  /** However fast the boards: the servers' own time is no faster. */
  readonly leastMs: Millis;
};

/**
 * How long a board may give no sign in a step before it is thought to have stopped there, at the pace of a real board.
 * Counted from its last sign, so that a slow one that goes on is left alone. `power`: from power to the first DISCOVER, for
 * which a bank of 48 took 33 s (raspberrypi/firmware issue 1081).
 */
export const quietMs: Readonly<Record<BootStep | "power", Millis>> = {
  power: 60_000,
  // The ROM asks five times in 25 s and then never again.
  discover: 30_000,
  offer: 30_000,
  bootcode: 20_000,
  start: 20_000,
  config: 20_000,
  kernel: 20_000,
  // The kernel starts here, and finds its drivers.
  initrd: 60_000,
  // The system starts here; nothing is heard until its agent runs.
  root: 120_000,
  agent: 60_000,
  registered: 60_000,
};

/** Until when the board may be silent; null when nothing is waited for. */
export function dueAt(lane: Lane, pace: LanePace): Millis | null {
  const { kind } = lane.state;
  if (kind !== "waiting" && kind !== "booting") return null;
  const since = lane.heardAt ?? lane.poweredAt;
  if (since === null) return null;
  // With a plan that lets it boot from its own disk, its own system is all that comes next.
  const step = lane.isBoot === false ? "root" : (lane.at ?? "power");
  return since + Math.max(pace.leastMs, quietMs[step] / pace.speed);
}
