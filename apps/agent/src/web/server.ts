import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Logger } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { AgentFacts } from "../agent.ts";
import type { Identity } from "../hardware/hardware.ts";
import { metricsText } from "./metrics.ts";

/** What the board's web service is made of. */
export type WebParts = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly facts: () => AgentFacts;
  readonly identity: () => Promise<Identity>;
  readonly version: string;
  readonly log: Logger;
};

/** The board's own small web service. */
export type WebService = AsyncDisposable & { readonly port: number };

/**
 * Serve `/healthz`, `/info` and `/metrics`. It only tells, takes no input but the path, and gives a stranger little:
 * sixteen connections, 8 kB of headers, five seconds.
 *
 * @throws when the port is taken.
 */
export async function startWeb(parts: WebParts): Promise<WebService> {
  // Not by `import`: that reads every export of the module, and one of them, since Node 22, is a whole HTTP client of 7 MB.
  const { createServer } = createRequire(import.meta.url)("node:http") as typeof import("node:http");
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: 5000,
      requestTimeout: 5000,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      answer(parts, request, response).catch((error: unknown) => {
        parts.log.warn({ why: messageOf(error) }, "request failed");
        send(request, response, 500, json, {
          error: { code: "internal", message: "the answer could not be made", hint: "" },
        });
      });
    },
  );
  server.maxConnections = 16;
  server.maxHeadersCount = 32;
  server.maxRequestsPerSocket = 1000;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port, parts.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : parts.port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const json = "application/json; charset=utf-8";

async function answer(parts: WebParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    send(request, response, 405, json, failure("method.not-allowed", "this service only tells: use GET"));
    return;
  }
  // Only the paths themselves are compared; nothing of a stranger's URL is parsed.
  switch (request.url?.split("?", 1)[0]) {
    case "/healthz":
      send(request, response, 200, json, { status: "ok", link: parts.facts().state });
      return;
    case "/info": {
      const { latest, ...facts } = parts.facts();
      const identity = await parts.identity();
      send(request, response, 200, json, {
        agent: parts.version,
        node: process.versions.node,
        ...identity,
        ...facts,
        latest,
      });
      return;
    }
    case "/metrics":
      send(request, response, 200, "text/plain; version=0.0.4; charset=utf-8", metricsText(parts.facts()));
      return;
    default:
      send(request, response, 404, json, failure("not-found", "there are /healthz, /info and /metrics"));
  }
}

function failure(code: string, message: string): unknown {
  return { error: { code, message, hint: "See /info." } };
}

function send(request: IncomingMessage, response: ServerResponse, status: number, type: string, body: unknown): void {
  if (response.headersSent) return;
  const bytes = Buffer.from(typeof body === "string" ? body : `${JSON.stringify(body)}\n`);
  // Whoever sends a body gets the answer and the end: we read no bodies.
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  if (hasBody) response.setHeader("connection", "close");
  response.writeHead(status, {
    "content-type": type,
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : bytes, () => {
    if (hasBody) request.destroy();
  });
}
