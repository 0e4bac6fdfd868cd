import type { Millis } from "@bramble/core/base";
import { chanceAt } from "./chance.ts";

/** What a board that runs no Warble does anyway: its daemons, and now and then something bigger. */
export type Activity = {
  /** Percent of all four cores, 0 to 100. */
  readonly cpu: number;
  /** The burst that is on: the name of its process and its percent of all cores. */
  readonly burst: { readonly name: string; readonly cpu: number } | null;
};

/** One Warble keeps one of four cores busy. */
export const warbleCpu = 24;

/** The activity of a board at a moment. Pure: seed, board and moment decide. */
export function activityAt(seed: number, board: number, at: Millis): Activity {
  const habit = 0.8 + 1.6 * chanceAt(seed, board, 0, 0);
  const noise = 1.6 * chanceAt(seed, board, 1, Math.floor(at / 2_000));
  const period = 24_000 + 8_000 * chanceAt(seed, board, 2, 0);
  const window = Math.floor(at / period + chanceAt(seed, board, 3, 0));
  const isBursting = chanceAt(seed, board, 4, window) < burstPart;
  if (!isBursting) return { cpu: habit + noise, burst: null };
  const size = chanceAt(seed, board, 5, window);
  const cpu = 12 + 68 * size * size;
  const name = burstNames[Math.floor(chanceAt(seed, board, 6, window) * burstNames.length)]!;
  return { cpu: Math.min(100, habit + noise + cpu), burst: { name, cpu } };
}

/** A board is in a burst this part of its time. */
const burstPart = 0.035;
const burstNames = ["apt-get", "logrotate", "python3", "rsync", "fstrim", "mandb"] as const;
