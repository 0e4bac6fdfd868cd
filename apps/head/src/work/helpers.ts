import type { Clock, Mac, Millis } from "@bramble/core/base";
import type { Roster } from "../register/roster.ts";

/** The boards that compute chunks, and how much each may have. */
export type Helpers = {
  set(board: Mac, slots: number): void;
  /** How many more batches the board may have now; `ahead`: counting one that waits at the board for its turn. */
  room(board: Mac, ahead: 0 | 1): number;
  /** Those that may help, as many batches as all of them compute at a time. */
  all(): readonly Mac[];
  count(): number;
  gave(board: Mac, batch: string): void;
  took(board: Mac, batch: string): void;
  /** It could not compute: it rests for a while. */
  failed(board: Mac): void;
  /** It computed wrongly: no more until it links again. @returns whether that is news. */
  distrust(board: Mac): boolean;
  /** Its link is gone. @returns its batches. */
  lost(board: Mac): readonly string[];
  /** Whether it computes chunks, or has until its last sample. */
  isBusy(board: Mac): boolean;
};

/** What it takes to know who is free. */
export type HelpersParts = {
  readonly roster: Roster;
  readonly clock: Clock;
  readonly isFree: (board: Mac) => boolean;
  readonly running: (board: Mac) => number;
};

/** `waits` counts the runs on a board that hold no thread, because they wait for a fold. */
export function createHelpers(
  { roster, clock, isFree, running }: HelpersParts,
  waits: (board: Mac) => number,
): Helpers {
  const helpers = new Map<Mac, Helper>();
  // Asked for each batch, and a thousand boards long: a moment's count will do.
  let counted = { at: Number.NEGATIVE_INFINITY, helpers: 0, slots: 0 };

  const isBusy = (board: Mac): boolean => {
    const helper = helpers.get(board);
    return helper !== undefined && (helper.batches.size > 0 || clock.monotonic() - helper.workedAt < ownLoadMs);
  };

  /** A board whose run waits can always do its own chunks; one that computes ours is busy by our own doing. */
  const mayHelp = (board: Mac, { restsUntil }: Helper): boolean => {
    const entry = roster.byMac(board);
    if (entry === null || !entry.isLinked || clock.monotonic() < restsUntil) return false;
    return isFree(board) || (entry.standing.state.kind === "up" && (isBusy(board) || waits(board) > 0));
  };

  return {
    set(board, slots) {
      if (slots <= 0) helpers.delete(board);
      else if (helpers.has(board)) helpers.get(board)!.slots = slots;
      else helpers.set(board, { slots, batches: new Set(), workedAt: Number.NEGATIVE_INFINITY, restsUntil: 0 });
    },
    room(board, ahead) {
      const helper = helpers.get(board);
      if (helper === undefined || !mayHelp(board, helper)) return 0;
      const threads = helper.slots - Math.max(0, running(board) - waits(board));
      return threads <= 0 ? 0 : threads + ahead - helper.batches.size;
    },
    /** Idle ones first. */
    all: () =>
      [...helpers]
        .filter(([board, helper]) => mayHelp(board, helper))
        .sort(([, a], [, b]) => a.batches.size - b.batches.size)
        .map(([board]) => board),
    count() {
      const now = clock.monotonic();
      if (now - counted.at > countMs || helpers.size !== counted.helpers) {
        let slots = 0;
        for (const [board, helper] of helpers) if (mayHelp(board, helper)) slots += helper.slots;
        counted = { at: now, helpers: helpers.size, slots };
      }
      return counted.slots;
    },
    gave: (board, batch) => void helpers.get(board)?.batches.add(batch),
    took(board, batch) {
      const helper = helpers.get(board);
      if (helper?.batches.delete(batch) === true) helper.workedAt = clock.monotonic();
    },
    failed(board) {
      const helper = helpers.get(board);
      if (helper !== undefined) helper.restsUntil = Math.max(helper.restsUntil, clock.monotonic() + restMs);
    },
    distrust(board) {
      const helper = helpers.get(board);
      if (helper === undefined || helper.restsUntil === Number.POSITIVE_INFINITY) return false;
      helper.restsUntil = Number.POSITIVE_INFINITY;
      return true;
    },
    lost(board) {
      const batches = [...(helpers.get(board)?.batches ?? [])];
      helpers.delete(board);
      return batches;
    },
    isBusy,
  };
}

type Helper = { slots: number; readonly batches: Set<string>; workedAt: Millis; restsUntil: Millis };

/** A sample is five seconds old at most, and tells of the time since the one before. */
const ownLoadMs = 11_000;
const restMs = 5_000;
const countMs = 200;
