import type { BootPlanKind } from "@bramble/core/boot";

/** What each plan means to a reader. */
export const planWords: Readonly<Record<BootPlanKind, string>> = {
  live: "the image, read-only, with its changes in memory; the agent starts",
  discovery: "a small system that tells what the board is, then starts anew",
  local: "its own disk; over the network it gets an address only",
  rescue: "a shell in memory, for a person at its console; no agent, no work",
};
