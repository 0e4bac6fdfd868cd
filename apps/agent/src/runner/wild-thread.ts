import { parentPort } from "node:worker_threads";
import type { ToThread } from "./thread-messages.ts";

/*
 * For tests of the outer wall: a "language" without any limit of its own. Warble ends its own programs long before; here
 * nothing does.
 */
parentPort!.on("message", ({ kind, request }: ToThread) => {
  switch (request.post) {
    case "loop":
      while (true);
    case "bomb": {
      const kept: unknown[] = [];
      while (true) kept.push({ letters: [kept.length, `x${kept.length}`] });
    }
    case "exit":
      return process.exit(3);
    case "throw":
      throw new Error("out of order");
    default: {
      if (kind === "chunks") return parentPort!.postMessage({ kind, answers: [null], ms: 1 });
      const outcome = { out: [request.post], effects: [], error: null, warnings: [], steps: 1, saves: {}, data: {} };
      parentPort!.postMessage({ kind: "done", outcome, ms: 1 });
    }
  }
});
parentPort!.postMessage({ kind: "ready" });
