import type { Millis } from "../base/index.ts";
import type { Colour, LightChange } from "./devices.ts";
import type { Effect } from "./job.ts";

/** Effects that happen together, `atMs` after the first. */
export type Beat = { readonly atMs: Millis; readonly effects: readonly Effect[] };

/** No program sleeps longer than this in all. */
export const maxSleepMs = 60_000;

/** The effects of a run in time: SLEEP splits the list and is not in it any more. Beats without effects are left out. */
export function beatsOf(effects: readonly Effect[]): readonly Beat[] {
  const beats: Beat[] = [];
  let atMs = 0;
  let current: Effect[] = [];
  for (const effect of effects) {
    if (effect[0] !== "SLEEP") {
      current.push(effect);
      continue;
    }
    const nextMs = Math.min(maxSleepMs, atMs + sleepOf(effect));
    if (nextMs === atMs) continue;
    if (current.length > 0) beats.push({ atMs, effects: current });
    current = [];
    atMs = nextMs;
  }
  if (current.length > 0) beats.push({ atMs, effects: current });
  return beats;
}

/** How long the SLEEPs of a run last together, at most `maxSleepMs`. */
export function sleepMsOf(effects: readonly Effect[]): Millis {
  let total = 0;
  for (const effect of effects) if (effect[0] === "SLEEP") total += sleepOf(effect);
  return Math.min(maxSleepMs, total);
}

/** The pixel that a LIGHTS effect sets on a lamp of `count`, or null when it is no such effect: boards may lie. */
export function lightOf(effect: Effect, count: number): LightChange | null {
  const [name, index, red, green, blue] = effect;
  if (name !== "LIGHTS" || !isWhole(index, count - 1)) return null;
  const colour = [red, green, blue];
  if (!colour.every((part) => isWhole(part, 255))) return null;
  return { index, colour: colour as unknown as Colour };
}

/** The address that a PLAYSOUND effect plays, or null: only http and https, without a password in it. */
export function soundOf(effect: Effect): string | null {
  const [name, address] = effect;
  if (name !== "PLAYSOUND" || typeof address !== "string" || address.length > maxAddress) return null;
  if (!URL.canParse(address)) return null;
  const { protocol, username, password, href } = new URL(address);
  if (protocol !== "http:" && protocol !== "https:") return null;
  return username === "" && password === "" ? href : null;
}

const maxAddress = 2000;

function sleepOf(effect: Effect): Millis {
  const seconds = effect[1];
  return typeof seconds === "number" && seconds > 0 ? seconds * 1000 : 0;
}

function isWhole(value: number | string | undefined, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
}
