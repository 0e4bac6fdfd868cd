import type { Complaint } from "../../packages/warble/test/fuzz/sound.ts";

/** What a fuzzing thread is given: which seeds are its own, and where it shows what it is at. */
export type FuzzTask = {
  readonly firstSeed: number;
  /** From one seed to its next: the number of threads. */
  readonly stride: number;
  /** The seed under way, and a count that moves with each program tried. */
  readonly place: Float64Array<SharedArrayBuffer>;
};

/** A fault, with the program that shows it and the shortest one found that still does. */
export type Finding = Complaint & { readonly seed: number; readonly post: string; readonly minimal: string };

/** The dearest program so far, in milliseconds of its thread under the public limits. */
export type Slowest = { readonly ms: number; readonly seed: number; readonly post: string };

/** What a fuzzing thread tells. */
export type FromFuzz =
  | { readonly kind: "progress"; readonly ran: number; readonly slowest: Slowest }
  | { readonly kind: "finding"; readonly finding: Finding };
