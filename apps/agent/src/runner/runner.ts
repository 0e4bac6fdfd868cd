import type { Outcome } from "@bramble/core/work";

/** All that one run of a Warble is given. Plain data: it crosses to another thread. */
export type RunRequest = {
  readonly post: string;
  readonly user: string;
  /** What LOAD sees. */
  readonly saved: Readonly<Record<string, string>>;
  /** What GETDATA sees: kept on this board by earlier runs of the user. */
  readonly data: Readonly<Record<string, string>>;
  readonly board: number;
  readonly boards: number;
  readonly temperatureC: number | null;
  readonly nowMs: number;
  readonly seed: number;
  /** Wall time after which the run is ended from outside. */
  readonly timeoutMs: number;
};

/** Runs Warbles away from the agent's own thread, so that no program can delay a heartbeat. */
export type Runner = {
  /** Most runs that one agent may give at a time. */
  readonly slots: number;
  /** @returns how the program ended, also when it had to be stopped. @throws when it could not be run at all, or `signal` is aborted. */
  run(request: RunRequest, signal: AbortSignal): Promise<{ readonly outcome: Outcome; readonly ms: number }>;
  [Symbol.asyncDispose](): Promise<void>;
};
