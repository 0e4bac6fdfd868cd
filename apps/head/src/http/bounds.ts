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

function boundRequests(app: FastifyInstance, most: number): void {
  const counts = new WeakMap<Socket, number>();
  app.addHook("onRequest", (request, reply, done) => {
    const { socket } = request.raw;
    const count = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, count);
    reply.raw.once("close", () => counts.set(socket, (counts.get(socket) ?? 1) - 1));
    if (count <= most) done();
    else done(new ClusterError("limit.rate", `${most} requests of this connection wait for their answer already`));
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

function boundAnswers(app: FastifyInstance, most: number): void {
  let total = 0;
  app.addHook("onSend", (_request, reply, payload, done) => {
    const octets = typeof payload === "string" || payload instanceof Uint8Array ? payload.length : 0;
    if (octets < smallOctets) return done(null, payload);
    if (total + octets > most)
      return done(new ClusterError("limit.queue", "more answers wait to be read than this head holds at once"));
    total += octets;
    reply.raw.once("close", () => {
      total -= octets;
    });
    done(null, payload);
  });
}

/** Errors and other small answers are always given. */
const smallOctets = 4096;
