import { EventsAnswer } from "@bramble/core/api";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync } from "fastify";
import Type from "typebox";
import type { EventLog } from "../observe/events.ts";

const EventsQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(Type.Integer({ minimum: 0, description: "`next` of the answer before: older events." })),
});

/** GET /events: what happened, newest first. */
export function eventRoutes({ events }: { readonly events: EventLog }): FastifyPluginAsync {
  return async (plain) => {
    plain.withTypeProvider<TypeBoxTypeProvider>().get(
      "/events",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["events"],
          summary: "What happened, newest first",
          querystring: EventsQuery,
          response: { 200: EventsAnswer },
        },
      },
      async ({ query }) => {
        const { limit = 100 } = query;
        const found = events.list(limit + 1, query.cursor);
        const page = found.slice(0, limit);
        return { events: page, next: found.length > limit ? String(page.at(-1)!.id) : null };
      },
    );
  };
}
