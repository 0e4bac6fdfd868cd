import { isMainThread, workerData } from "node:worker_threads";
import type { Outcome } from "@bramble/core/work";
import type { RunRequest } from "./runner.ts";

/** Marks a thread as one of ours, in its `workerData.kind`. */
export const threadKind = "bramble.warble";

/** What a thread is told: one run at a time. */
export type ToThread = RunRequest;

/** What a thread tells. */
export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly outcome: Outcome; readonly ms: number }
  | { readonly kind: "failed"; readonly message: string };

/** True in a thread that a worker pool has started. A bundle asks this first, for it is its own thread's program. */
export function isWarbleThread(): boolean {
  return !isMainThread && (workerData as { kind?: unknown } | null)?.kind === threadKind;
}
