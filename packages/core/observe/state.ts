import type { Millis } from "../base/index.ts";

/** What a board is doing, as far as the head knows. `off` and `silent` differ: off was asked for or is known from the outlet. */
export type BoardState =
  | { readonly kind: "off" }
  | { readonly kind: "powering" }
  | { readonly kind: "leasing" }
  | { readonly kind: "loading" }
  | { readonly kind: "starting" }
  | { readonly kind: "up" }
  | { readonly kind: "silent"; readonly cause: SilentCause }
  | { readonly kind: "failed"; readonly step: string; readonly reason: string }
  | { readonly kind: "draining" }
  | { readonly kind: "maintenance" };

/** The name of a board's state. */
export type StateKind = BoardState["kind"];

/** Every state, in the order of the wire of the live stream (never reorder, only append) and of a legend. */
export const stateKinds: readonly StateKind[] = [
  "off",
  "powering",
  "leasing",
  "loading",
  "starting",
  "up",
  "silent",
  "failed",
  "draining",
  "maintenance",
];

/**
 * Why a board is silent, as far as known: its power was cut; it said goodbye; its connection was closed by its side while the
 * board may live (agent); it stopped answering without a word (board); its whole switch or group did (switch, group);
 * its heartbeats come but no samples (hung).
 */
export type SilentCause = "power" | "bye" | "agent" | "board" | "switch" | "group" | "hung" | "unknown";

/** A state and the moment it began, ms UTC. */
export type Standing = {
  readonly state: BoardState;
  readonly since: Millis;
  /** An operator asked it to take no new work; kept while it is silent or starts anew, until it is released. */
  readonly isDraining?: true;
};
