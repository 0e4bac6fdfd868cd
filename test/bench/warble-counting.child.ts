import { defaultEnvironment, publicLimits } from "@bramble/warble";
import { runIn, type Tier } from "@bramble/warble/tiers";
import { medianMs } from "./row.ts";

/**
 * `node --no-liftoff warble-counting.child.ts POST`: the milliseconds of a post with its steps counted and without.
 * Only with V8's best code from the start are the two alike: uncounted, a loop is one call, and code is changed between calls.
 */
const post = process.argv[2] ?? "";
const limits = { ...publicLimits, steps: Number.MAX_SAFE_INTEGER };
const once = (tier: Tier) => medianMs(1, () => void runIn(tier, post, defaultEnvironment, limits));
const counted: number[] = [];
const uncounted: number[] = [];
for (let round = 0; round < 9; round++) {
  uncounted.push(once("uncounted"));
  counted.push(once("both"));
}
const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
process.stdout.write(JSON.stringify({ counted: median(counted), uncounted: median(uncounted) }));
