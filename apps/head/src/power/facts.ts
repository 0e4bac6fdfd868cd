import type { OutletId } from "@bramble/core/cluster";
import type { PowerFacts } from "@bramble/core/power";
import type { Entry, Roster } from "../register/roster.ts";
import type { Outlets } from "./outlets.ts";

/** Does this board answer? */
export function isUp(entry: Entry | null): boolean {
  const kind = entry?.standing.state.kind;
  return kind === "up" || kind === "draining";
}

/**
 * What is known now, for the planner. Outlets that nothing of ours switches count as on.
 *
 * @param moving outlets that plans on their way will yet switch: nobody knows how they stand when the new plan begins, so
 * that their watts are counted and nothing relies on them.
 */
export function factsOf(outlets: Outlets, roster: Roster, moving: ReadonlySet<OutletId>): PowerFacts {
  return {
    outlets: new Map(
      outlets.all().map(({ outlet, reading }) => {
        if (!outlets.canSwitch(outlet.id)) return [outlet.id, true] as const;
        return [outlet.id, moving.has(outlet.id) ? null : reading.on] as const;
      }),
    ),
    boards: new Map(
      roster.all().map((entry) => {
        const { isWorking, isLinked: hasAgent, latest } = entry;
        return [entry.name, { isUp: isUp(entry), isWorking, hasAgent, celsius: latest?.temperatureC ?? null }];
      }),
    ),
  };
}
