import { isMainThread, workerData } from "node:worker_threads";
import type { ChunkAnswer, FoldOrder, Outcome } from "@bramble/core/work";
import type { ChunksRequest, RunRequest } from "./runner.ts";

/** Marks a thread as one of ours, in its `workerData.kind`. */
export const threadKind = "bramble.warble";

/** What a thread is told: one thing at a time. `answers` only where folds may be left to others. */
export type ToThread =
  | { readonly kind: "run"; readonly request: RunRequest; readonly answers: readonly (readonly ChunkAnswer[])[] | null }
  | { readonly kind: "chunks"; readonly request: ChunksRequest };

/** How what a thread was told ended. */
export type ThreadEnd =
  | { readonly kind: "done"; readonly outcome: Outcome; readonly ms: number }
  | { readonly kind: "fold"; readonly order: FoldOrder; readonly ms: number }
  | { readonly kind: "chunks"; readonly answers: readonly ChunkAnswer[]; readonly ms: number };

/** What a thread tells. */
export type FromThread = { readonly kind: "ready" } | ThreadEnd | { readonly kind: "failed"; readonly message: string };

/** True in a thread that a worker pool has started. A bundle asks this first, for it is its own thread's program. */
export function isWarbleThread(): boolean {
  return !isMainThread && (workerData as { kind?: unknown } | null)?.kind === threadKind;
}
