import { parentPort } from "node:worker_threads";
import type { Outcome, RunRequest } from "@bramble/core/work";
import { run } from "@bramble/warble";

/** A warm worker: one program after another. Whoever started it watches the time. */
parentPort!.on("message", ({ post, user, saved, data, board, boards, temperatureC, nowMs, seed }: RunRequest) => {
  const outcome: Outcome = run(post, { user, saved, data, board, boards, temperatureC, nowMs, seed });
  parentPort!.postMessage(outcome);
});
