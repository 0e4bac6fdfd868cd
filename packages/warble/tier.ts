/**
 * How a program is run: by closures alone, or with hot loops in WebAssembly (`both`, what `run` does). `eager` enters
 * WebAssembly at the first turn of each loop, for tests that compare the tiers.
 */
export type Tier = "closures" | "both" | "eager";

/** Steps that a loop spends in closures before its first try in WebAssembly. */
export function patienceOf(tier: Tier): number {
  return tier === "closures" ? Number.POSITIVE_INFINITY : tier === "both" ? 10_000 : 0;
}

/**
 * Steps that a module runs for before it comes back: that is when the engine may put its better code in place. A turn
 * that needs more gets more.
 */
export function sliceOf(tier: Tier): number {
  return tier === "eager" ? 40 : 100_000;
}
