import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  errorBody,
  readSimCommand,
  type SimAnswer,
  type SimCommand,
  type SimStatus,
  statusOf,
} from "@bramble/core/api";
import { ClusterError, type Logger, messageOf } from "@bramble/core/base";
import { StartError } from "../start-error.ts";

/** What the control port asks of the simulator. */
export type Controlled = {
  /** @throws ClusterError with a code of the table when the command names nothing that exists. */
  command(command: SimCommand): SimAnswer;
  status(): SimStatus;
};

/** The open control port. */
export type Control = AsyncDisposable & { readonly port: number };

/**
 * Faults by command: POST /command and GET /status on loopback. Whoever can open it may do anything to pretend boards,
 * so it is closed to web pages (Host check, JSON only) and never bound wider.
 *
 * @throws StartError when the port is taken, naming the flag.
 */
export async function openControl(parts: { port: number; controlled: Controlled; log: Logger }): Promise<Control> {
  const { controlled, log } = parts;
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    answer(request, controlled).then(
      (body) => reply(response, 200, body),
      (error: unknown) => {
        const code = error instanceof ClusterError ? error.code : "internal";
        if (code === "internal") log.error({ error: messageOf(error) }, "control request failed");
        reply(response, statusOf(code), errorBody(code, code === "internal" ? "something broke" : messageOf(error)));
      },
    );
  });
  server.maxConnections = 32;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new StartError(`port ${parts.port} is busy: choose another with --control PORT (0 for any)`, error)
          : error,
      ),
    );
    server.listen(parts.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Longest body; a node set of every board by name fits. */
const maxBodyBytes = 16_384;

async function answer(request: IncomingMessage, controlled: Controlled): Promise<SimAnswer | SimStatus> {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (host !== "127.0.0.1" && host !== "localhost")
    throw new ClusterError("auth.forbidden", "the control port answers to 127.0.0.1 and localhost only");
  if (request.headers.origin !== undefined)
    throw new ClusterError("auth.forbidden", "web pages may not control a simulator");
  const path = (request.url ?? "/").split("?")[0];
  if (path === "/status" && request.method === "GET") return controlled.status();
  if (path !== "/command" || request.method !== "POST")
    throw new ClusterError("not-found", "there is GET /status and POST /command");
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
    throw new ClusterError("input.media-type", "a command is application/json");
  return controlled.command(readSimCommand(parse(await bodyOf(request))));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new ClusterError("input.too-large", `a command has at most ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClusterError("input.invalid", "the body is no JSON", { cause });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  // An answer before the whole body was read (too large, refused) ends the connection: nobody reads the rest.
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...(status >= 400 ? { connection: "close" } : {}),
  });
  response.end(text);
}
