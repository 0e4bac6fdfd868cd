import { SamplesBody } from "@bramble/core/api";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync } from "fastify";
import Type from "typebox";
import type { Ingest } from "../observe/ingest.ts";

/** POST /samples: from anything that is not our agent. */
export function sampleRoutes({ ingest }: { readonly ingest: Ingest }): FastifyPluginAsync {
  return async (plain) => {
    plain.withTypeProvider<TypeBoxTypeProvider>().post(
      "/samples",
      {
        config: { access: "board" },
        // 5,000 samples with five processes each.
        bodyLimit: 8 * 2 ** 20,
        schema: {
          tags: ["samples"],
          summary: "Store one sample or a list of at most 5,000",
          description:
            "Answered when they are durable; `stored` counts those that were not known yet (board and `at` name a sample). " +
            "Boards that nobody knows are discovered by it.",
          body: SamplesBody,
          response: { 202: Type.Object({ stored: Type.Integer() }) },
        },
      },
      async ({ body }, reply) => reply.code(202).send(await ingest.fromRest(Array.isArray(body) ? body : [body])),
    );
  };
}
