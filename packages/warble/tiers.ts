/** Running in a tier of one's choice, for tests, the soak and benches. */
export { runIn } from "./run.ts";
export type { Tier } from "./tier.ts";
