import type { Cluster } from "@bramble/core/cluster";
import { chanceAt } from "./chance.ts";

/** What drives the heat of one board during a step. */
export type HeatInput = {
  hasPower(board: number): boolean;
  /** Part of all cores at work, 0 to 1. */
  load(board: number): number;
  /** The fans in the caddies turn. */
  readonly hasFans: boolean;
  /** °C that somebody forces on it, or null. */
  forced(board: number): number | null;
};

/** The temperatures of all boards, °C. Pure but for its own numbers: time and load are handed in. */
export type Heat = {
  of(board: number): number;
  /** Lets `ms` pass. Long spans go in steps short enough to stay true. */
  step(ms: number, input: HeatInput): void;
};

/** A place as the air sees it. */
type Spot = { readonly ambient: number; readonly cooling: number; readonly near: readonly number[] };

/** Where the firmware of a 3B+ first lowers its clock, degrees Celsius. */
export const softLimitC = 60;
/** Where it throttles hard, degrees Celsius. */
export const hardLimitC = 80;

/**
 * Heat in closed racks: warm air rises, every fifth caddy, from the first, carries a fan, neighbours warm each other, a chip warms with
 * its load and cools with a time constant; above 80 °C the firmware takes the load away. All numbers are estimates that
 * put an idle board at 40 to 55 °C and a busy one at the top of a rack just over its limit.
 */
export function heatOf(cluster: Cluster, seed: number): Heat {
  const spots = spotsOf(cluster, seed);
  let now = Float64Array.from(spots, (spot) => spot.ambient);
  let next = new Float64Array(spots.length);
  const one = (ms: number, input: HeatInput): void => {
    const settled = 1 - Math.exp(-ms / timeConstantMs);
    for (const [board, spot] of spots.entries()) {
      const is = now[board]!;
      let warmth = 0;
      for (const other of spot.near) warmth += now[other]! - spot.ambient;
      const rise = input.hasPower(board) ? idleRise + loadRise * clamp(input.load(board), 0, 1) * allowed(is) : 0;
      const target = spot.ambient + rise * (input.hasFans ? spot.cooling : stillAir) + coupling * Math.max(0, warmth);
      next[board] = is + (Math.max(target, input.forced(board) ?? target) - is) * settled;
    }
    [now, next] = [next, now];
  };
  return {
    of: (board) => now[board] ?? roomC,
    step(ms, input) {
      // After ten minutes of one load nothing changes any more: a machine that slept need not catch up further.
      for (let left = Math.min(ms, 600_000); left > 0; left -= stepMs) one(Math.min(left, stepMs), input);
    },
  };
}

/** The part of its load that the firmware still allows at this temperature. Falls gently, so that heat stays monotone in load. */
function allowed(celsius: number): number {
  return clamp(1 - (celsius - hardLimitC) / 10, 0.5, 1);
}

function spotsOf(cluster: Cluster, seed: number): Spot[] {
  const at = new Map(cluster.boards.map((board) => [`${board.bank}/${board.slot}`, board.index]));
  const banksOf = new Map(cluster.racks.map((rack) => [rack.id, rack.banks]));
  return cluster.boards.map((board) => {
    const banks = banksOf.get(board.rack) ?? [];
    const level = Math.max(0, banks.indexOf(board.bank));
    const height = banks.length > 1 ? level / (banks.length - 1) : 0.5;
    const near = [
      at.get(`${board.bank}/${board.slot - 1}`),
      at.get(`${board.bank}/${board.slot + 1}`),
      at.get(`${banks[level - 1]}/${board.slot}`),
    ].filter((index) => index !== undefined);
    const fanSteps = Math.min((board.slot - 1) % fanEvery, fanEvery - ((board.slot - 1) % fanEvery));
    return {
      ambient: roomC + warmAir * height,
      cooling: (0.72 + 0.11 * fanSteps) * (0.93 + 0.14 * chanceAt(seed, board.index, 20, 0)),
      near,
    };
  });
}

const roomC = 23;
/** How much warmer the air is at the top of a rack than at its foot. */
const warmAir = 8;
/** How much more a board warms in a rack whose fans stand still. */
const stillAir = 1.35;
const idleRise = 15;
const loadRise = 34;
/** What each neighbour adds of its own warmth; three of them stay well below one, so heat is bounded. */
const coupling = 0.07;
const fanEvery = 5;
const timeConstantMs = 75_000;
const stepMs = 5_000;

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
