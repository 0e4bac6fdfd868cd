import type { Millis } from "../base/index.ts";

/** A board that shares a group and perhaps a switch with others, and how it stands. */
export type Neighbour = {
  readonly index: number;
  readonly group: string | null;
  readonly switch: string | null;
  /** It stopped answering without a word at this time; null for a board that is live. Others are left out. */
  readonly silentAt: Millis | null;
};

/** A cause shared by many: all `indexes` went silent because of `id`. */
export type Blame = { readonly cause: "group" | "switch"; readonly id: string; readonly indexes: readonly number[] };

/**
 * Who went silent together. A group (or a switch) is to blame when at least four fifths of its boards that were live
 * stopped answering within `windowMs`. Where a group and a switch hold the same boards the group is named: it is what power can reach;
 * where one holds the other, the larger is named.
 */
export function blame(neighbours: readonly Neighbour[], now: Millis, windowMs: Millis = 3000): Blame[] {
  const isRecent = (board: Neighbour): boolean => board.silentAt !== null && now - board.silentAt <= windowMs;
  const suspects = [...shared(neighbours, "group", isRecent), ...shared(neighbours, "switch", isRecent)].sort(
    (a, b) => b.indexes.length - a.indexes.length,
  );
  const explained = new Set<number>();
  const blames: Blame[] = [];
  for (const suspect of suspects) {
    if (suspect.indexes.every((index) => explained.has(index))) continue;
    for (const index of suspect.indexes) explained.add(index);
    blames.push(suspect);
  }
  return blames;
}

/** The fewest boards that can be said to have gone together. */
const least = 3;

function shared(
  neighbours: readonly Neighbour[],
  cause: "group" | "switch",
  isRecent: (board: Neighbour) => boolean,
): Blame[] {
  const sets = new Map<string, { silent: number[]; others: number }>();
  for (const board of neighbours) {
    const id = board[cause];
    if (id === null) continue;
    const set = sets.get(id) ?? { silent: [], others: 0 };
    sets.set(id, set);
    if (isRecent(board)) set.silent.push(board.index);
    // Who was silent long before tells nothing about this moment.
    else if (board.silentAt === null) set.others++;
  }
  const found: Blame[] = [];
  for (const [id, { silent, others }] of sets) {
    if (silent.length >= least && silent.length >= 0.8 * (silent.length + others))
      found.push({ cause, id, indexes: silent });
  }
  return found;
}
