import type { Mac, Millis } from "@bramble/core/base";
import type { BootReport } from "@bramble/core/boot";
import type { BoardSlot } from "@bramble/core/cluster";
import type { Sample, Standing } from "@bramble/core/observe";
import type { BoardRecord } from "@bramble/core/register";

/**
 * One line of the roster: a place of the cluster file, a board that was seen, or both.
 * A place whose board has never been seen has no record and is `off`.
 */
export type Entry = {
  /** Position in the layout and in the live stream: the file's places first, then strangers. Never changes. */
  readonly index: number;
  readonly name: string;
  readonly slot: BoardSlot | null;
  readonly record: BoardRecord | null;
  readonly standing: Standing;
  readonly latest: Sample | null;
  readonly boot: (BootReport & { readonly at: Millis }) | null;
  readonly isLinked: boolean;
  readonly isWorking: boolean;
};

/** All boards, in memory, as every room reads them. Rooms change it through register and observe only. */
export type Roster = {
  /** By layout index, no holes. Do not keep: entries are replaced when they change. */
  all(): readonly Entry[];
  byMac(mac: Mac): Entry | null;
  byName(name: string): Entry | null;
  at(index: number): Entry | null;
};
