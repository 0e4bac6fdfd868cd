import type { Millis } from "../base/index.ts";
import { unreachable } from "../base/index.ts";
import type { Limits } from "../cluster/index.ts";

/** The terms by which one group is brought up. */
export type GroupTerms = {
  readonly size: number;
  /** Good enough: a group that shares one outlet is not cycled for the few that are missing. */
  readonly accept: number;
  /** How often the outlet may be cycled after the first start. */
  readonly retries: number;
  /** After so long without enough boards the outlet is cycled; twice as long while boards still take steps. */
  readonly settleMs: Millis;
  /** Enough boards, and nothing new for so long: the network is calm, the rest is not coming. */
  readonly calmMs: Millis;
};

/** Where one group stands in its bring-up. `attempt` counts from 1. */
export type GroupState =
  | { readonly kind: "off" }
  | {
      readonly kind: "waiting";
      readonly attempt: number;
      readonly since: Millis;
      readonly progressAt: Millis;
      readonly up: number;
    }
  /** Off and on again is due; the next `powered` starts another attempt. */
  | { readonly kind: "cycle"; readonly attempt: number; readonly up: number }
  | { readonly kind: "accepted"; readonly attempt: number; readonly up: number }
  | { readonly kind: "gave-up"; readonly attempt: number; readonly up: number; readonly reason: string };

/** What a group's bring-up hears of. Times are those of one monotonic clock. */
export type GroupEvent =
  /** The outlet read back as on. `up` boards answer already. */
  | { readonly kind: "powered"; readonly at: Millis; readonly up: number }
  /** A board took a step, or the count of boards that are up changed. */
  | { readonly kind: "progress"; readonly at: Millis; readonly up: number }
  | { readonly kind: "tick"; readonly at: Millis }
  /** The outlet could not be switched. */
  | { readonly kind: "unreachable"; readonly reason: string };

/** The terms for a group of `size` boards: `accept` of `expect` in proportion, at least one. */
export function groupTerms(size: number, boot: Limits["boot"]): GroupTerms {
  const accept = Math.min(size, Math.max(1, Math.ceil((size * boot.accept) / boot.expect)));
  return { size, accept, retries: boot.retries, settleMs: boot.settleMs, calmMs: boot.settleMs / 6 };
}

/**
 * The state of a group after `event`. Pure: the sequencer switches what `cycle` asks for and sends the ticks.
 * Of 42 boards behind one outlet 37 are accepted, 20 are cycled again; after the retries it gives up.
 */
export function stepGroup(state: GroupState, event: GroupEvent, terms: GroupTerms): GroupState {
  switch (state.kind) {
    case "off":
    case "cycle": {
      const attempt = state.kind === "off" ? 1 : state.attempt + 1;
      if (event.kind === "unreachable")
        return { kind: "gave-up", attempt, up: state.kind === "off" ? 0 : state.up, reason: event.reason };
      if (event.kind !== "powered") return state;
      return settle({ kind: "waiting", attempt, since: event.at, progressAt: event.at, up: event.up }, event.at, terms);
    }
    case "waiting":
      switch (event.kind) {
        case "powered":
          return state;
        case "progress":
          return settle({ ...state, progressAt: event.at, up: event.up }, event.at, terms);
        case "tick":
          return settle(state, event.at, terms);
        case "unreachable":
          return { kind: "gave-up", attempt: state.attempt, up: state.up, reason: event.reason };
        default:
          return unreachable(event);
      }
    case "accepted":
    case "gave-up":
      return state;
    default:
      return unreachable(state);
  }
}

/** Is nothing more to come of this group? */
export function isDecided(state: GroupState): state is GroupState & { readonly kind: "accepted" | "gave-up" } {
  return state.kind === "accepted" || state.kind === "gave-up";
}

function settle(state: GroupState & { kind: "waiting" }, at: Millis, terms: GroupTerms): GroupState {
  const { attempt, up } = state;
  if (up >= terms.size) return { kind: "accepted", attempt, up };
  const isSettled = at - state.since >= terms.settleMs;
  const isCalm = at - state.progressAt >= terms.calmMs;
  if (up >= terms.accept) return isCalm || isSettled ? { kind: "accepted", attempt, up } : state;
  // Boards that still take steps are not cut off for being slow, but nobody is waited for without end.
  const isDue = isSettled && (isCalm || at - state.since >= 2 * terms.settleMs);
  if (!isDue) return state;
  if (attempt <= terms.retries) return { kind: "cycle", attempt, up };
  return { kind: "gave-up", attempt, up, reason: `${up} of ${terms.size} came up after ${attempt} attempts` };
}
