import { PlanBody, PlanSetAnswer, PlansAnswer } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync } from "fastify";
import type { Plans } from "../boot/plans.ts";
import type { Bus } from "../bus.ts";

/** What boards boot: GET and PUT /boot/plans. */
export function bootPlanRoutes(parts: {
  readonly plans: Plans;
  readonly bus: Bus;
  readonly log: Logger;
}): FastifyPluginAsync {
  const { plans, bus, log } = parts;
  return async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.get(
      "/boot/plans",
      {
        config: { access: "viewer" },
        schema: { tags: ["boot"], summary: "What boards boot, and who said so", response: { 200: PlansAnswer } },
      },
      async () => ({ plans: plans.words().map((word) => ({ ...word, boards: word.boards.length })) }),
    );
    app.put(
      "/boot/plans",
      {
        config: { access: "operator" },
        schema: {
          tags: ["boot"],
          summary: "Choose what boards boot from their next boot on; null: what the cluster file says",
          body: PlanBody,
          response: { 200: PlanSetAnswer },
        },
      },
      async ({ body }) => {
        const { set, plan, by = "operator" } = body;
        const { length } = await plans.set(set, plan, by);
        log.info({ set, plan, by, boards: length }, "boot plan set");
        const what = plan === null ? "what the cluster file says" : plan;
        const message = `${length} boards (${set.slice(0, 100)}) boot ${what} from their next boot on, says ${by}`;
        bus.emit("event", { kind: "boot.plan", level: "info", board: null, message });
        return { boards: length };
      },
    );
  };
}
