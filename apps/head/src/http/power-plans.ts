import {
  CancelPowerPlanAnswer,
  CancelPowerPlanBody,
  PostPowerPlanBody,
  PowerPlanAnswer,
  PowerPlanReply,
  PowerPlansAnswer,
} from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { Planned, PowerRequest } from "@bramble/core/power";
import { type FastifyPluginAsyncTypebox, Type } from "@fastify/type-provider-typebox";
import type { PlanRecord } from "../store/power-plans.ts";
import { type PlanView, planBody, plannedBody, planSummary } from "./power-body.ts";

/** What the routes of plans are made of. */
export type PlanRouteParts = PlanView & {
  /** The boards that a node set names. @throws ClusterError `input.node-set`. */
  readonly boardsOf: (set: string) => readonly string[];
  readonly log: Logger;
};

const Id = Type.Object({ id: Type.String({ pattern: "^p[1-9][0-9]{0,14}$", description: "Like p12." }) });
const Page = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  cursor: Type.Optional(Type.String({ pattern: "^p[1-9][0-9]{0,14}$", description: "`next` of the answer before." })),
});

/** POST and GET /power/plans, GET /power/plans/:id, POST /power/plans/:id/cancel. */
export function powerPlanRoutes(parts: PlanRouteParts): FastifyPluginAsyncTypebox {
  const { power, boardsOf, log } = parts;
  const { sequencer, journal } = power;
  const find = (id: string): PlanRecord => {
    const record = journal.find(Number(id.slice(1)));
    if (record === null) throw new ClusterError("power.plan-unknown", `there is no plan ${id}`);
    return record;
  };
  /** Boards of the file; strangers have no outlet, and nobody who says `all` means them. */
  const boardsFor = (set: string): readonly string[] => {
    const names = boardsOf(set);
    if (names.length === 0) throw new ClusterError("input.node-set", `"${set.slice(0, 60)}" names no board`);
    const known = names.filter((name) => power.graph.boards.has(name));
    return known.length === 0 ? names : known;
  };
  return async (app) => {
    app.post(
      "/power/plans",
      {
        config: { access: "operator" },
        schema: {
          tags: ["power"],
          summary: "Plan to switch boards on, off, or off and on, and carry it out; `dryRun`: only plan",
          headers: Type.Object({ "idempotency-key": Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) }),
          body: PostPowerPlanBody,
          response: { 200: PowerPlanReply, 202: PowerPlanReply },
        },
      },
      async ({ body, headers }, reply) => {
        const { action, set, profile = null, withParents = false, allowCollateral = false, why = null } = body;
        const { atOnce = false } = body;
        const request: PowerRequest = { action, boards: boardsFor(set), profile, withParents, allowCollateral, atOnce };
        if (body.dryRun === true) return replyTo(sequencer.plan(request), null);
        const key = headers["idempotency-key"] ?? null;
        if (action !== "on" && (key === null || journal.findKey(key) === null))
          requireConfirmed(sequencer.plan(request), body.confirm ?? null);
        const asked = await sequencer.ask({ request, set, by: "operator", why, key });
        if (asked.kind === "nothing") return replyTo(asked, null);
        log.info({ action, set, plan: `p${asked.id}`, why }, "power plan started");
        return reply.code(202).send(replyTo(asked.planned, `p${asked.id}`));
      },
    );
    app.get(
      "/power/plans",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["power"],
          summary: "Plans, newest first",
          querystring: Page,
          response: { 200: PowerPlansAnswer },
        },
      },
      async ({ query: { limit = 50, cursor } }) => {
        const before = cursor === undefined ? undefined : Number(cursor.slice(1));
        const found = journal.list(limit + 1, before);
        const shown = found.slice(0, limit);
        return {
          plans: shown.map((record) => planSummary(record, parts)),
          next: found.length > limit ? `p${shown.at(-1)!.id}` : null,
        };
      },
    );
    app.get(
      "/power/plans/:id",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["power"],
          summary: "One plan with all its steps, and how they stand",
          params: Id,
          response: { 200: PowerPlanAnswer },
        },
      },
      async ({ params }) => planBody(find(params.id), parts),
    );
    app.post(
      "/power/plans/:id/cancel",
      {
        config: { access: "operator" },
        schema: {
          tags: ["power"],
          summary: "End a plan where it stands; `undo`: a plan of its own puts back what it has switched",
          params: Id,
          body: Type.Union([CancelPowerPlanBody, Type.Null()]),
          response: { 200: CancelPowerPlanAnswer },
        },
      },
      async ({ params, body }) => {
        const { id } = find(params.id);
        log.info({ plan: params.id, undo: body?.undo ?? false }, "power plan cancelled");
        if (body?.undo !== true) return { cancelled: await sequencer.cancel(id), undo: null };
        const isRunning = sequencer.live().some((live) => live.id === id);
        const undo = await sequencer.undo(id);
        return { cancelled: isRunning, undo: undo === null ? null : `p${undo}` };
      },
    );
  };
}

/** Above so many boards their number must be said. */
const unsaid = 50;

/** How many boards lose power, where that has to be confirmed; else null. */
function confirmOf(planned: Planned): number | null {
  if (planned.kind !== "plan" || planned.plan.request.action === "on") return null;
  const { length } = planned.plan.boards;
  return length > unsaid ? length : null;
}

/** @throws ClusterError `power.confirm` that tells the number. */
function requireConfirmed(planned: Planned, said: number | null): void {
  const wanted = confirmOf(planned);
  if (wanted === null || said === wanted) return;
  const wrong = said === null ? "" : `, not ${said}`;
  throw new ClusterError("power.confirm", `${wanted} boards lose power: confirm with the number ${wanted}${wrong}`);
}

function replyTo(planned: Planned | null, id: string | null): PowerPlanReply {
  const empty = { id, why: null, plan: null, confirm: null, problems: [], alternatives: [] };
  if (planned === null) return { ...empty, kind: "started" };
  if (planned.kind === "nothing") return { ...empty, kind: "nothing", why: planned.why };
  const alternatives = planned.alternatives.map((each) => ({ ...each, boards: [...each.boards] }));
  if (planned.kind === "refused")
    return { ...empty, kind: "refused", problems: planned.problems.map((each) => ({ ...each })), alternatives };
  const plan = plannedBody(planned.plan);
  return { ...empty, kind: id === null ? "plan" : "started", plan, confirm: confirmOf(planned), alternatives };
}
