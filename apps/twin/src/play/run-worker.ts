import { run } from "@bramble/warble";
import type { FromRunWorker, RunOrder } from "./runner.ts";

// Entry code of a thread of its own: programs of strangers run here, under the public limits, and whoever started it
// watches the time from outside. It has no page, and the language reaches nothing but what its order brings.
const say = (message: FromRunWorker): void => self.postMessage(message);

self.onmessage = ({ data: { post, environment } }: MessageEvent<RunOrder>) => {
  const began = performance.now();
  const result = run(post, environment);
  say({ kind: "ran", result, ms: performance.now() - began });
};
say({ kind: "ready" });
