import type { ChunkAnswer, ChunkRange, FoldOrder, Outcome } from "@bramble/core/work";

/** All that one run of a Warble is given. Plain data: it crosses to another thread. */
export type RunRequest = {
  readonly post: string;
  readonly user: string;
  /** What LOAD sees. */
  readonly saved: Readonly<Record<string, string>>;
  /** What GETDATA sees: kept on this board by earlier runs of the user. */
  readonly data: Readonly<Record<string, string>>;
  readonly board: number;
  readonly boards: number;
  readonly temperatureC: number | null;
  readonly nowMs: number;
  readonly seed: number;
  /** Wall time after which the run is ended from outside. */
  readonly timeoutMs: number;
};

/** A batch of chunks of a fold that another board's run has come to. */
export type ChunksRequest = ChunkRange & {
  readonly post: string;
  readonly order: FoldOrder;
  /** Steps after which the batch is answered as far as it is. */
  readonly budget: number;
  readonly timeoutMs: number;
};

/** How a run that may leave folds to others went: to its end, or to a big fold whose answers it wants. */
export type SpreadEnd =
  | { readonly kind: "done"; readonly outcome: Outcome; readonly ms: number }
  | { readonly kind: "fold"; readonly order: FoldOrder; readonly ms: number };

/** Work on folds that are spread over boards. */
export type FoldRunner = {
  /** Batches that one agent may compute at a time. */
  readonly slots: number;
  /** As `Runner.run`. @param answers those of the folds met before, in their order. */
  run(request: RunRequest, answers: readonly (readonly ChunkAnswer[])[], signal: AbortSignal): Promise<SpreadEnd>;
  /** Computes chunks when no run waits. What had to be stopped has no answers. @throws when it cannot be computed, or `signal` is aborted. */
  chunks(
    request: ChunksRequest,
    signal: AbortSignal,
  ): Promise<{ readonly answers: readonly ChunkAnswer[]; readonly ms: number }>;
};

/** Runs Warbles away from the agent's own thread, so that no program can delay a heartbeat. */
export type Runner = {
  /** Most runs that one agent may give at a time. */
  readonly slots: number;
  /** @returns how the program ended, also when it had to be stopped. @throws when it could not be run at all, or `signal` is aborted. */
  run(request: RunRequest, signal: AbortSignal): Promise<{ readonly outcome: Outcome; readonly ms: number }>;
  /** Absent: folds are computed where they are met, and none for others. */
  readonly folds?: FoldRunner;
  [Symbol.asyncDispose](): Promise<void>;
};
