import type { Outcome, RunRequest } from "@bramble/core/work";

/** What the head says to the sandbox process. */
export type ToSandbox = { readonly kind: "run"; readonly request: RunRequest };

/** What the sandbox process says to the head. `broken`: the run ended with its worker, and why is not known. */
export type FromSandbox =
  | { readonly kind: "ready" }
  | { readonly kind: "outcome"; readonly id: string; readonly outcome: Outcome }
  | { readonly kind: "broken"; readonly id: string; readonly message: string };

/** How the sandbox process is told its bounds: one JSON argument. */
export type SandboxArguments = {
  readonly workers: number;
  readonly wallMs: number;
  readonly steps: number;
  readonly memoryMb: number;
};

/** How a worker is told its bounds: its `workerData`. */
export type WorkerBounds = { readonly steps: number };
