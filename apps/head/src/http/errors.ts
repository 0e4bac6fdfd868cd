import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { errorBody, errorTable, statusOf } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Every answer that is an error has one body, whoever found the mistake: a room, a schema, the HTTP parser. */
export function installErrors(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request, reply) => {
    send(reply, "not-found", `there is no ${request.method} ${request.url.slice(0, 100)}`);
  });
  app.setErrorHandler((thrown: FastifyError | Error, request, reply) => {
    answerError(thrown, request, reply, log);
  });
}

/** Answer one thrown thing. What we did not foresee is logged whole and told as `internal`, without its inside. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const { code, message } = told(thrown);
  if (code === "internal") {
    log.error(
      { method: request.method, path: request.routeOptions.url ?? "", error: stackOf(thrown) },
      "request failed",
    );
    send(reply, code, "something went wrong here");
    return;
  }
  send(reply, code, message);
}

/** Refuse a connection that is not (or not yet) a request of fastify: an upgrade, or bytes that are no HTTP. */
export function refuseSocket(
  socket: Pick<Socket, "end" | "destroy" | "destroyed" | "writable">,
  code: string,
  message: string,
): void {
  if (socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOf(code);
  const body = JSON.stringify(errorBody(code, message.slice(0, mostChars)));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`,
    // The other side may never close its own; nothing more is read from it.
    () => socket.destroy(),
  );
}

function send(reply: FastifyReply, code: string, message: string): void {
  void reply
    .code(statusOf(code))
    .type("application/json")
    .send(JSON.stringify(errorBody(code, message.slice(0, mostChars))));
}

function told(thrown: unknown): { readonly code: string; readonly message: string } {
  if (thrown instanceof ClusterError)
    return { code: Object.hasOwn(errorTable, thrown.code) ? thrown.code : "internal", message: thrown.message };
  const { code = "", statusCode = 500, validation } = thrown as Partial<FastifyError>;
  if (validation !== undefined) return { code: "input.invalid", message: messageOf(thrown) };
  if (statusCode === 413) return { code: "input.too-large", message: "the body is larger than this route takes" };
  if (statusCode === 415) return { code: "input.media-type", message: "this content type is not read here" };
  if (statusCode === 429) return { code: "limit.rate", message: messageOf(thrown) };
  if (statusCode === 404) return { code: "not-found", message: "there is nothing here" };
  if (code.startsWith("FST_") && statusCode < 500) return { code: "input.invalid", message: messageOf(thrown) };
  if (thrown instanceof SyntaxError && statusCode === 400)
    return { code: "input.invalid", message: "the body is no JSON" };
  return { code: statusCode >= 400 && statusCode < 500 ? "input.invalid" : "internal", message: messageOf(thrown) };
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** A message may repeat what a stranger sent, but not all of it. */
const mostChars = 500;
