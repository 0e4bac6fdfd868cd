/** What one program may use. Every limit is counted, so that the same program ends at the same place on every board. */
export type Limits = {
  /** Steps: one for each loop turn, call and command, more for work on big operands (see price.ts). */
  readonly steps: number;
  /** Bits of one whole number. */
  readonly wholeBits: number;
  /** Code points of one text. */
  readonly textLength: number;
  /** Elements of one list. */
  readonly listLength: number;
  /** List cells ever made; never credited back. */
  readonly listCells: number;
  /** Calls inside calls, and lists inside lists when they are printed or compared. */
  readonly depth: number;
  /** UTF-8 bytes on stdout, line ends included. */
  readonly outputBytes: number;
  /** Lights, sounds, sleeps, log lines and canvas calls. */
  readonly effects: number;
  /** Seconds of SLEEP in all. */
  readonly sleepSeconds: number;
  /** Code points of the post. */
  readonly postLength: number;
};

/** The limits of a post by anybody (SPEC section 9). */
export const publicLimits: Limits = {
  steps: 10_000_000,
  wholeBits: 4_000_000,
  textLength: 65_536,
  listLength: 65_536,
  listCells: 4_000_000,
  depth: 200,
  outputBytes: 65_536,
  effects: 10_000,
  sleepSeconds: 60,
  postLength: 280,
};
