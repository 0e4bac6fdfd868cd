import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Mac, Millis } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import { decodeSamples, encodeSamples } from "@bramble/core/observe";

/** The newest hour of every board in memory, packed: some 35 octets a sample, processes included. */
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

/** How much is kept in memory, whoever sends it. */
export type RecentTerms = {
  /** Most samples kept of one board, whatever their times. */
  readonly perBoard: number;
  /** Samples of all boards that are not packed yet; with very many boards, blocks are smaller for it. */
  readonly open: number;
  /** Octets of all blocks; past them the oldest blocks go, whoever's they are. */
  readonly octets: number;
};

/** An hour of 1050 boards takes a quarter of it. */
const recentTerms: RecentTerms = { perBoard: 5000, open: 60_000, octets: 128 * 2 ** 20 };

/** The newest samples of all boards, within the terms. */
export function createRecent({ perBoard, open, octets }: RecentTerms = recentTerms): Recent {
  const boards = new Map<Mac, Kept>();
  /** Every block, in the order in which they were packed. */
  const packed = new Map<Block, Kept>();
  let size = 0;

  const forget = (block: Block, kept: Kept): void => {
    packed.delete(block);
    size -= sizeOf(block);
    kept.packed -= block.times.length;
  };
  const pack = (kept: Kept): void => {
    const block = blockOf(kept.open);
    kept.open = [];
    kept.blocks.push(block);
    kept.packed += block.times.length;
    packed.set(block, kept);
    size += sizeOf(block);
    while (kept.packed > perBoard && kept.blocks.length > 1) forget(kept.blocks.shift()!, kept);
    for (const [oldest, owner] of packed) {
      if (size <= octets) break;
      owner.blocks = owner.blocks.filter((each) => each !== oldest);
      forget(oldest, owner);
    }
  };

  return {
    add(mac, samples) {
      if (samples.length === 0) return;
      let kept = boards.get(mac);
      if (kept === undefined) {
        kept = { newest: samples[0]!, open: [], blocks: [], packed: 0 };
        boards.set(mac, kept);
      }
      const perBlock = Math.max(2, Math.min(mostPerBlock, Math.floor(open / boards.size)));
      for (const sample of samples) {
        if (sample.at > kept.newest.at) kept.newest = sample;
        kept.open.push(sample);
        if (kept.open.length >= perBlock) pack(kept);
      }
    },
    has(mac, at) {
      const kept = boards.get(mac);
      if (kept === undefined || at > kept.newest.at) return false;
      if (kept.open.some((sample) => sample.at === at)) return true;
      return kept.blocks.some((block) => covers(block, at, at) && block.times.includes(at));
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
        for (const block of kept.blocks) if (block.times.at(-1)! < before) forget(block, kept);
        kept.blocks = kept.blocks.filter((block) => packed.has(block));
        if (kept.open.length > 0 && kept.open.every(({ at }) => at < before)) kept.open = [];
      }
    },
  };
}

/** `times` in order, so that asking for one unpacks nothing: a stranger may ask for thousands. */
type Block = { readonly times: Float64Array; readonly bytes: Uint8Array };
type Kept = { newest: Sample; open: Sample[]; blocks: Block[]; packed: number };

/** Two minutes and a half at a sample each five seconds. */
const mostPerBlock = 30;
/** What the engine needs for a block besides its octets, about. */
const overheadOctets = 400;

function blockOf(open: Sample[]): Block {
  const samples = open.sort((a, b) => a.at - b.at);
  return {
    times: Float64Array.from(samples, ({ at }) => at),
    // A copy: what zlib gives stands in a buffer of 16 KB, which would be kept with it.
    bytes: new Uint8Array(deflateRawSync(encodeSamples(samples), { level: 1 })),
  };
}

function sizeOf({ times, bytes }: Block): number {
  return times.byteLength + bytes.length + overheadOctets;
}

function unpack(block: Block): Sample[] {
  return decodeSamples(inflateRawSync(block.bytes));
}

function covers({ times }: Block, from: Millis, to: Millis): boolean {
  return times[0]! <= to && times.at(-1)! >= from;
}
