import { BootBody } from "@bramble/core/api";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "@fastify/type-provider-typebox";
import { reportBoot } from "../boot/report.ts";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";

/** Boot steps, told by boards before their agent runs. */
export function bootRoutes(parts: {
  readonly registry: Pick<Registry, "reportBoot">;
  readonly bus: Bus;
}): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      "/boot",
      {
        config: { access: "board" },
        schema: {
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
  };
}
