import type { Logger } from "@bramble/core/base";

/** What a DHCP server counts from its start. */
export type DhcpCounts = ReturnType<typeof newCounts>;

/** All at zero. */
export function newCounts() {
  return {
    received: 0,
    /** Not DHCP, or cut. */
    malformed: 0,
    /** Well-formed and not ours to answer: another server's client, a network that is not served, a kind nobody sends us. */
    ignored: 0,
    discovers: 0,
    offers: 0,
    requests: 0,
    acks: 0,
    naks: 0,
    declines: 0,
    releases: 0,
    informs: 0,
    /** Boards that got nothing because the pool is used up. */
    poolEmpty: 0,
    /** Boards that got nothing because another lives at their address. */
    conflicts: 0,
    /** Addresses of the pool that somebody had without asking. */
    occupied: 0,
    /** Answers that a newer message of the same board replaced. */
    superseded: 0,
    /** Messages dropped because too many boards were waiting. */
    overloaded: 0,
    /** Answers not given because their lease could not be written. */
    unwritten: 0,
    commits: 0,
    unsent: 0,
    socketErrors: 0,
    /** Mistakes of ours; the log has them. */
    faults: 0,
  };
}

/** Tells what came and went since it was last asked: a line a second for all boards together. Silent when nothing did. */
export function createSummary(counts: DhcpCounts, log: Logger): () => void {
  let before = { ...counts };
  return () => {
    const facts: Record<string, number> = {};
    for (const key of told) if (counts[key] !== before[key]) facts[key] = counts[key] - before[key];
    before = { ...counts };
    if (Object.keys(facts).length > 0) log.info(facts, "DHCP");
  };
}

const told = [
  "discovers",
  "offers",
  "requests",
  "acks",
  "naks",
  "declines",
  "releases",
  "informs",
  "poolEmpty",
  "conflicts",
  "occupied",
  "superseded",
  "overloaded",
  "unwritten",
] as const satisfies readonly (keyof DhcpCounts)[];
