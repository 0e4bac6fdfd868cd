import { OutletBody, OutletsAnswer, PowerUpBody } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { PowerGraph } from "@bramble/core/power";
import { type FastifyPluginAsyncTypebox, Type } from "@fastify/type-provider-typebox";
import type { Doubts } from "../power/doubts.ts";
import type { Outlets, OutletView } from "../power/outlets.ts";
import type { Sequencer } from "../power/sequencer.ts";

/** What the routes of power are made of. */
export type PowerRouteParts = {
  readonly cluster: Cluster;
  readonly outlets: Outlets;
  readonly sequencer: Sequencer;
  readonly doubts: Doubts;
  readonly graph: PowerGraph;
  /** The boards that a node set names. @throws ClusterError `input.node-set`. */
  readonly boardsOf: (set: string) => readonly string[];
  readonly log: Logger;
  /** Ends what still waits when the head stops. */
  readonly signal: AbortSignal;
};

/** Outlets, and bringing boards up. */
export function powerRoutes(parts: PowerRouteParts): FastifyPluginAsyncTypebox {
  const { cluster, outlets, sequencer, doubts, graph, boardsOf, log, signal } = parts;
  return async (app) => {
    app.get(
      "/outlets",
      {
        config: { access: "viewer" },
        schema: { summary: "All outlets, as read back", response: { 200: OutletsAnswer } },
      },
      async () => ({ outlets: outlets.all().map((view) => outletBody(view, doubts)) }),
    );
    app.post(
      "/outlets/:id",
      {
        config: { access: "operator" },
        schema: {
          summary: "Switch one outlet; answered after it was read back",
          params: Type.Object({ id: Type.String({ maxLength: 60 }) }),
          body: OutletBody,
          response: { 200: Type.Index(OutletsAnswer.properties.outlets, ["items"]) },
        },
      },
      async ({ params, body }) => {
        const view = outlets.all().find(({ outlet }) => outlet.id === params.id);
        if (view === undefined) throw noOutlet(cluster, params.id);
        if (!body.on && view.outlet.alwaysOn)
          throw new ClusterError("power.refused", `${view.outlet.id} stays on by the cluster file (always_on)`);
        requireUnclaimed(parts, params.id);
        const needed = body.on ? [...graph.before(params.id)].find((id) => outlets.isOff(id)) : undefined;
        if (needed !== undefined)
          throw new ClusterError("power.parent-off", `${params.id} needs ${needed}, which is not on`);
        log.info({ outlet: params.id, on: body.on, boards: view.outlet.boards.length }, "outlet asked for");
        await outlets.set(params.id, body.on, signal);
        return outletBody(outlets.all().find(({ outlet }) => outlet.id === params.id) ?? view, doubts);
      },
    );
    app.post(
      "/power/up",
      {
        config: { access: "operator" },
        schema: {
          summary: "Bring groups up in waves; progress is in GET /cluster",
          body: Type.Union([PowerUpBody, Type.Null()]),
          response: { 202: Type.Object({ boards: Type.Integer(), waves: Type.Integer() }) },
        },
      },
      async ({ body }, reply) => {
        const set = body?.set ?? "all";
        const names = boardsOf(set);
        const isKnown = new Set(cluster.boards.map(({ name }) => name));
        const planned = sequencer.up(
          names.filter((name) => isKnown.has(name)),
          set,
        );
        log.info({ set: body?.set ?? "all", ...planned }, "bring-up asked for");
        return reply.code(202).send(planned);
      },
    );
    app.post(
      "/power/cancel",
      {
        config: { access: "operator" },
        schema: {
          summary: "End the running bring-up where it stands; nothing is switched off",
          response: { 200: Type.Object({ cancelled: Type.Boolean() }) },
        },
      },
      async () => ({ cancelled: await sequencer.cancel() }),
    );
  };
}

/** @throws ClusterError `power.busy` while a plan has this outlet. */
function requireUnclaimed({ sequencer }: PowerRouteParts, outlet: string): void {
  const plan = sequencer.live().find(({ run }) => run?.plan.outlets.includes(outlet));
  if (plan !== undefined) throw new ClusterError("power.busy", `plan p${plan.id} has ${outlet}: ${plan.doing}`);
}

function outletBody({ outlet, reading, error }: OutletView, doubts: Doubts) {
  return {
    id: outlet.id,
    pdu: outlet.pdu,
    circuit: outlet.circuit,
    boards: outlet.boards.length,
    on: reading.on,
    watts: reading.watts,
    alwaysOn: outlet.alwaysOn,
    error,
    doubted: doubts.of(outlet.id),
  };
}

/** Tells one that a PDU has, and that no circuit of the file names, from one that is nowhere. */
function noOutlet({ pdus }: Cluster, id: string): ClusterError {
  const isThere = pdus.some((pdu) => {
    const number = id.startsWith(`${pdu.id}.`) ? Number(id.slice(pdu.id.length + 1)) : 0;
    return Number.isInteger(number) && number >= 1 && number <= pdu.outlets;
  });
  const why = isThere
    ? `nothing hangs on ${id}: no circuit of the cluster file names this outlet`
    : `there is no outlet "${id.slice(0, 60)}"`;
  return new ClusterError("outlet.unknown", why);
}
