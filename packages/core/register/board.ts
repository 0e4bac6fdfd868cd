import type { Mac, Millis } from "../base/index.ts";

/** Where a board sits, as far as the cluster file tells. */
export type Place = {
  readonly rack: string;
  readonly bank: string;
  readonly slot: number;
  readonly switch: string | null;
  readonly port: number | null;
  readonly group: string | null;
};

/** What is kept of a board for ever: who it is, where it sits. What it does now is its standing (core/observe). */
export type BoardRecord = {
  readonly mac: Mac;
  /** From the cluster file, else `x-` and the last six hex digits of the MAC. */
  readonly name: string;
  /** Position in the layout: the cluster file's slots first, then strangers in the order they were seen. */
  readonly index: number;
  readonly serial: string | null;
  readonly model: string | null;
  readonly address: string | null;
  readonly place: Place | null;
  readonly isSimulated: boolean;
  readonly agent: string | null;
  readonly cores: number | null;
  readonly memoryMb: number | null;
  readonly bootId: string | null;
  readonly firstSeen: Millis;
  /** Last hello or first packet. */
  readonly lastRegistered: Millis;
};
