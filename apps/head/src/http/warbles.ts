import type { IncomingHttpHeaders } from "node:http";
import {
  CancelWarbleAnswer,
  PostedAnswer,
  PostWarbleBody,
  RunAnswer,
  RunBody,
  WarbleBody,
  WarblesAnswer,
} from "@bramble/core/api";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import Type from "typebox";
import type { Work } from "../work/work.ts";
import { bearerOf } from "./security.ts";

const Id = Type.Object({ id: Type.String({ maxLength: 40 }) });
const WaitQuery = Type.Object({
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: 60, description: "Seconds to hold the answer until the end." }),
  ),
});
const ListQuery = Type.Object({
  user: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  state: Type.Optional(
    Type.Union((["queued", "leased", "done", "failed"] as const).map((state) => Type.Literal(state))),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  cursor: Type.Optional(Type.String({ maxLength: 40 })),
});

/** POST and GET /warbles: what the public posts and what came of it. */
export function warbleRoutes({ work }: { readonly work: Work }): FastifyPluginAsync {
  return async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();

    app.post(
      "/warbles",
      {
        config: { access: "player" },
        schema: {
          tags: ["warbles"],
          summary: "Queue a Warble for a board",
          description:
            "The name belongs to whoever posts first under it: that answer carries `token` once, and later posts send it as " +
            "`x-player-token` (or as the bearer, on a head without tokens). A text that is no Warble is accepted too; its error is its result.",
          body: PostWarbleBody,
          response: { 202: PostedAnswer },
        },
      },
      async (request, reply) => {
        const posted = await work.post({ ...request.body, token: playerToken(request.headers) });
        return reply.code(202).send(posted);
      },
    );

    app.get(
      "/warbles",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["warbles"],
          summary: "Warbles, newest first",
          querystring: ListQuery,
          response: { 200: WarblesAnswer },
        },
      },
      async ({ query: { user, state, limit, cursor } }) =>
        work.list({ user: user ?? null, state: state ?? null, limit: limit ?? 50, cursor: cursor ?? null }),
    );

    app.get(
      "/warbles/:id",
      {
        config: { access: "viewer" },
        schema: {
          tags: ["warbles"],
          summary: "One Warble; `wait` holds the answer until it has ended",
          params: Id,
          querystring: WaitQuery,
          response: { 200: WarbleBody },
        },
      },
      async ({ params, query }, reply) => work.wait(params.id, (query.wait ?? 0) * 1000, goneSignal(reply)),
    );

    app.post(
      "/warbles/:id/cancel",
      {
        config: { access: "player" },
        schema: {
          tags: ["warbles"],
          summary: "Take a Warble back that waits or runs; its poster's token says whose it is",
          params: Id,
          response: { 200: CancelWarbleAnswer },
        },
      },
      async ({ params, headers }) => ({ cancelled: await work.cancel(params.id, playerToken(headers)) }),
    );

    app.post(
      "/warbles/run",
      {
        config: { access: "player" },
        schema: {
          tags: ["warbles"],
          summary: "Run a Warble at once in the head's sandbox",
          description: "No board, lamp or speaker hears of it. What it saves is forgotten after an hour.",
          body: RunBody,
          response: { 200: RunAnswer },
        },
      },
      async ({ body: { text, user, noSleep } }, reply) =>
        work.runHere({ text, user, noSleep: noSleep ?? false }, goneSignal(reply)),
    );
  };
}

function playerToken(headers: IncomingHttpHeaders): string | null {
  const said = headers["x-player-token"];
  return typeof said === "string" ? said.slice(0, 200) : bearerOf(headers);
}

/** Aborted when the caller hangs up, so that nothing waits for nobody. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}
