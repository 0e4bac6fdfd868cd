import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { messageOf } from "@bramble/core/base";
import { run, runChunks, runSpread } from "@bramble/warble";
import type { RunRequest } from "./runner.ts";
import type { FromThread, ThreadEnd, ToThread } from "./thread-messages.ts";

/** The whole life of a thread: do what is sent, answer, wait for more. */
export function serveWarbles(): void {
  stepBack();
  const port = parentPort!;
  const say = (message: FromThread): void => port.postMessage(message);
  port.on("message", (message: ToThread) => {
    const start = performance.now();
    const took = (): number => Math.round((performance.now() - start) * 10) / 10;
    try {
      say(endOf(message, took));
    } catch (error) {
      say({ kind: "failed", message: messageOf(error) });
    }
  });
  say({ kind: "ready" });
}

/** On Linux a priority is a thread's own: the agent's heartbeat and the board's other work go before strangers' programs. */
function stepBack(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A host that forbids it: the programs are bounded all the same.
  }
}

function endOf(message: ToThread, took: () => number): ThreadEnd {
  if (message.kind === "chunks") {
    const { post, order, budget } = message.request;
    const answers = runChunks(post, order, message.request, budget);
    return { kind: "chunks", answers, ms: took() };
  }
  const { post } = message.request;
  const environment = environmentOf(message.request);
  if (message.answers === null) return { kind: "done", outcome: run(post, environment), ms: took() };
  const end = runSpread(post, environment, message.answers);
  if (end.kind === "fold") return { kind: "fold", order: end.order, ms: took() };
  return { kind: "done", outcome: end.result, ms: took() };
}

function environmentOf({ user, board, boards, temperatureC, nowMs, seed, saved, data }: RunRequest) {
  return { user, board, boards, temperatureC, nowMs, seed, saved, data };
}
