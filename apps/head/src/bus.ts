import type { EventBody } from "@bramble/core/api";
import type { Millis } from "@bramble/core/base";
import type { BootReport, Diagnosis } from "@bramble/core/boot";
import type { BoardSample, Standing } from "@bramble/core/observe";
import type { BoardRecord } from "@bramble/core/register";
import type { Light } from "@bramble/core/show";

/** What one room tells the others. Plain data: the same words would go over NATS between heads. */
export type HeadEvents = {
  /** The roster's entry at this layout index was replaced: its record, standing, newest sample or anything else. */
  "roster.changed": { readonly index: number };
  /** A record was made or changed, and is durable. */
  "board.registered": { readonly record: BoardRecord; readonly isNew: boolean };
  "board.standing": { readonly record: BoardRecord; readonly before: Standing; readonly now: Standing };
  /** The newest sample of each board of a batch, after the store's commit. */
  "samples.stored": { readonly newest: readonly BoardSample[]; readonly count: number };
  /** A board has begun a step of its boot. `isSeen`: our servers saw it; else the board said so. */
  "boot.reported": {
    readonly record: BoardRecord;
    readonly report: BootReport;
    readonly at: number;
    readonly isSeen: boolean;
  };
  /** A board on its way gave a sign; at most a few a second are told of each. `board` is its name. */
  "lane.moved": { readonly board: string };
  /** A board went no further in its boot, and why, as far as that can be told. `board` is its name. */
  "lane.stopped": Diagnosis & { readonly board: string; readonly group: string | null };
  /** A boot that was seen from its beginning is over: the board is registered. */
  "lane.done": { readonly tookMs: Millis };
  /** A board's link opened (after welcome) or is gone. */
  "link.opened": { readonly record: BoardRecord };
  "link.closed": { readonly record: BoardRecord };
  /** The outlets of a PDU were read, whatever stands otherwise, or that was tried. */
  "power.read": { readonly pdu: string };
  /** Outlets were switched and read back. `boards` are names. */
  "power.switched": { readonly outlet: string; readonly on: boolean; readonly boards: readonly string[] };
  "work.changed": { readonly board: string | null; readonly isWorking: boolean };
  "lights.changed": { readonly lights: readonly Light[] };
  /** An event under the number that it is kept under: for viewers. */
  "event.kept": { readonly event: EventBody };
  /** Something a person may want to read; kept in the newest events and sent to viewers. */
  event: {
    readonly kind: string;
    readonly level: "info" | "warn" | "error";
    readonly board: string | null;
    readonly message: string;
  };
};

/** The in-process bus. Subscribers are called at once, in the order they came; one that throws harms no other. */
export type Bus = {
  emit<K extends keyof HeadEvents>(name: K, event: HeadEvents[K]): void;
  /** @returns ends the subscription. */
  on<K extends keyof HeadEvents>(name: K, receive: (event: HeadEvents[K]) => void): () => void;
};

/** A bus; `onFault` hears of subscribers that threw. */
export function createBus(onFault: (name: string, thrown: unknown) => void): Bus {
  const receivers = new Map<string, Set<(event: never) => void>>();
  return {
    emit(name, event) {
      for (const receive of receivers.get(name) ?? []) {
        try {
          receive(event as never);
        } catch (thrown) {
          onFault(name, thrown);
        }
      }
    },
    on(name, receive) {
      const set = receivers.get(name) ?? new Set();
      receivers.set(name, set);
      set.add(receive as (event: never) => void);
      return () => void set.delete(receive as (event: never) => void);
    },
  };
}
