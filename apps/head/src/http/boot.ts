import { BootAnswer, BootBody, LaneAnswer, LanesAnswer, LeasesAnswer } from "@bramble/core/api";
import { ClusterError } from "@bramble/core/base";
import type { LaneState } from "@bramble/core/boot";
import { bootSteps, laneStates, packLane } from "@bramble/core/boot";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync } from "fastify";
import Type from "typebox";
import { reportBoot } from "../boot/report.ts";
import { findBoard } from "../register/find.ts";
import type { Registry } from "../register/registry.ts";
import { type BootView, bootBody, laneBody, poolOf } from "./boot-body.ts";

const LanesQuery = Type.Object({
  set: Type.Optional(Type.String({ maxLength: 2000, description: "A node set: b[1-42], @g03." })),
  state: Type.Optional(
    Type.String({ maxLength: 100, description: `Some of ${laneStates.join(", ")}, commas between.` }),
  ),
  since: Type.Optional(Type.Integer({ minimum: 0, description: "`version` of an answer before: only what changed." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 25_000 })),
});
const Id = Type.Object({
  board: Type.String({ maxLength: 64, description: "MAC, name, or name with fewer zeros: b412." }),
});
const LeasesQuery = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 25_000 })) });

/** What the routes of booting need. */
export type BootRouteParts = BootView & {
  readonly registry: Pick<Registry, "reportBoot">;
  readonly boardsOf: (nodeSet: string) => readonly string[];
};

/** How boards boot: GET /boot, /boot/lanes, /boot/leases; and POST /boot, for boards that tell it themselves. */
export function bootRoutes(parts: BootRouteParts): FastifyPluginAsync {
  const { room, roster, cluster, clock, boardsOf } = parts;
  return async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const tags = ["boot"];

    app.post(
      "/boot",
      {
        config: { access: "board" },
        schema: {
          tags,
          summary: "A board tells a step of its boot",
          body: BootBody,
          response: { 202: Type.Object({ stored: Type.Integer() }) },
        },
      },
      async ({ body }, reply) => {
        await reportBoot(body, parts.registry);
        return reply.code(202).send({ stored: 1 });
      },
    );

    app.get(
      "/boot",
      {
        config: { access: "viewer" },
        schema: {
          tags,
          summary: "How booting stands: servers, boards by step, troubles",
          response: { 200: BootAnswer },
        },
      },
      async () => bootBody(parts),
    );

    app.get(
      "/boot/lanes",
      {
        config: { access: "viewer" },
        schema: {
          tags,
          summary: "Each board's boot as a short row",
          querystring: LanesQuery,
          response: { 200: LanesAnswer },
        },
      },
      async ({ query }) => {
        const { since, limit = 25_000 } = query;
        const names = query.set === undefined ? null : new Set(boardsOf(query.set));
        const states = query.state === undefined ? null : statesOf(query.state);
        const judge = room.lanes.judge();
        const now = clock.monotonic();
        const lanes: LanesAnswer["lanes"] = [];
        for (const entry of roster.all()) {
          if (lanes.length === limit) break;
          if ((entry.slot === null && entry.record === null) || names?.has(entry.name) === false) continue;
          const { lane, version } = room.lanes.of(entry);
          if (states?.has(lane.state.kind) === false) continue;
          const fault = judge(entry)?.fault ?? null;
          // That a board is slow is a matter of time alone: no event changes its lane.
          if (since !== undefined && version <= since && fault === null) continue;
          const [...row] = packLane(entry.name, lane, fault, now);
          lanes.push(row as LanesAnswer["lanes"][number]);
        }
        return {
          now: clock.now(),
          version: room.lanes.version(),
          states: [...laneStates],
          steps: [...bootSteps],
          lanes,
        };
      },
    );

    app.get(
      "/boot/lanes/:board",
      {
        config: { access: "viewer" },
        schema: {
          tags,
          summary: "Everything that was seen of a board's boot",
          params: Id,
          response: { 200: LaneAnswer },
        },
      },
      async ({ params }) => laneBody(findBoard(roster, params.board), parts),
    );

    app.get(
      "/boot/leases",
      {
        config: { access: "viewer" },
        schema: { tags, summary: "Who holds which address", querystring: LeasesQuery, response: { 200: LeasesAnswer } },
      },
      async ({ query }) => {
        const { limit = 25_000 } = query;
        const leases = [...(room.servers?.leases() ?? [])]
          .slice(0, limit)
          .map(({ address, mac, state, until, pinned }) => ({
            ...{ address, mac, board: roster.byMac(mac)?.name ?? null, state, until, pinned },
          }));
        return { leases, ...poolOf(room, cluster, clock.now()) };
      },
    );
  };
}

function statesOf(text: string): ReadonlySet<LaneState["kind"]> {
  const said = text.split(",").map((word) => word.trim());
  for (const word of said) {
    if (!(laneStates as readonly string[]).includes(word))
      throw new ClusterError("input.invalid", `"${word.slice(0, 40)}" is no state; there are ${laneStates.join(", ")}`);
  }
  return new Set(said as LaneState["kind"][]);
}
