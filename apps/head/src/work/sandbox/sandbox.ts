import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clock, Logger, Timer } from "@bramble/core/base";
import { ClusterError, unreachable } from "@bramble/core/base";
import type { Outcome, RunRequest } from "@bramble/core/work";
import { outcomeOfError } from "@bramble/core/work";
import { timeError } from "@bramble/warble";
import type { SandboxLimits } from "../limits.ts";
import type { FromSandbox, SandboxArguments, ToSandbox } from "./messages.ts";

/** Where strangers' programs run on the head: a process of its own. */
export type Sandbox = AsyncDisposable & {
  /**
   * Run one program under the limits of the language, memory and wall time.
   *
   * @throws ClusterError `sandbox.unavailable` when too many wait, or the process ended during the run.
   */
  run(request: RunRequest): Promise<Outcome>;
};

/** Start the sandbox process. It is started again when it ends, with a growing pause. */
export function startSandbox({
  clock,
  log,
  limits,
  entry = defaultEntry(),
}: {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: SandboxLimits;
  /** The program of the process. */
  readonly entry?: URL;
}): Sandbox {
  const waiting: Run[] = [];
  const running = new Map<string, Run & { readonly watch: Timer }>();
  let child: ChildProcess | null = null;
  let isReady = false;
  let isClosed = false;
  let restart: Timer | null = null;
  let pauseMs = firstPauseMs;
  let serial = 0;

  const start = (): void => {
    restart = null;
    isReady = false;
    const { workers, wallMs, steps, memoryMb } = limits;
    const argument: SandboxArguments = { workers, wallMs, steps, memoryMb };
    const started = fork(entry, [JSON.stringify(argument)], {
      execArgv: [...noCode, ...readOnly(entry)],
      env: {},
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    child = started;
    started.on("message", (message) => hear(message as FromSandbox));
    started.on("error", (error) => log.warn({ error: error.message }, "sandbox process has an error"));
    started.on("exit", (code, signal) => {
      if (child === started) ended(code, signal);
    });
  };

  const ended = (code: number | null, signal: string | null): void => {
    child = null;
    isReady = false;
    const lost = [...running.values()];
    running.clear();
    for (const { watch, reject } of lost) {
      watch.cancel();
      reject(new ClusterError("sandbox.unavailable", "the sandbox process ended during the run"));
    }
    if (isClosed) return;
    log.warn({ code, signal, runs: lost.length }, "sandbox process ended, starting it again");
    restart = clock.after(pauseMs, start);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  };

  const hear = (message: FromSandbox): void => {
    switch (message.kind) {
      case "ready":
        isReady = true;
        break;
      case "outcome":
        pauseMs = firstPauseMs;
        finish(message.id)?.resolve(message.outcome);
        break;
      case "broken":
        log.warn({ error: message.message }, "a worker of the sandbox broke");
        finish(message.id)?.reject(new ClusterError("sandbox.unavailable", "the worker ended during the run"));
        break;
      default:
        unreachable(message);
    }
    serve();
  };

  const finish = (id: string): Run | null => {
    const run = running.get(id);
    if (run === undefined) return null;
    running.delete(id);
    run.watch.cancel();
    return run;
  };

  const serve = (): void => {
    while (child !== null && isReady && running.size < limits.workers && waiting.length > 0) {
      const run = waiting.shift()!;
      const id = String(serial++);
      // The process watches its workers; this is for a process that does not answer any more.
      const watch = clock.after(limits.wallMs + overrunMs, () => overrun(id));
      running.set(id, { ...run, watch });
      const message: ToSandbox = { kind: "run", request: { ...run.request, id } };
      child.send(message);
    }
  };

  const overrun = (id: string): void => {
    log.warn({}, "sandbox process does not answer, replacing it");
    finish(id)?.resolve(outcomeOfError(timeError()));
    // Nothing more is sent to it while it dies.
    isReady = false;
    child?.kill("SIGKILL");
  };

  start();
  return {
    run: (request) =>
      new Promise((resolve, reject) => {
        if (isClosed || waiting.length >= limits.waiting) {
          reject(new ClusterError("sandbox.unavailable", `${waiting.length} programs wait for the sandbox already`));
          return;
        }
        waiting.push({ request, resolve, reject });
        serve();
      }),
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      restart?.cancel();
      for (const { reject } of waiting.splice(0)) reject(new ClusterError("sandbox.unavailable", "the head stops"));
      const last = child;
      if (last === null) return;
      await new Promise<void>((resolve) => {
        last.once("exit", () => resolve());
        last.kill("SIGKILL");
      });
    },
  };
}

const firstPauseMs = 100;
const longestPauseMs = 5000;
const overrunMs = 3000;

type Run = {
  readonly request: RunRequest;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: ClusterError) => void;
};

const noCode = ["--disallow-code-generation-from-strings"];

/**
 * The walls behind the language's own: no writing, no processes, no add-ons; reading only where our code stands. Workers
 * would be a way around them for code that can start workers; strangers' programs cannot.
 */
function readOnly(entry: URL): string[] {
  const root = new URL(entry.pathname.endsWith(".ts") ? "../../../../../" : "./", entry);
  return ["--permission", "--allow-worker", `--allow-fs-read=${fileURLToPath(root)}*`];
}

function defaultEntry(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? "./sandbox-main.ts" : "./sandbox-main.mjs", import.meta.url);
}
