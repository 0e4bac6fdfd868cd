import { LightsAnswer } from "@bramble/core/api";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync } from "fastify";
import type { Work } from "../work/work.ts";

/** GET /lights: the lamp as it is now. */
export function lightRoutes({ work }: { readonly work: Work }): FastifyPluginAsync {
  return async (plain) => {
    plain.withTypeProvider<TypeBoxTypeProvider>().get(
      "/lights",
      {
        config: { access: "viewer" },
        schema: { tags: ["devices"], summary: "The lamp's pixels as they are now", response: { 200: LightsAnswer } },
      },
      async () => ({ lights: work.lights().map(([red, green, blue]): [number, number, number] => [red, green, blue]) }),
    );
  };
}
