import type { Clock, Millis } from "@bramble/core/base";
import { unreachable } from "@bramble/core/base";
import { foldNodeSet } from "@bramble/core/cluster";
import type { Condition } from "@bramble/core/power";
import type { Entry, Roster } from "../register/roster.ts";
import { isUp } from "./facts.ts";
import type { Outlets } from "./outlets.ts";

/** Does a TCP port take a connection? Never rejects but for the signal. */
export type Probe = (address: string, port: number, signal: AbortSignal) => Promise<boolean>;

/** What conditions are looked up in. */
export type Lookout = {
  readonly outlets: Outlets;
  readonly registry: { readonly roster: Roster };
  readonly probe: Probe;
  readonly clock: Clock;
  readonly paced: Clock;
};

/** Is it so now? `time` is never so by itself. */
export async function holds(condition: Condition, lookout: Lookout, signal: AbortSignal) {
  const { outlets, registry, probe } = lookout;
  const { roster } = registry;
  switch (condition.kind) {
    case "outlet":
      return condition.on ? outlets.isOn(condition.outlet) : outlets.isOff(condition.outlet);
    case "boards-up":
      return condition.boards.filter((name) => isUp(roster.byName(name))).length >= condition.atLeast;
    case "boards-quiet":
      return condition.boards.every((name) => {
        const entry = roster.byName(name);
        return !isUp(entry) && entry?.isLinked !== true;
      });
    case "tcp":
      return (await probe(condition.address, condition.port, signal)) === condition.answers;
    case "below":
      return condition.boards.every((name) => !isWarm(roster.byName(name), condition.celsius));
    case "time":
      return false;
    default:
      return unreachable(condition);
  }
}

/**
 * Wait until it is so. Waits pass at the pace of the bring-up, but what answers in its own time (a server, a PDU, an agent
 * that says goodbye) is given a few true seconds however fast a simulation runs.
 *
 * @returns false when `timeoutMs` passed without.
 */
export async function waitUntil(
  condition: Condition,
  timeoutMs: Millis,
  lookout: Lookout,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, paced } = lookout;
  if (condition.kind === "time") {
    await paced.sleep(condition.ms, signal);
    return true;
  }
  const began = { paced: paced.monotonic(), real: clock.monotonic() };
  const hasPassed = (ms: Millis): boolean =>
    paced.monotonic() >= began.paced + ms && clock.monotonic() >= began.real + Math.min(ms, leastMs);
  for (;;) {
    const mayLook = hasPassed(unheardMs) || !isUnheard(condition, lookout);
    if (mayLook && (await holds(condition, lookout, signal))) return true;
    if (hasPassed(timeoutMs)) return false;
    await clock.sleep(lookMs, signal);
  }
}

/** What is not so, in words: boards by their names where it is they that are not. */
export function notInWords(condition: Condition, timeoutMs: Millis, { registry }: Lookout): string {
  if (condition.kind !== "below") return `not so after ${timeoutMs / 1000} s: ${inWords(condition)}`;
  const warm = condition.boards.filter((name) => isWarm(registry.roster.byName(name), condition.celsius));
  const minutes = Math.round(timeoutMs / 60_000);
  return `${foldNodeSet(warm)} ${warm.length === 1 ? "is" : "are"} not below ${condition.celsius} °C after ${minutes} min`;
}

function isWarm(entry: Entry | null, celsius: number): boolean {
  return isUp(entry) && (entry?.latest?.temperatureC ?? Number.NEGATIVE_INFINITY) >= celsius;
}

/** After a restart of the head boards are neither up nor measured until they are back: nobody knows how warm they are. */
function isUnheard(condition: Condition, { registry }: Lookout): boolean {
  if (condition.kind !== "below") return false;
  return condition.boards.some((name) => {
    const entry = registry.roster.byName(name);
    if (entry === null || entry.latest !== null) return false;
    const { state } = entry.standing;
    return isUp(entry) || (state.kind === "silent" && state.cause === "unknown");
  });
}

/** A condition in words, for the journal. */
export function inWords(condition: Condition): string {
  switch (condition.kind) {
    case "outlet":
      return `${condition.outlet} reads ${condition.on ? "on" : "off"}`;
    case "boards-up":
      return `${condition.atLeast} of ${condition.boards.length} boards are up`;
    case "boards-quiet":
      return `${condition.boards.length} boards are quiet`;
    case "tcp":
      return `${condition.address}:${condition.port} ${condition.answers ? "answers" : "answers no more"}`;
    case "below":
      return `${condition.boards.length} boards are below ${condition.celsius} °C`;
    case "time":
      return `${condition.ms / 1000} s have passed`;
    default:
      return unreachable(condition);
  }
}

const leastMs: Millis = 5000;
/** So long may boards take to be back after a restart of the head. */
const unheardMs: Millis = 30_000;
const lookMs: Millis = 250;
