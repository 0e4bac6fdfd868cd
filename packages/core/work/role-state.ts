import { unreachable } from "../base/index.ts";
import { isSameRole, type RoleRef } from "./role-choice.ts";

/** Where applying a role can end badly. */
export const roleSteps = ["fetch", "verify", "allow", "files", "units", "start", "remove"] as const;

/** One of them. */
export type RoleStep = (typeof roleSteps)[number];

/**
 * How a board stands with its role. `want` is what it should have, `good` what is in force: the last that was applied
 * without a mistake. Only `applied` and `removed` change what is in force.
 */
export type RoleState =
  | { readonly kind: "none" }
  /** It knows what it should have and waits for its turn to fetch. */
  | { readonly kind: "wanted"; readonly want: RoleRef; readonly good: RoleRef | null }
  | { readonly kind: "fetching"; readonly want: RoleRef; readonly good: RoleRef | null }
  /** Fetched, and being applied. What is asked for meanwhile comes `next`. */
  | { readonly kind: "fetched"; readonly want: RoleRef; readonly good: RoleRef | null; readonly next: RoleAsked | null }
  | { readonly kind: "removing"; readonly good: RoleRef; readonly next: RoleAsked | null }
  | { readonly kind: "applied"; readonly good: RoleRef }
  /** Nothing is in force. */
  | { readonly kind: "failed"; readonly want: RoleRef; readonly step: RoleStep; readonly why: string }
  /** The last good one is in force still. `want` null: it was to be removed. */
  | {
      readonly kind: "kept";
      readonly want: RoleRef | null;
      readonly good: RoleRef;
      readonly step: RoleStep;
      readonly why: string;
    };

/** What the head asks for. */
export type RoleAsked =
  /** What the board should have. It fetches when its turn comes. */
  | { readonly kind: "want"; readonly want: RoleRef | null }
  /** Its turn: take it now, even if that failed before. */
  | { readonly kind: "take"; readonly want: RoleRef | null };

/** What happens to a board's role. */
export type RoleEvent =
  | RoleAsked
  | { readonly kind: "fetched" }
  | { readonly kind: "applied" }
  | { readonly kind: "removed" }
  | { readonly kind: "failed"; readonly step: RoleStep; readonly why: string };

/** How it stands after `event`. An event that does not belong changes nothing. */
export function stepRole(state: RoleState, event: RoleEvent): RoleState {
  switch (event.kind) {
    case "want":
    case "take":
      return asked(state, event);
    case "fetched":
      return state.kind === "fetching" ? { ...state, kind: "fetched", next: null } : state;
    case "applied":
      return state.kind === "fetched" ? after({ kind: "applied", good: state.want }, state.next) : state;
    case "removed":
      return state.kind === "removing" ? after({ kind: "none" }, state.next) : state;
    case "failed":
      return failed(state, event);
    default:
      return unreachable(event);
  }
}

/** What is in force. */
export function goodOf(state: RoleState): RoleRef | null {
  return state.kind === "none" || state.kind === "failed" ? null : state.good;
}

/** What it should have, as far as it knows. */
export function wantOf(state: RoleState): RoleRef | null {
  if (state.kind === "none" || state.kind === "removing") return null;
  return state.kind === "applied" ? state.good : state.want;
}

function asked(state: RoleState, event: RoleAsked): RoleState {
  const { want, kind } = event;
  if (state.kind === "fetched" || state.kind === "removing") return { ...state, next: event };
  const good = goodOf(state);
  if (isSameRole(want, good)) return good === null ? { kind: "none" } : { kind: "applied", good };
  if (want === null) return { kind: "removing", good: good!, next: null };
  if (kind === "take") {
    // Two turns for one thing are one.
    return state.kind === "fetching" && isSameRole(state.want, want) ? state : { kind: "fetching", want, good };
  }
  const isKnown = isSameRole(wantOf(state), want);
  if (isKnown && state.kind === "fetching") return state;
  // What came whole and failed would fail again; what could not be fetched is worth another turn.
  const isLost = (state.kind === "failed" || state.kind === "kept") && state.step === "fetch";
  return isKnown && !isLost && state.kind !== "applied" ? state : { kind: "wanted", want, good };
}

function failed(state: RoleState, { step, why }: Extract<RoleEvent, { kind: "failed" }>): RoleState {
  if (state.kind === "removing") return after({ kind: "kept", want: null, good: state.good, step, why }, state.next);
  if (state.kind !== "fetching" && state.kind !== "fetched") return state;
  const { want, good } = state;
  const ended: RoleState =
    good === null ? { kind: "failed", want, step, why } : { kind: "kept", want, good, step, why };
  return after(ended, state.kind === "fetched" ? state.next : null);
}

function after(state: RoleState, next: RoleAsked | null): RoleState {
  return next === null ? state : asked(state, next);
}
