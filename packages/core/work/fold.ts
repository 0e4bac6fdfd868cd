/**
 * A big SUM, PROD or MAP of a running Warble, whose chunks other boards may compute. Plain JSON; the shape of
 * `@bramble/warble`'s FoldOrder, which says what each field means.
 */
export type FoldOrder = {
  readonly at: number;
  readonly first: number;
  readonly last: number;
  /** Chunks to compute. */
  readonly chunks: number;
  /** Steps that one chunk took, and steps left for all of them. */
  readonly steps: number;
  readonly fuel: number;
  readonly precision: number;
  readonly depth: number;
  readonly stack: number;
  readonly cells: number;
  readonly held: number;
  readonly globals: readonly (readonly [slot: number, value: string])[];
  readonly locals: readonly (readonly [slot: number, value: string])[];
};

/** One chunk as a board answers it; null: the board that runs the Warble computes it itself. */
export type ChunkAnswer = {
  readonly value: string;
  readonly steps: number;
  readonly cells: number;
  readonly made: number;
} | null;

/** A run of neighbouring chunks, counted from 0. */
export type ChunkRange = { readonly from: number; readonly count: number };

/**
 * How many chunks to give a board at once: some milliseconds of work at least, since each message costs a little; so few
 * that another post waits only for a moment; and a falling share of what is left, so that all boards end together.
 */
export function batchSize({
  left,
  slots,
  chunkMs,
}: {
  /** Chunks that nobody has yet. */
  readonly left: number;
  /** Batches that can be computed at the same time. */
  readonly slots: number;
  /** What one chunk takes, as the last ones went. */
  readonly chunkMs: number;
}): number {
  const share = Math.ceil(left / (2 * Math.max(1, slots)));
  const least = Math.ceil(leastBatchMs / chunkMs);
  const most = Math.floor(mostBatchMs / chunkMs);
  return Math.max(1, Math.min(left, most, Math.max(least, share)));
}

const leastBatchMs = 20;
const mostBatchMs = 400;
