import { type FastifyPluginAsyncTypebox, Type } from "@fastify/type-provider-typebox";

/** Is the head alive and can it keep what it is given? For supervisors and load balancers. */
export function healthRoutes(parts: {
  readonly version: string;
  readonly startedAt: number;
  /** Reads the store; throws when it cannot. */
  readonly probe: () => unknown;
}): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/healthz",
      {
        config: { access: "open" },
        schema: {
          summary: "Is the head alive?",
          response: { 200: Type.Object({ ok: Type.Boolean(), version: Type.String(), startedAt: Type.Number() }) },
        },
      },
      async () => {
        parts.probe();
        return { ok: true, version: parts.version, startedAt: parts.startedAt };
      },
    );
  };
}
