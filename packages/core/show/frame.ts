import type { StateKind } from "../observe/index.ts";

/** What the stream tells of one board, as coarse as a picture needs it. `null`: not known. */
export type BoardRow = {
  readonly state: StateKind;
  /** Whole percent. */
  readonly cpu: number | null;
  /** Whole percent used. */
  readonly memory: number | null;
  /** Half degrees Celsius, 0 to 120. */
  readonly temperatureC: number | null;
  readonly isSimulated: boolean;
  /** A Warble runs on it now. */
  readonly isWorking: boolean;
  /** Under-voltage, capped or throttled now. */
  readonly isThrottled: boolean;
};

/** One lamp pixel: red, green, blue, 0 to 255. */
export type Light = readonly [number, number, number];

/** Numbers shown beside the picture. */
export type Counters = {
  readonly samplesPerSecond: number;
  readonly warblesDone: number;
  readonly warblesQueued: number;
};

/** Everything that a viewer shows, at one sequence number. `rows[i]` belongs to the board with layout index i. */
export type Snapshot = {
  readonly kind: "snapshot";
  readonly sequence: number;
  readonly at: number;
  readonly rows: readonly BoardRow[];
  readonly lights: readonly Light[];
  readonly counters: Counters;
};

/** What changed after `base`; apply only on a picture that stands at `base`. */
export type Delta = {
  readonly kind: "delta";
  readonly base: number;
  readonly sequence: number;
  readonly at: number;
  readonly rows: readonly { readonly index: number; readonly row: BoardRow }[];
  /** All lights when any changed, else null. */
  readonly lights: readonly Light[] | null;
  readonly counters: Counters | null;
};

/** Whatever one binary frame of the live stream may hold. */
export type Frame = Snapshot | Delta;
