/**
 * How a program is run: by closures alone, or with hot loops in WebAssembly (`both`, what `run` does). `eager` enters
 * WebAssembly at the first turn of each loop, for tests that compare the tiers. `uncounted` is `both` but for steps, which
 * modules do not count: no program is bounded there, so it is for the bench that tells what counting costs.
 */
export type Tier = "closures" | "both" | "eager" | "uncounted";

/** Steps that a loop spends in closures before its first try in WebAssembly. */
export function patienceOf(tier: Tier): number {
  return tier === "closures" ? Number.POSITIVE_INFINITY : tier === "eager" ? 0 : 10_000;
}

/**
 * Steps that a module runs for before it comes back: that is when the engine may put its better code in place. A turn
 * that needs more gets more.
 */
export function sliceOf(tier: Tier): number {
  return tier === "eager" ? 40 : 100_000;
}
