import type { Millis } from "@bramble/core/base";
import type { BoardRow, Counters, Delta, Light, Snapshot } from "@bramble/core/show";
import { encodeFrame } from "@bramble/core/show";
import type { Roster } from "../register/roster.ts";
import { isSameRow, isSameStanding, rowOf } from "./row.ts";

/** The picture that all viewers see, and the steps that led to it. Encodes each step once, for everybody. */
export type Stage = {
  readonly sequence: number;
  /** Boards shown. */
  readonly size: number;
  /** This board's entry was replaced. */
  touch(index: number): void;
  setLights(lights: readonly Light[]): void;
  /**
   * The next step, encoded; null when nothing that is seen has changed.
   *
   * @param withReadings whether boards whose readings alone have changed are shown now; else they wait for a later step.
   */
  advance(now: Millis, counters: Counters, withReadings?: boolean): Uint8Array<ArrayBuffer> | null;
  /** The whole picture, encoded once a sequence. */
  snapshot(): Uint8Array<ArrayBuffer>;
  /** The steps after `sequence`, oldest first; null when they are no longer kept or never were. */
  since(sequence: number): readonly Uint8Array<ArrayBuffer>[] | null;
};

/** How many steps are kept for viewers that come back, by number and by size. */
type RingTerms = { readonly steps: number; readonly octets: number };

/** How a stage begins. */
export type StageTerms = { readonly first: number; readonly at: Millis; readonly ring?: RingTerms };

/**
 * A stage over the roster, as it is at `at`.
 *
 * @param first the first sequence. Later starts of the head must begin higher, so that a viewer of an earlier one is
 * never given steps that do not fit its picture.
 */
export function createStage(
  roster: Roster,
  { first, at: startedAt, ring = { steps: 600, octets: 4_000_000 } }: StageTerms,
): Stage {
  const rows: BoardRow[] = [];
  const touched = new Set<number>();
  let lights: readonly Light[] = [];
  let areLightsNew = false;
  let counters: Counters = { samplesPerSecond: 0, warblesDone: 0, warblesQueued: 0 };
  let sequence = first;
  let at = startedAt;
  let whole: Uint8Array<ArrayBuffer> | null = null;
  const kept: { readonly base: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  let keptOctets = 0;

  const keep = (base: number, bytes: Uint8Array<ArrayBuffer>): void => {
    kept.push({ base, bytes });
    keptOctets += bytes.length;
    while (kept.length > ring.steps || (keptOctets > ring.octets && kept.length > 1)) {
      keptOctets -= kept.shift()?.bytes.length ?? 0;
    }
  };
  for (const entry of roster.all()) rows.push(rowOf(entry));

  return {
    get sequence() {
      return sequence;
    },
    get size() {
      return rows.length;
    },
    touch: (index) => void touched.add(index),
    setLights(next) {
      lights = next;
      areLightsNew = true;
    },
    advance(now, nextCounters, withReadings = true) {
      const changed: { index: number; row: BoardRow }[] = [];
      const take = (index: number): void => {
        const entry = roster.at(index);
        if (entry === null) {
          touched.delete(index);
          return;
        }
        const row = rowOf(entry);
        if (!withReadings && isSameStanding(rows[index], row)) return;
        touched.delete(index);
        if (isSameRow(rows[index], row)) return;
        rows[index] = row;
        changed.push({ index, row });
      };
      // Strangers are appended to the layout: their rows must follow each other without a hole.
      const grown = roster.all().length;
      for (let index = rows.length; index < grown; index++) touched.add(index);
      for (const index of [...touched].sort((a, b) => a - b)) take(index);
      const areCountersNew = !isSameCounters(counters, nextCounters);
      if (changed.length === 0 && !areLightsNew && !areCountersNew) return null;
      counters = nextCounters;
      at = now;
      const delta: Delta = {
        kind: "delta",
        base: sequence,
        sequence: sequence + 1,
        at,
        rows: changed,
        lights: areLightsNew ? lights : null,
        counters: areCountersNew ? counters : null,
      };
      areLightsNew = false;
      whole = null;
      const bytes = encodeFrame(delta);
      keep(sequence, bytes);
      sequence++;
      return bytes;
    },
    snapshot() {
      const picture: Snapshot = { kind: "snapshot", sequence, at, rows, lights, counters };
      whole ??= encodeFrame(picture);
      return whole;
    },
    since(from) {
      if (from === sequence) return [];
      const start = kept.findIndex(({ base }) => base === from);
      return start === -1 ? null : kept.slice(start).map(({ bytes }) => bytes);
    },
  };
}

function isSameCounters(a: Counters, b: Counters): boolean {
  return (
    Math.round(a.samplesPerSecond * 10) === Math.round(b.samplesPerSecond * 10) &&
    a.warblesDone === b.warblesDone &&
    a.warblesQueued === b.warblesQueued
  );
}
