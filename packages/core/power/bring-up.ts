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
  /** After so long without enough boards the outlet is cycled, unless a board took a new step a moment ago. */
  readonly settleMs: Millis;
  /** Enough boards, and nothing new for so long: the network is calm, the rest is not coming. */
  readonly calmMs: Millis;
};

/**
 * Where one group stands in its bring-up. `attempt` counts from 1. `furthest` has the furthest step of each board in this
 * attempt, so that a board that takes the same steps again and again is not taken for one that comes up.
 */
export type GroupState =
  | { readonly kind: "off" }
  | {
      readonly kind: "waiting";
      readonly attempt: number;
      readonly since: Millis;
      readonly progressAt: Millis;
      readonly up: number;
      readonly furthest: Readonly<Record<string, number>>;
      /** Work runs on it: power stays. */
      readonly hasWork: boolean;
    }
  /** Off and on again is due; the next `powered` starts another attempt. */
  | { readonly kind: "cycle"; readonly attempt: number; readonly up: number }
  | { readonly kind: "accepted"; readonly attempt: number; readonly up: number }
  | { readonly kind: "gave-up"; readonly attempt: number; readonly up: number; readonly reason: string };

/** What a group's bring-up hears of. Times are those of one monotonic clock. */
export type GroupEvent =
  /** The outlet read back as on. `up` boards answer already. */
  | { readonly kind: "powered"; readonly at: Millis; readonly up: number }
  /**
   * A board took a step, or the count of boards that are up changed. With `board` and `step` (a number that grows with
   * the way to being up, part of a file included) only a step further than before counts as progress.
   */
  | {
      readonly kind: "progress";
      readonly at: Millis;
      readonly up: number;
      readonly board?: string;
      readonly step?: number;
    }
  /** Work was placed on a board of the group: from now on it is not cycled. */
  | { readonly kind: "working" }
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
      const { at, up } = event;
      return settle(
        { kind: "waiting", attempt, since: at, progressAt: at, up, furthest: {}, hasWork: false },
        at,
        terms,
      );
    }
    case "waiting":
      switch (event.kind) {
        case "powered":
          return state;
        case "progress":
          return settle(moved(state, event), event.at, terms);
        case "working":
          return { ...state, hasWork: true };
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

function moved(
  state: GroupState & { kind: "waiting" },
  { at, up, board, step = 0 }: GroupEvent & { kind: "progress" },
): GroupState & { kind: "waiting" } {
  const isFurther = board === undefined || step > (state.furthest[board] ?? Number.NEGATIVE_INFINITY);
  const furthest = board === undefined || !isFurther ? state.furthest : { ...state.furthest, [board]: step };
  return { ...state, up, furthest, progressAt: isFurther || up !== state.up ? at : state.progressAt };
}

function settle(state: GroupState & { kind: "waiting" }, at: Millis, terms: GroupTerms): GroupState {
  const { attempt, up } = state;
  if (up >= terms.size) return { kind: "accepted", attempt, up };
  const isSettled = at - state.since >= terms.settleMs;
  const isCalm = at - state.progressAt >= terms.calmMs;
  if (up >= terms.accept) return isCalm || isSettled ? { kind: "accepted", attempt, up } : state;
  if (!isSettled) return state;
  // A board that still gets further is never cut off; but nobody is waited for without end.
  if (!isCalm) {
    if (at - state.since < patienceOf(terms)) return state;
    return { kind: "gave-up", attempt, up, reason: `${up} of ${terms.size} are up, and boards still take steps` };
  }
  if (state.hasWork)
    return { kind: "gave-up", attempt, up, reason: `${up} of ${terms.size} are up, and work runs there` };
  if (attempt <= terms.retries) return { kind: "cycle", attempt, up };
  return { kind: "gave-up", attempt, up, reason: `${up} of ${terms.size} came up after ${attempt} attempts` };
}

function patienceOf(terms: GroupTerms): Millis {
  return 4 * terms.settleMs;
}
