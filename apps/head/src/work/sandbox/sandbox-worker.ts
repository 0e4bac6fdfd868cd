import { parentPort, workerData } from "node:worker_threads";
import type { Outcome, RunRequest } from "@bramble/core/work";
import { publicLimits, run } from "@bramble/warble";
import type { WorkerBounds } from "./messages.ts";

const limits = { ...publicLimits, steps: (workerData as WorkerBounds).steps };

/** A warm worker: one program after another. Whoever started it watches the time. */
parentPort!.on("message", ({ post, user, saved, data, board, boards, temperatureC, nowMs, seed }: RunRequest) => {
  const outcome: Outcome = run(post, { user, saved, data, board, boards, temperatureC, nowMs, seed }, limits);
  parentPort!.postMessage(outcome);
});
