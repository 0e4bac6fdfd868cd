import {
  PowerAnswer,
  PowerLimitsAnswer,
  PowerScheduleBody,
  PowerSetAnswer,
  PowerTraceAnswer,
  SnoozeBody,
} from "@bramble/core/api";
import type { Clock } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { foldNodeSet } from "@bramble/core/cluster";
import { explainLimits } from "@bramble/core/power";
import { type FastifyPluginAsyncTypebox, Type } from "@fastify/type-provider-typebox";
import type { Energy } from "../power/energy.ts";
import { isUp } from "../power/facts.ts";
import type { Schedules } from "../power/schedules.ts";
import { limitsNow, outletBodyOf, type PlanView, pduWatts, planSummary } from "./power-body.ts";

/** What the routes that show power are made of. */
export type PowerStateParts = PlanView & {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly speed: number;
  readonly energy: Energy;
  readonly schedules: Schedules;
  readonly pricePerKwh: number | null;
  /** The boards that a node set names. @throws ClusterError `input.node-set`. */
  readonly boardsOf: (set: string) => readonly string[];
};

const From = Type.Object({
  from: Type.Optional(Type.Integer({ minimum: 0, description: "ms UTC; default: all that is kept." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000 })),
});

const SetQuery = Type.Object({ set: Type.String({ minLength: 1, maxLength: 2000 }) });

/** GET /power, /power/set, /power/limits, /power/trace; POST /power/schedules/:id/snooze. */
export function powerStateRoutes(parts: PowerStateParts): FastifyPluginAsyncTypebox {
  const { cluster, clock, speed, power, energy, schedules, pricePerKwh, boardsOf, roster } = parts;
  return async (app) => {
    app.get(
      "/power",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["power"],
          summary: "Outlets, load against each limit, running plan, journal, schedules, energy",
          response: { 200: PowerAnswer },
        },
      },
      async () => {
        const { outlets, journal } = power;
        const views = outlets.all();
        return {
          ...{ now: clock.now(), speed, watts: outlets.watts(), limits: limitsNow(power) },
          ...{ volts: cluster.limits.supply.volts, loadMax: cluster.limits.loadMax, pricePerKwh },
          meters: power.meters().map(({ limit, watts, isMeasured, allowedWatts, ratingWatts }) => ({
            ...{ limit, watts, isMeasured, allowed: allowedWatts, rating: ratingWatts },
            stage: power.budgets.stageOf(limit),
          })),
          things: thingsOf(cluster),
          outlets: views.map((view) => outletBodyOf(view, parts)),
          pdus: cluster.pdus.map(({ id, driver }) => ({
            ...{ id, driver, watts: pduWatts(power, id) },
            error: views.find(({ outlet }) => outlet.pdu === id)?.error ?? null,
          })),
          running: journal.open().map((record) => planSummary(record, parts)),
          recent: journal.list(20).map((record) => planSummary(record, parts)),
          schedules: schedules.all().map((each) => ({ ...each, warnMinutes: [...each.warnMinutes] })),
          energy: energy.days().map((day) => ({ ...day })),
          profiles: cluster.limits.profiles.map(({ name, boards, onlyIn }) => ({ name, boards, onlyIn })),
        };
      },
    );
    app.get(
      "/power/set",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["power"],
          summary: "The boards of a node set that power can reach, and their groups",
          querystring: SetQuery,
          response: { 200: PowerSetAnswer },
        },
      },
      async ({ query }) => {
        const boards = boardsOf(query.set).filter((name) => power.graph.boards.has(name));
        const groups = new Set(boards.flatMap((name) => power.graph.groupOf(name)?.id ?? []));
        const up = boards.filter((name) => isUp(roster.byName(name))).length;
        return { set: foldNodeSet(boards), boards: boards.length, up, groups: [...groups] };
      },
    );
    app.get(
      "/power/limits",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["power"],
          summary: "Why each limit is what it is, and what is open",
          response: { 200: PowerLimitsAnswer },
        },
      },
      async () => ({ limits: explainLimits(cluster).map((each) => ({ ...each })) }),
    );
    app.get(
      "/power/trace",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["power"],
          summary: "Outlets as they were seen to switch, oldest first",
          querystring: From,
          response: { 200: PowerTraceAnswer },
        },
      },
      async ({ query: { from = 0, limit = 20_000 } }) => ({
        speed,
        trace: power.journal
          .trace(from, limit)
          .map(({ at, outlet, on, plan }) => ({ at, outlet, on, plan: plan === null ? null : `p${plan}` })),
      }),
    );
    app.post(
      "/power/schedules/:id/snooze",
      {
        config: { access: "operator" },
        schema: {
          tags: ["power"],
          summary: "Put a schedule's next time off",
          params: Type.Object({ id: Type.String({ maxLength: 60 }) }),
          body: SnoozeBody,
          response: { 200: PowerScheduleBody },
        },
      },
      async ({ params, body }) => {
        const told = await schedules.snooze(params.id, body.minutes);
        return { ...told, warnMinutes: [...told.warnMinutes] };
      },
    );
  };
}

function thingsOf({ supplies, switches, devices }: Cluster) {
  return [
    ...supplies.map(({ id }) => ({ id, kind: "supply" })),
    ...switches.map(({ id }) => ({ id, kind: "switch" })),
    ...devices.map(({ id, kind }) => ({ id, kind })),
  ];
}
