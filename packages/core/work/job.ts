import type { Mac, Millis } from "../base/index.ts";

/** The life of one posted Warble. `done` includes programs that ended with an error; `failed`: no board could run it. */
export type WarbleState = "queued" | "leased" | "done" | "failed";

/** One thing that a program asks of the world, by name: LIGHTS, SLEEP, PLAYSOUND, LOG, DRAW, DRAWLINE. */
export type Effect = readonly [string, ...(number | string)[]];

/** How a program ended early: the class of SPEC section 8, the 1-based code point, a sentence. */
export type ProgramError = { readonly class: string; readonly pos: number; readonly message: string };

/** How the sandbox of a board or of the head answers one run. Plain JSON; the shape of `@bramble/warble`'s RunResult. */
export type Outcome = {
  readonly out: readonly string[];
  readonly effects: readonly Effect[];
  readonly error: ProgramError | null;
  readonly warnings: readonly { readonly pos: number; readonly message: string }[];
  readonly steps: number;
  /** Values that the program saved; empty when it ended with an error. */
  readonly saves: Readonly<Record<string, string>>;
  /** Values that it set on its board; empty when it ended with an error. */
  readonly data: Readonly<Record<string, string>>;
};

/** One run as it is handed to a worker: everything the program may see. Plain JSON. */
export type RunRequest = {
  /** Names the run between host and worker. */
  readonly id: string;
  readonly post: string;
  /** What USER() gives. */
  readonly user: string;
  readonly saved: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  /** What NODE() and NODES() give. */
  readonly board: number;
  readonly boards: number;
  readonly temperatureC: number | null;
  readonly nowMs: Millis;
  readonly seed: number;
};

/** The right to run one job on one board until a moment (monotonic ms). */
export type Lease = {
  readonly id: string;
  /** The job's number. */
  readonly job: number;
  readonly user: string;
  readonly board: Mac;
  /** Counts from 1. */
  readonly attempt: number;
  readonly until: Millis;
};

/** The outcome of a program that never ran. */
export function outcomeOfError(error: ProgramError): Outcome {
  return { out: [], effects: [], error, warnings: [], steps: 0, saves: {}, data: {} };
}
