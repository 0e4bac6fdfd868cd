import type { Millis } from "../base/index.ts";
import { unreachable } from "../base/index.ts";
import type { BootStep } from "../boot/index.ts";
import type { BoardState, SilentCause, Standing } from "./state.ts";

/** What may happen to a board, as far as its standing is concerned. */
export type BoardEvent =
  /** Its outlet was switched and read back. */
  | { readonly kind: "powered"; readonly on: boolean }
  /** It told a step of its boot; `failed` says why it goes no further. */
  | { readonly kind: "boot"; readonly step: BootStep; readonly failed: string | null }
  /** Somebody who waited for it gives up: the sequencer after its retries. */
  | { readonly kind: "given-up"; readonly step: string; readonly reason: string }
  /** Its link opened, or came back to life. */
  | { readonly kind: "linked" }
  /** Its heartbeats ceased while the link stood open. */
  | { readonly kind: "lapsed" }
  /** It said goodbye. */
  | { readonly kind: "bye" }
  /** Its side closed the link without a goodbye. */
  | { readonly kind: "broken" }
  /** Heartbeats come, samples do not. */
  | { readonly kind: "hung" }
  /** A fresh sample came: over its link, or (`reported`) by REST from a board that has no link. */
  | { readonly kind: "sampled" }
  | { readonly kind: "reported" }
  /** A board known only by its reports has sent none for long. */
  | { readonly kind: "unheard" }
  /** The cause of its silence is now known better. */
  | { readonly kind: "blamed"; readonly cause: SilentCause }
  /** An operator: no new work; hands off; as usual again. */
  | { readonly kind: "drain" }
  | { readonly kind: "maintain" }
  | { readonly kind: "release" };

/**
 * The standing of a board after `event`, at `now`. Pure; the very same object when nothing changed.
 *
 * Two rules hold over all events: a board in maintenance stays there until it is released, and a draining board that
 * comes back is draining still.
 */
export function stepBoard(standing: Standing, event: BoardEvent, now: Millis): Standing {
  const { state } = standing;
  if (event.kind === "drain") return drain(standing, now);
  if (event.kind === "maintain") return to(standing, { kind: "maintenance" }, now);
  if (event.kind === "release") return release(standing, now);
  if (state.kind === "maintenance") return standing;
  const isLive = state.kind === "up" || state.kind === "draining";
  const fallSilent = (cause: SilentCause): Standing =>
    isLive ? to(standing, { kind: "silent", cause }, now) : standing;

  switch (event.kind) {
    case "powered":
      if (!event.on) return to(standing, { kind: "off" }, now);
      return state.kind === "off" || state.kind === "silent" || state.kind === "failed"
        ? to(standing, { kind: "powering" }, now)
        : standing;
    case "boot":
      // A live board that tells its last steps has simply finished them; an early step means that it started anew.
      if (isLive && lastSteps.has(event.step)) return standing;
      if (event.failed !== null) return to(standing, { kind: "failed", step: event.step, reason: event.failed }, now);
      return to(standing, { kind: stateOfStep(event.step) }, now);
    case "given-up":
      return isLive ? standing : to(standing, { kind: "failed", step: event.step, reason: event.reason }, now);
    case "linked":
    case "reported":
      return to(standing, live(standing), now);
    case "sampled":
      if (state.kind === "silent") return to(standing, live(standing), now);
      // A PDU that reads "off", or "on" again, while its board goes on talking lies: it never lost its power. What was on
      // its way when it went dark does not count.
      return now - standing.since > inFlightMs ? to(standing, live(standing), now) : standing;
    case "lapsed":
      return fallSilent("board");
    case "bye":
      return fallSilent("bye");
    case "broken":
      return fallSilent("agent");
    case "hung":
      return fallSilent("hung");
    case "unheard":
      return fallSilent("unknown");
    case "blamed":
      if (state.kind !== "silent" || state.cause === event.cause || told.has(state.cause)) return standing;
      return { ...standing, state: { kind: "silent", cause: event.cause } };
    default:
      return unreachable(event);
  }
}

/** The state of a board that has begun `step` of its boot. */
export function stateOfStep(step: BootStep): "leasing" | "loading" | "starting" {
  switch (step) {
    case "discover":
    case "offer":
      return "leasing";
    case "bootcode":
    case "start":
    case "config":
    case "kernel":
    case "initrd":
    case "root":
      return "loading";
    case "agent":
    case "registered":
      return "starting";
    default:
      return unreachable(step);
  }
}

const lastSteps: ReadonlySet<BootStep> = new Set(["agent", "registered"]);
/** Causes that the board told itself: no inference overrides them. */
const told: ReadonlySet<SilentCause> = new Set(["bye", "hung"]);
const inFlightMs = 10_000;

function live(standing: Standing): BoardState {
  return standing.isDraining === true ? { kind: "draining" } : { kind: "up" };
}

function drain(standing: Standing, now: Millis): Standing {
  if (standing.isDraining === true || standing.state.kind === "maintenance") return standing;
  const held: Standing = { ...standing, isDraining: true };
  return standing.state.kind === "up" ? to(held, { kind: "draining" }, now) : held;
}

function release(standing: Standing, now: Millis): Standing {
  const { state, since } = standing;
  if (state.kind === "draining") return { state: { kind: "up" }, since: now };
  // Whether it is alive was not watched meanwhile; the caller follows with `linked` when it is.
  if (state.kind === "maintenance") return { state: { kind: "silent", cause: "unknown" }, since: now };
  return standing.isDraining === true ? { state, since } : standing;
}

function to(standing: Standing, state: BoardState, now: Millis): Standing {
  const before = standing.state;
  if (before.kind === state.kind && before.kind !== "silent" && before.kind !== "failed") return standing;
  if (
    before.kind === "failed" &&
    state.kind === "failed" &&
    before.step === state.step &&
    before.reason === state.reason
  )
    return standing;
  return { ...standing, state, since: now };
}
