import { ClusterAnswer, LayoutAnswer } from "@bramble/core/api";
import type { Clock, Millis } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { layoutSourceOf } from "@bramble/core/show";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { BringUp } from "../power/sequencer.ts";
import type { Roster } from "../register/roster.ts";

/** What `GET /cluster` and `GET /layout` are made of. */
export type ClusterParts = {
  readonly cluster: Cluster;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly version: string;
  readonly startedAt: Millis;
  readonly samplesPerSecond: () => number;
  readonly warbles: () => ClusterAnswer["warbles"];
  readonly bringUp: () => BringUp | null;
  /** Watts drawn now, as far as outlets tell; null when none does. */
  readonly watts: () => number | null;
  readonly lights: () => number;
};

/** Who this is and how it stands. */
export function clusterRoutes(parts: ClusterParts): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/cluster",
      { config: { access: "viewer" }, schema: { summary: "How the cluster stands", response: { 200: ClusterAnswer } } },
      async () => clusterAnswer(parts),
    );
    app.get(
      "/layout",
      {
        config: { access: "viewer" },
        schema: { summary: "What each row of the live stream is, and where it sits", response: { 200: LayoutAnswer } },
      },
      async () => {
        const { cluster, roster } = parts;
        const strangers = roster.all().slice(cluster.boards.length);
        return { cluster: cluster.name, ...layoutSourceOf(cluster, strangers, parts.lights()) } as LayoutAnswer;
      },
    );
  };
}

function clusterAnswer(parts: ClusterParts): ClusterAnswer {
  const { cluster, roster, clock } = parts;
  const states: Record<string, number> = {};
  let hottest: ClusterAnswer["hottest"] = null;
  for (const { name, standing, latest } of roster.all()) {
    const kind = standing.state.kind;
    states[kind] = (states[kind] ?? 0) + 1;
    const temperatureC = latest?.temperatureC ?? null;
    if (kind !== "up" && kind !== "draining") continue;
    if (temperatureC !== null && (hottest === null || temperatureC > hottest.temperatureC))
      hottest = { name, temperatureC };
  }
  const bringUp = parts.bringUp();
  const { amps, volts } = cluster.limits.supply;
  return {
    name: cluster.name,
    description: cluster.description,
    version: parts.version,
    startedAt: parts.startedAt,
    now: clock.now(),
    expected: cluster.boards.length,
    states,
    hottest,
    samplesPerSecond: parts.samplesPerSecond(),
    warbles: parts.warbles(),
    bringUp: bringUp === null ? null : { ...bringUp, groups: [...bringUp.groups], missing: [...bringUp.missing] },
    watts: { now: parts.watts(), limit: amps * volts },
  };
}
