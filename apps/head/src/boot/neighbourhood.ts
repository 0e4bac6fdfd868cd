import type { Millis } from "@bramble/core/base";
import type { BootStep, Lane, Neighbours } from "@bramble/core/boot";
import { bootSteps, tookOf } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import type { Entry, Roster } from "../register/roster.ts";

/**
 * Compares each board with those of its group: the boards behind the same outlet, mostly behind the same switch too. What it
 * gives holds for one moment; a group is counted once however many of its boards are asked for.
 */
export function createNeighbourhood(
  cluster: Cluster,
  roster: Roster,
  laneOf: (entry: Entry) => Lane,
): (now: Millis) => (entry: Entry) => Neighbours {
  const members = new Map(cluster.groups.map(({ id, boards }) => [id, boards]));
  return (now) => {
    const counted = new Map<string, Neighbours>();
    const count = (group: string): Neighbours => {
      const lanes = (members.get(group) ?? []).flatMap((name) => {
        const entry = roster.byName(name);
        return entry === null ? [] : [laneOf(entry)];
      });
      return {
        boards: lanes.length,
        powered: lanes.filter(isPowered).length,
        asked: lanes.filter(hasAsked).length,
        up: lanes.filter(({ state }) => state.kind === "up").length,
        stepMs: medians(lanes, now),
      };
    };
    return (entry) => {
      const group = entry.slot?.group ?? null;
      if (group === null) return nobody;
      const all = counted.get(group) ?? count(group);
      counted.set(group, all);
      const own = laneOf(entry);
      return {
        ...all,
        boards: all.boards - 1,
        powered: all.powered - (isPowered(own) ? 1 : 0),
        asked: all.asked - (hasAsked(own) ? 1 : 0),
        up: all.up - (own.state.kind === "up" ? 1 : 0),
      };
    };
  };
}

const nobody: Neighbours = { boards: 0, powered: 0, asked: 0, up: 0, stepMs: {} };
/** So few boards have no usual time. */
const leastToCompare = 3;

function isPowered({ poweredAt }: Lane): boolean {
  return poweredAt !== null;
}

function hasAsked({ begunAt, state }: Lane): boolean {
  return begunAt !== null && state.kind !== "idle";
}

function medians(lanes: readonly Lane[], now: Millis): Neighbours["stepMs"] {
  const found: Partial<Record<BootStep, Millis>> = {};
  for (const step of bootSteps) {
    const times = lanes.flatMap(({ steps }) => (steps[step].endedAt === null ? [] : (tookOf(steps[step], now) ?? [])));
    if (times.length >= leastToCompare) found[step] = times.toSorted((a, b) => a - b)[times.length >> 1]!;
  }
  return found;
}
