import type { Millis } from "@bramble/core/base";
import { cpuLimit, type QueueLimits } from "@bramble/core/work";
import { publicLimits } from "@bramble/warble";

/** Every bound of the room; each has a stated answer to "full". */
export type WorkLimits = {
  readonly queue: QueueLimits;
  /** Wall time of one run, told to the board. A lease lasts longer: the board and its link may be slow. It never sleeps: effects are ours. */
  readonly wallMs: Millis;
  /** A board's CPU, in percent, at which it gets no work. */
  readonly cpuLimit: number;
  /** Characters of one stored result, as JSON; a larger one ends as OUTPUT. */
  readonly resultChars: number;
  /** Requests that wait for a Warble's end; past it they are answered at once. */
  readonly waiters: number;
  /** Users whose effects play at the same time, and runs that wait behind them; past it effects are recorded but not played. */
  readonly players: number;
  readonly waitingRuns: number;
  readonly sandbox: SandboxLimits;
};

/** What one sandbox may use. */
export type SandboxLimits = {
  /** Warm workers in the sandbox process. */
  readonly workers: number;
  /** Runs that wait for a worker, and answers that wait for their SLEEP; past either the answer is `sandbox.unavailable`. */
  readonly waiting: number;
  readonly sleeping: number;
  /** Wall time of one run. */
  readonly wallMs: Millis;
  /** Steps of one program. */
  readonly steps: number;
  /** Heap of one worker. */
  readonly memoryMb: number;
  /** How long a user's scratch values are kept after their last run, and for how many users. */
  readonly scratchMs: Millis;
  readonly scratchUsers: number;
};

/** The bounds of a head unless its configuration says otherwise. */
export const defaultWorkLimits: WorkLimits = {
  queue: { jobs: 10_000, jobsPerUser: 1_000, attempts: 3, leaseMs: 30_000, graceMs: 10_000 },
  wallMs: 10_000,
  cpuLimit,
  resultChars: 4_000_000,
  waiters: 2_000,
  players: 64,
  waitingRuns: 256,
  sandbox: {
    workers: 2,
    waiting: 64,
    sleeping: 256,
    wallMs: 10_000,
    steps: publicLimits.steps,
    memoryMb: 96,
    scratchMs: 3_600_000,
    scratchUsers: 10_000,
  },
};
