import { BoardBody, BoardSamplesAnswer, BoardsAnswer } from "@bramble/core/api";
import { ClusterError } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { StateKind } from "@bramble/core/observe";
import { stateKinds } from "@bramble/core/observe";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync } from "fastify";
import Type from "typebox";
import { nodeSets } from "../node-set.ts";
import { findBoard } from "../register/find.ts";
import type { Entry, Roster } from "../register/roster.ts";
import type { SampleStore } from "../store/samples.ts";
import { boardBody, sampleBody } from "./board-body.ts";

const BoardsQuery = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 200, description: "One state, or several with commas between." })),
  set: Type.Optional(Type.String({ maxLength: 2000, description: "A node set: b[1-42], @k01, @hot, @silent." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000 })),
  cursor: Type.Optional(Type.Integer({ minimum: 0, description: "`next` of the answer before." })),
});
const Id = Type.Object({
  id: Type.String({ maxLength: 64, description: "MAC, name, or name with fewer zeros: b412." }),
});
const SamplesQuery = Type.Object({
  from: Type.Optional(Type.Integer({ minimum: 0, description: "ms UTC; default: an hour ago." })),
  to: Type.Optional(Type.Integer({ minimum: 0, description: "ms UTC; default: no end." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000 })),
  cursor: Type.Optional(Type.Integer({ minimum: 0, description: "`next` of the answer before." })),
});

/** What the routes of boards need. */
export type BoardParts = {
  readonly roster: Roster;
  readonly cluster: Cluster;
  readonly samples: Pick<SampleStore, "history">;
};

/** GET /boards, /boards/:id, /boards/:id/samples. */
export function boardRoutes({ roster, cluster, samples }: BoardParts): FastifyPluginAsync {
  return async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const namesOf = nodeSets(cluster, roster);

    app.get(
      "/boards",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["boards"],
          summary: "Boards in the order of the layout",
          querystring: BoardsQuery,
          response: { 200: BoardsAnswer },
        },
      },
      async ({ query }) => {
        const { limit = 1000, cursor = 0 } = query;
        const states = query.state === undefined ? null : statesOf(query.state);
        const names = query.set === undefined ? null : new Set(namesOf(query.set));
        const found: Entry[] = [];
        let next: string | null = null;
        for (const entry of roster.all()) {
          if (entry.index < cursor || (entry.slot === null && entry.record === null)) continue;
          if (states !== null && !states.has(entry.standing.state.kind)) continue;
          if (names !== null && !names.has(entry.name)) continue;
          if (found.length === limit) {
            next = String(entry.index);
            break;
          }
          found.push(entry);
        }
        return { boards: found.map(boardBody), next };
      },
    );

    app.get(
      "/boards/:id",
      {
        config: { access: "viewer" },
        schema: { tags: ["boards"], summary: "One board", params: Id, response: { 200: BoardBody } },
      },
      async ({ params }) => boardBody(findBoard(roster, params.id)),
    );

    app.get(
      "/boards/:id/samples",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["boards"],
          summary: "Samples of the newest hour, oldest first",
          params: Id,
          querystring: SamplesQuery,
          response: { 200: BoardSamplesAnswer },
        },
      },
      async ({ params, query }) => {
        const mac = findBoard(roster, params.id).record?.mac;
        if (mac === undefined) return { samples: [], next: null };
        const { limit = 1000, to = Number.MAX_SAFE_INTEGER } = query;
        const from = Math.max(query.from ?? 0, query.cursor ?? 0);
        const found = samples.history(mac, from, to, limit + 1);
        const last = found[limit];
        return { samples: found.slice(0, limit).map(sampleBody), next: last === undefined ? null : String(last.at) };
      },
    );
  };
}

function statesOf(text: string): ReadonlySet<StateKind> {
  const said = text.split(",").map((word) => word.trim());
  for (const word of said) {
    if (!stateKinds.includes(word as StateKind))
      throw new ClusterError("input.invalid", `"${word.slice(0, 40)}" is no state; there are ${stateKinds.join(", ")}`);
  }
  return new Set(said as StateKind[]);
}
