import { parentPort } from "node:worker_threads";
import { messageOf } from "@bramble/core/base";
import type { Outcome } from "@bramble/core/work";
import { run } from "@bramble/warble";
import type { FromThread, ToThread } from "./thread-messages.ts";

/** The whole life of a thread: run what is sent, answer, wait for more. */
export function serveWarbles(): void {
  serve(({ post, user, board, boards, temperatureC, nowMs, seed, saved, data }) =>
    run(post, { user, board, boards, temperatureC, nowMs, seed, saved, data }),
  );
}

/** `serveWarbles` for any language. */
export function serve(runOne: (request: ToThread) => Outcome): void {
  const port = parentPort!;
  const say = (message: FromThread): void => port.postMessage(message);
  port.on("message", (request: ToThread) => {
    const start = performance.now();
    try {
      const outcome = runOne(request);
      say({ kind: "done", outcome, ms: Math.round((performance.now() - start) * 10) / 10 });
    } catch (error) {
      say({ kind: "failed", message: messageOf(error) });
    }
  });
  say({ kind: "ready" });
}
