import { SoundsAnswer } from "@bramble/core/api";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync } from "fastify";
import type { Work } from "../work/work.ts";

/** GET /sounds: what the speaker played last, newest last. */
export function soundRoutes({ work }: { readonly work: Work }): FastifyPluginAsync {
  return async (plain) => {
    plain.withTypeProvider<TypeBoxTypeProvider>().get(
      "/sounds",
      {
        config: { access: "viewer" },
        schema: { tags: ["devices"], summary: "The last sounds played", response: { 200: SoundsAnswer } },
      },
      async () => ({ sounds: work.sounds().map((sound) => ({ ...sound })) }),
    );
  };
}
