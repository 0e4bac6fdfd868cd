import type { Millis, Random } from "@bramble/core/base";

/**
 * How long to wait before the next attempt: the first two after 1 to 4 s, so that the thousand boards of a head that
 * was away for three seconds come back within 10 s but not in one instant; then half as long again each time, up to 60 s.
 *
 * @param failures attempts that failed since the last stable minute; 0 for the first retry.
 */
export function retryDelay(failures: number, random: Random): Millis {
  const longest = Math.min(60_000, 4000 * 1.5 ** Math.min(Math.max(0, failures - 1), 16));
  const shortest = longest / 4;
  return shortest + random.next() * (longest - shortest);
}
