import { PowerAnswer, PowerLimitsAnswer, PowerScheduleBody, PowerTraceAnswer, SnoozeBody } from "@bramble/core/api";
import type { Clock } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { explainLimits } from "@bramble/core/power";
import { type FastifyPluginAsyncTypebox, Type } from "@fastify/type-provider-typebox";
import type { Energy } from "../power/energy.ts";
import type { Schedules } from "../power/schedules.ts";
import { limitsNow, outletBodyOf, type PlanView, planSummary } from "./power-body.ts";

/** What the routes that show power are made of. */
export type PowerStateParts = PlanView & {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly speed: number;
  readonly energy: Energy;
  readonly schedules: Schedules;
};

const From = Type.Object({
  from: Type.Optional(Type.Integer({ minimum: 0, description: "ms UTC; default: all that is kept." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000 })),
});

/** GET /power, /power/limits, /power/trace; POST /power/schedules/:id/snooze. */
export function powerStateRoutes(parts: PowerStateParts): FastifyPluginAsyncTypebox {
  const { cluster, clock, speed, power, energy, schedules } = parts;
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
        const wattsOf = (pdu: string): number | null => {
          const whole = outlets.pduWatts(pdu);
          if (whole !== null) return whole;
          const told = views.flatMap(({ outlet, reading }) => (outlet.pdu === pdu ? (reading.watts ?? []) : []));
          return told.length === 0 ? null : told.reduce((sum, each) => sum + each, 0);
        };
        return {
          ...{ now: clock.now(), speed, watts: outlets.watts(), limits: limitsNow(power) },
          meters: power.meters().map(({ limit, watts, isMeasured, allowedWatts, ratingWatts }) => ({
            ...{ limit, watts, isMeasured, allowed: allowedWatts, rating: ratingWatts },
            stage: power.budgets.stageOf(limit),
          })),
          outlets: views.map((view) => outletBodyOf(view, parts)),
          pdus: cluster.pdus.map(({ id, driver }) => ({
            ...{ id, driver, watts: wattsOf(id) },
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
