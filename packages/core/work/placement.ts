import type { BoardState } from "../observe/index.ts";

/** What placement looks at. A line of the head's roster fits. */
export type Candidate = {
  readonly isLinked: boolean;
  readonly standing: { readonly state: BoardState };
  readonly latest: { readonly cpu: number | null } | null;
};

/** A board takes Warbles only while its newest CPU reading is below this, in percent. */
export const cpuLimit = 30;

/**
 * Whether a board may be given a Warble: linked, `up`, and measured below the CPU limit.
 * A board that has not measured its CPU yet is not free: a busy one would look the same.
 */
export function isFree(board: Candidate, limit: number = cpuLimit): boolean {
  if (!board.isLinked || board.standing.state.kind !== "up") return false;
  const cpu = board.latest?.cpu ?? null;
  return cpu !== null && cpu < limit;
}
