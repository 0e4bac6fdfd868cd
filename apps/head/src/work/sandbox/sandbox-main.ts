import { Worker } from "node:worker_threads";
import type { Outcome, RunRequest } from "@bramble/core/work";
import { outcomeOfError } from "@bramble/core/work";
import { timeError } from "@bramble/warble";
import type { FromSandbox, SandboxArguments, ToSandbox, WorkerBounds } from "./messages.ts";

/*
 * The sandbox process: strangers' programs run here and nowhere else in the head. It is started with
 * --disallow-code-generation-from-strings and an empty environment, keeps warm workers, watches each run from its own idle
 * thread, and ends when the head does.
 */

const { workers, wallMs, steps, memoryMb } = JSON.parse(process.argv[2]!) as SandboxArguments;
const entry = new URL(
  import.meta.url.endsWith(".ts") ? "./sandbox-worker.ts" : "./sandbox-worker.mjs",
  import.meta.url,
);
if (canMakeCode()) {
  console.error("the sandbox must be started with --disallow-code-generation-from-strings");
  process.exit(70);
}

const idle: Bench[] = [];
const waiting: RunRequest[] = [];

/** One worker and the run that it does now. */
type Bench = { readonly worker: Worker; current: { readonly id: string; readonly watch: NodeJS.Timeout } | null };

const say = (message: FromSandbox): void => void process.send!(message);

process.on("disconnect", () => process.exit(0));
process.on("message", ({ request }: ToSandbox) => {
  waiting.push(request);
  serve();
});
for (let n = 0; n < workers; n++) seat();
say({ kind: "ready" });

/** Start a worker; it stays until it overruns or breaks, then another takes its place. */
function seat(): void {
  const workerData: WorkerBounds = { steps };
  const worker = new Worker(entry, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    env: {},
    stdin: false,
  });
  const bench: Bench = { worker, current: null };
  worker.on("message", (outcome: Outcome) => {
    finish(bench, outcome);
    idle.push(bench);
    serve();
  });
  worker.on("error", (error: Error & { code?: string }) => replace(bench, error));
  // Not before: its start is not the program's time.
  worker.once("online", () => {
    idle.push(bench);
    serve();
  });
}

function serve(): void {
  while (idle.length > 0 && waiting.length > 0) {
    const bench = idle.shift()!;
    const request = waiting.shift()!;
    bench.current = { id: request.id, watch: setTimeout(() => overrun(bench), wallMs) };
    bench.worker.postMessage(request);
  }
}

function finish(bench: Bench, outcome: Outcome): void {
  if (bench.current === null) return;
  clearTimeout(bench.current.watch);
  say({ kind: "outcome", id: bench.current.id, outcome });
  bench.current = null;
}

function overrun(bench: Bench): void {
  bench.worker.removeAllListeners();
  // A terminated worker may still report an error: nobody is left who cares.
  bench.worker.on("error", () => {});
  void bench.worker.terminate();
  finish(bench, outcomeOfError(timeError()));
  seat();
}

function replace(bench: Bench, error: Error & { code?: string }): void {
  bench.worker.removeAllListeners();
  if (error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    finish(
      bench,
      outcomeOfError({ class: "MEMORY", pos: 1, message: "The program needs more memory than it may have." }),
    );
  } else if (bench.current !== null) {
    clearTimeout(bench.current.watch);
    say({ kind: "broken", id: bench.current.id, message: error.message });
  }
  const at = idle.indexOf(bench);
  if (at >= 0) idle.splice(at, 1);
  seat();
}

/** Whether text can become code here. Node must have been told not to. */
function canMakeCode(): boolean {
  return !process.execArgv.includes("--disallow-code-generation-from-strings");
}
