import type { WarbleError, Warning } from "./errors.ts";

/** Something for the board to do afterwards: a name and JSON-safe values, such as `["LIGHTS", 0, 255, 0, 0]`. */
export type Effect = readonly [name: string, ...values: (number | string)[]];

/** All that a program can see of the world. Handed in, so that the same run can be made again anywhere. */
export type Environment = {
  readonly user: string;
  /** NODE(): the number of this board, from 0. */
  readonly board: number;
  /** NODES(): how many boards there are. */
  readonly boards: number;
  readonly temperatureC: number | null;
  /** TIME(), which the program sees in whole seconds. */
  readonly nowMs: number;
  readonly seed: number;
  /** What this user SAVEd, in the text form of `encodeValue`. */
  readonly saved: Readonly<Record<string, string>>;
  /** What this user kept on this board with SETDATA, in the same form. */
  readonly data: Readonly<Record<string, string>>;
};

/** A world of one board at the start of time, where nobody saved anything: for programs that ask it nothing. */
export const defaultEnvironment: Environment = {
  user: "somebody",
  board: 0,
  boards: 1,
  temperatureC: null,
  nowMs: 0,
  seed: 0,
  saved: {},
  data: {},
};

/** What a program did. */
export type RunResult = {
  /** The lines on stdout, without line ends. */
  readonly out: readonly string[];
  readonly effects: readonly Effect[];
  readonly error: WarbleError | null;
  readonly warnings: readonly Warning[];
  readonly steps: number;
  /** Names that SAVE changed, in the text form of `encodeValue`; empty when the program ended in an error. */
  readonly saves: Readonly<Record<string, string>>;
  /** Names that SETDATA changed, likewise. */
  readonly data: Readonly<Record<string, string>>;
};
