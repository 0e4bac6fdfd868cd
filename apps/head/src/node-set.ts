import { ClusterError } from "@bramble/core/base";
import { type Cluster, resolveNodeSet } from "@bramble/core/cluster";
import { stateKinds } from "@bramble/core/observe";
import type { Roster } from "./register/roster.ts";

/** Reads node sets against the cluster and what its boards do now: `@silent`, `@up`, `@hot`. */
export function nodeSets(cluster: Cluster, roster: Roster): (set: string) => readonly string[] {
  const living = (name: string): readonly string[] | null => {
    if (name === "hot")
      return roster
        .all()
        .filter(({ latest }) => (latest?.temperatureC ?? Number.NEGATIVE_INFINITY) >= cluster.limits.thermal.warnC)
        .map((entry) => entry.name);
    if (!(stateKinds as readonly string[]).includes(name)) return null;
    return roster
      .all()
      .filter(({ standing }) => standing.state.kind === name)
      .map((entry) => entry.name);
  };
  return (set) => {
    const strangers = roster.all().slice(cluster.boards.length);
    const result = resolveNodeSet(set, {
      cluster,
      names: strangers.map(({ name }) => name),
      groups: living,
      groupNames: [...stateKinds, "hot"],
    });
    if (result.kind === "ok") return result.boards;
    throw new ClusterError("input.node-set", `at character ${result.at + 1}: ${result.message}`);
  };
}
