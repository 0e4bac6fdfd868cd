import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Mac, Millis } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import { decodeSamples, encodeSamples } from "@bramble/core/observe";

/** The newest hour of every board in memory, packed: some 25 octets a sample, processes included. */
export type Recent = {
  /** Take samples in, in any order of time. The caller has made sure that none is known (`has`). */
  add(mac: Mac, samples: readonly Sample[]): void;
  has(mac: Mac, at: Millis): boolean;
  newest(mac: Mac): Sample | null;
  boards(): Iterable<Mac>;
  /** Samples with `from <= at <= to`, oldest first, at most `limit`. */
  read(mac: Mac, from: Millis, to: Millis, limit: number): Sample[];
  /** Forget what is older than `before`, block by block; the newest sample of each board stays. */
  prune(before: Millis): void;
};

/** @param perBoard most samples kept of one board, whatever their times. */
export function createRecent(perBoard = 5000): Recent {
  const boards = new Map<Mac, Kept>();
  return {
    add(mac, samples) {
      if (samples.length === 0) return;
      let kept = boards.get(mac);
      if (kept === undefined) {
        kept = { newest: samples[0]!, open: [], blocks: [], packed: 0 };
        boards.set(mac, kept);
      }
      for (const sample of samples) {
        if (sample.at > kept.newest.at) kept.newest = sample;
        kept.open.push(sample);
        if (kept.open.length >= perBlock) pack(kept);
      }
      while (kept.packed > perBoard && kept.blocks.length > 1) kept.packed -= kept.blocks.shift()!.count;
    },
    has(mac, at) {
      const kept = boards.get(mac);
      if (kept === undefined || at > kept.newest.at) return false;
      if (kept.open.some((sample) => sample.at === at)) return true;
      return kept.blocks.some((block) => covers(block, at, at) && unpack(block).some((sample) => sample.at === at));
    },
    newest: (mac) => boards.get(mac)?.newest ?? null,
    boards: () => boards.keys(),
    read(mac, from, to, limit) {
      const kept = boards.get(mac);
      if (kept === undefined) return [];
      const found = kept.open.filter(({ at }) => at >= from && at <= to);
      for (const block of kept.blocks) {
        if (!covers(block, from, to)) continue;
        for (const sample of unpack(block)) if (sample.at >= from && sample.at <= to) found.push(sample);
      }
      return found.sort((a, b) => a.at - b.at).slice(0, limit);
    },
    prune(before) {
      for (const kept of boards.values()) {
        kept.blocks = kept.blocks.filter(({ to }) => to >= before);
        kept.packed = kept.blocks.reduce((sum, { count }) => sum + count, 0);
        if (kept.open.length > 0 && kept.open.every(({ at }) => at < before)) kept.open = [];
      }
    },
  };
}

type Block = { readonly from: Millis; readonly to: Millis; readonly count: number; readonly bytes: Uint8Array };
type Kept = { newest: Sample; open: Sample[]; blocks: Block[]; packed: number };

/** Two minutes and a half at a sample each five seconds. */
const perBlock = 30;

function pack(kept: Kept): void {
  const samples = kept.open.sort((a, b) => a.at - b.at);
  kept.open = [];
  kept.packed += samples.length;
  kept.blocks.push({
    from: samples[0]!.at,
    to: samples.at(-1)!.at,
    count: samples.length,
    // A copy: what zlib gives stands in a buffer of 16 KB, which would be kept with it.
    bytes: new Uint8Array(deflateRawSync(encodeSamples(samples), { level: 1 })),
  });
}

function unpack(block: Block): Sample[] {
  return decodeSamples(inflateRawSync(block.bytes));
}

function covers(block: Block, from: Millis, to: Millis): boolean {
  return block.from <= to && block.to >= from;
}
