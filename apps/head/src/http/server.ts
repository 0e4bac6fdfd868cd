import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import { installBounds } from "./bounds.ts";
import { answerError, installErrors, refuseSocket } from "./errors.ts";
import type { HttpLimits } from "./limits.ts";
import { type ListenAt, portError } from "./port.ts";
import { type Guard, installSecurity, securityHeaders } from "./security.ts";
import type { Upgrades } from "./upgrade.ts";

/** What the server is made of. */
export type ServerParts = {
  readonly guard: Guard;
  readonly limits: HttpLimits;
  readonly log: Logger;
  readonly version: string;
  /** Routes under /api/v1, each with paths relative to it. */
  readonly api: readonly FastifyPluginAsync[];
  /** Routes at the root: health, metrics, the page. */
  readonly root: readonly FastifyPluginAsync[];
  readonly upgrades: Upgrades;
};

/** A listening head. */
export type Server = AsyncDisposable & { readonly port: number };

/**
 * Start to listen.
 *
 * @throws ClusterError `input.invalid` naming the port and its flag when the port is taken or may not be used.
 */
export async function startServer(parts: ServerParts, at: ListenAt): Promise<Server> {
  const app = await createApp(parts);
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    parts.upgrades.accept(request, socket, head),
  );
  try {
    await app.listen({ host: at.host, port: at.port, backlog: parts.limits.connections });
  } catch (thrown) {
    await app.close();
    throw portError(thrown, at);
  }
  const address = app.server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : at.port,
    async [Symbol.asyncDispose]() {
      parts.upgrades.close();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** The HTTP application without a socket: what tests inject requests into. */
export async function createApp(parts: ServerParts): Promise<FastifyInstance> {
  const { limits, log } = parts;
  const app = fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    http: {
      headersTimeout: limits.headersMs,
      maxHeaderSize: 16_384,
      // Whoever offers another protocol (curl offers h2c) is answered in this one.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
    },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    // No hook runs for an address that cannot be read.
    frameworkErrors: (thrown, request, reply) => answerError(thrown, request, reply.headers(securityHeaders), log),
    clientErrorHandler: (_thrown, socket) => refuseSocket(socket, "input.invalid", "this is no HTTP request"),
    schemaErrorFormatter: (errors, part) => {
      const [first] = errors;
      const where = `${part}${(first?.instancePath ?? "").replaceAll("/", ".")}`;
      return new ClusterError("input.invalid", `${where} ${first?.message ?? "is not what was expected"}`);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = limits.connections;
  app.server.on("checkExpectation", (request, response) => {
    response.setHeader("connection", "close");
    refuseSocket(request.socket, "input.invalid", "only 100-continue can be expected here");
  });
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Only JSON is read: a foreign page can send text/plain without asking the browser.
  app.removeContentTypeParser("text/plain");
  installErrors(app, log);
  installBounds(app, limits);
  installSecurity(app, parts.guard);
  app.addHook("onRoute", (route) => {
    const access = route.config?.access ?? "operator";
    route.config = {
      ...route.config,
      rateLimit: { max: limits.perMinute[access], timeWindow: 60_000, groupId: access },
    };
  });
  await app.register(rateLimit, {
    ...{ global: true, cache: 10_000, addHeaders: quiet, addHeadersOnExceeding: quiet },
    // A peer that has gone while its request waited has no address any more.
    keyGenerator: ({ ip }: { ip?: string }) => (ip === undefined ? "gone" : normalizeIP(ip)),
  });
  await app.register(swagger, {
    openapi: {
      info: { title: "Bramble", version: parts.version, description: "The head of a board cluster, over REST." },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    },
  });
  await app.register(async (docs) => {
    docs.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "open" };
    });
    await docs.register(swaggerUi, {
      routePrefix: "/api/docs",
      staticCSP: true,
      transformStaticCSP: () => securityHeaders["content-security-policy"],
    });
  });
  await app.register(
    async (api) => {
      for (const routes of parts.api) await api.register(routes);
    },
    { prefix: "/api/v1" },
  );
  for (const routes of parts.root) await app.register(routes);
  await app.ready();
  return app as unknown as FastifyInstance;
}

/** The limits are in the answers of those who reach them; other answers stay small. */
const quiet = { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false } as const;
