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
