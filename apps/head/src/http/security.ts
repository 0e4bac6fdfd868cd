import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { ClusterError } from "@bramble/core/base";
import type { FastifyInstance } from "fastify";
import { UsageError } from "../usage.ts";

/** Who may call a route. `open`: anybody; `viewer` reads; `player` posts Warbles; `board` reports; `operator` may do everything. */
export type Access = "open" | "viewer" | "player" | "board" | "operator";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call this route; a route that does not say is for operators. */
    access?: Access;
    /** The token may come as the password of the user `bramble` (RFC 7617): tools of the field know no other way. */
    takesBasic?: boolean;
  }
}

/** What security is told at start. */
export type GuardConfig = {
  readonly listen: string;
  readonly operatorToken: string | null;
  readonly boardToken: string | null;
};

/** Decides who may do what. */
export type Guard = {
  /** True on loopback without tokens: whoever is on this machine may do everything. */
  readonly isOpen: boolean;
  /** Throws `auth.required` or `auth.forbidden` unless the bearer of `token` has `access`. */
  demand(access: Access, token: string | null): void;
  /** Throws `auth.forbidden` when a browser was led here by a foreign site (DNS rebinding, CSRF). */
  checkSite(method: string, headers: IncomingHttpHeaders): void;
  /** May a board with this token have a link? */
  allowsBoard(token: string | undefined): boolean;
};

/**
 * The guard of a head that listens on `listen`.
 *
 * Loopback needs no token. Where tokens are given they are asked for, on loopback too (a proxy may stand before it).
 *
 * @throws UsageError when the head would be reachable from outside without an operator token.
 */
export function createGuard({ listen, operatorToken, boardToken }: GuardConfig): Guard {
  const isLoopback = isLoopbackHost(listen);
  if (!isLoopback && operatorToken === null)
    throw new UsageError(
      `--listen ${listen} is reachable from outside, so a token is needed: give --token-file FILE or BRAMBLE_TOKEN (or stay on 127.0.0.1)`,
    );
  const isOpen = operatorToken === null;
  const operator = digestOf(operatorToken);
  const board = digestOf(boardToken);
  return {
    isOpen,
    demand(access, token) {
      if (isOpen || access === "open") return;
      if (token === null) throw new ClusterError("auth.required", "this needs a token");
      const isOperator = isSame(operator, token);
      const isBoard = isSame(board, token);
      if (isOperator || (isBoard && access === "board")) return;
      if (isBoard) throw new ClusterError("auth.forbidden", "a board's token may only report");
      throw new ClusterError("auth.required", "this token is not known");
    },
    checkSite(method, headers) {
      // With tokens a foreign page gains nothing by our name. Without them the name must be loopback's own.
      if (isOpen && !isLoopbackHost(hostnameOf(headers.host)))
        throw new ClusterError("auth.forbidden", `this head answers on loopback only, not as "${shown(headers.host)}"`);
      if (method === "GET" || method === "HEAD" || method === "OPTIONS") return;
      checkOrigin(headers);
    },
    allowsBoard(token) {
      if (isOpen && boardToken === null) return true;
      return token !== undefined && (isSame(board, token) || isSame(operator, token));
    },
  };
}

/** Throws `auth.forbidden` when the browser's page is not ours. Also for WebSockets, whose upgrade is a GET. */
export function checkOrigin(headers: IncomingHttpHeaders): void {
  const { origin, host } = headers;
  if (origin === undefined) return;
  let from: string | null = null;
  try {
    from = new URL(origin).host;
  } catch {}
  if (from === null || from.toLowerCase() !== host?.toLowerCase())
    throw new ClusterError("auth.forbidden", `a page of "${shown(origin)}" may not do this`);
}

/** The token of a request: `Authorization: Bearer …`, or the WebSocket protocol `bramble.bearer.…` of a browser. */
export function bearerOf(headers: IncomingHttpHeaders): string | null {
  const said = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(headers.authorization ?? "")?.[1];
  if (said !== undefined) return said;
  const offered = headers["sec-websocket-protocol"] ?? "";
  return /(?:^|,\s*)bramble\.bearer\.([\w.~-]{1,200})(?:,|$)/.exec(offered)?.[1] ?? null;
}

/** The token of a request that carries it as the password of the user `bramble`: `Authorization: Basic …` (RFC 7617). */
function basicOf({ authorization }: IncomingHttpHeaders): string | null {
  const said = /^Basic ([A-Za-z0-9+/]{1,400}={0,2})$/i.exec(authorization ?? "")?.[1];
  const pair = said === undefined ? "" : Buffer.from(said, "base64").toString("latin1");
  return /^bramble:([\x21-\x7e]{1,200})$/.exec(pair)?.[1] ?? null;
}

/** Ask every request: is the site ours, does the bearer have the route's access? Adds the headers that browsers obey. */
export function installSecurity(app: FastifyInstance, guard: Guard): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    guard.checkSite(request.method, request.headers);
    if (request.is404) return;
    const { access = "operator", takesBasic = false } = request.routeOptions.config;
    const token = bearerOf(request.headers) ?? (takesBasic ? basicOf(request.headers) : null);
    guard.demand(access, token);
  });
}

/** Is this the name or address of this machine's own loopback? */
export function isLoopbackHost(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, "");
  if (bare === "localhost" || bare === "::1") return true;
  return isIP(bare) === 4 && bare.startsWith("127.");
}

/** What browsers are told with every answer: run our scripts only, guess no types, show us in no frame. */
export const securityHeaders = {
  "content-security-policy": [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** The name in a Host header, without its port; empty when it is none. */
function hostnameOf(host: string | undefined): string {
  return /^(\[[0-9a-fA-F:.]+\]|[^:/\\\s@]+)(?::\d{1,5})?$/.exec(host ?? "")?.[1] ?? "";
}

function digestOf(token: string | null): Uint8Array | null {
  return token === null ? null : createHash("sha256").update(token).digest();
}

/** Compared in constant time, whatever the lengths. */
function isSame(known: Uint8Array | null, token: string): boolean {
  return known !== null && timingSafeEqual(known, createHash("sha256").update(token).digest());
}

function shown(text: string | undefined): string {
  return (text ?? "").slice(0, 80);
}
