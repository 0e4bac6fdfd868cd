import type { Socket } from "node:net";
import { ClusterError } from "@bramble/core/base";
import type { FastifyInstance } from "fastify";
import { refuseSocket } from "./errors.ts";
import type { HttpLimits } from "./limits.ts";

/**
 * Bound what strangers may have under way, however many they are: how long a connection may do nothing, the requests of one
 * connection (HTTP lets a client send thousands without reading an answer), the octets of all bodies that have not been
 * answered, and of all answers that are not read.
 */
export function installBounds(app: FastifyInstance, limits: HttpLimits): void {
  boundIdle(app, limits);
  boundRequests(app, limits.underWay);
  boundBodies(app, limits.bodiesOctets);
  boundAnswers(app, limits.answersOctets);
}

/** Node's own timeout of headers begins with the first octet; before it a connection could stay for ever. */
function boundIdle(app: FastifyInstance, { headersMs, idleMs }: HttpLimits): void {
  app.server.on("connection", (socket: Socket) => socket.setTimeout(headersMs));
  app.server.prependListener("request", ({ socket }) => socket.setTimeout(idleMs));
}

/** Nobody who waits for answers sends so many requests: the connection is cut, for even a refusal of thousands costs. */
function boundRequests(app: FastifyInstance, most: number): void {
  const counts = new WeakMap<Socket, number>();
  app.addHook("onRequest", (request, reply, done) => {
    const { socket } = request.raw;
    if (socket.destroyed) {
      reply.hijack();
      return;
    }
    const count = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, count);
    reply.raw.once("close", () => counts.set(socket, (counts.get(socket) ?? 1) - 1));
    if (count > most) {
      reply.hijack();
      socket.destroy();
    } else done();
  });
}

/** When there is too much, the body that began first is let go: whoever is honest has long sent theirs. */
function boundBodies(app: FastifyInstance, most: number): void {
  const held = new Map<Socket, { octets: number }>();
  let total = 0;
  app.addHook("preParsing", (request, reply, payload, done) => {
    const { socket } = request.raw;
    const body = held.get(socket) ?? { octets: 0 };
    held.set(socket, body);
    reply.raw.once("close", () => {
      if (held.get(socket) !== body) return;
      held.delete(socket);
      total -= body.octets;
    });
    payload.on("data", (chunk: Uint8Array | string) => {
      if (held.get(socket) !== body) return;
      body.octets += chunk.length;
      total += chunk.length;
      for (const [oldest, { octets }] of held) {
        if (total <= most) break;
        held.delete(oldest);
        total -= octets;
        refuseSocket(oldest, "limit.queue", "more is being sent to this head than it holds at once");
      }
    });
    done(null, payload);
  });
}

/** Large answers are made one at a time, and boards are heard between them; of those that nobody reads only some are held. */
function boundAnswers(app: FastifyInstance, most: number): void {
  /** Octets of the last answer of a route. */
  const sizes = new Map<string, number>();
  const line: (() => void)[] = [];
  let total = 0;
  let isMoving = false;
  const next = (): void => {
    const first = line.shift();
    isMoving = first !== undefined;
    if (isMoving) setImmediate(next);
    first?.();
  };
  app.addHook("onRequest", (request, _reply, done) => {
    const size = sizes.get(request.routeOptions.url ?? "") ?? 0;
    if (size < largeOctets) return done();
    if (line.length >= mostInLine || total + size > most)
      return done(new ClusterError("limit.queue", "more answers wait to be made or read than this head holds at once"));
    line.push(() => {
      if (!request.raw.socket.destroyed) done();
    });
    if (!isMoving) next();
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    const octets = typeof payload === "string" || payload instanceof Uint8Array ? payload.length : 0;
    const { url } = request.routeOptions;
    if (url !== undefined && reply.statusCode < 400) sizes.set(url, octets);
    total += octets;
    reply.raw.once("close", () => {
      total -= octets;
    });
    done(null, payload);
  });
}

/** From this size on, answers are made in turn. */
const largeOctets = 65_536;
const mostInLine = 256;
