import type { Millis } from "@bramble/core/base";
import type { Access } from "./security.ts";

/** What one head lets in. Every limit is far above what its cluster needs and far below what would hurt it. */
export type HttpLimits = {
  readonly bodyBytes: number;
  /** Open connections of all kinds: a link per board, viewers, requests. */
  readonly connections: number;
  readonly viewers: number;
  readonly headersMs: Millis;
  readonly requestMs: Millis;
  /** How long nothing may move on a connection whose answer is awaited or not read; longer than any `wait`. */
  readonly idleMs: Millis;
  /** Requests of one connection that wait for their answers. */
  readonly underWay: number;
  /** Octets of all bodies and of all answers that are under way. */
  readonly bodiesOctets: number;
  readonly answersOctets: number;
  /** Requests a minute of one caller, by the access that their routes ask for. */
  readonly perMinute: Readonly<Record<Access, number>>;
};

/** The limits of a head that carries up to 10,000 boards. Boards share an address behind a proxy or in the simulator. */
export const httpLimits: HttpLimits = {
  bodyBytes: 2 * 1024 * 1024,
  connections: 16_384,
  viewers: 1000,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 75_000,
  underWay: 16,
  bodiesOctets: 24 * 2 ** 20,
  answersOctets: 24 * 2 ** 20,
  perMinute: { open: 6000, viewer: 6000, operator: 6000, board: 120_000, player: 60 },
};

/** On loopback without tokens, everybody who asks is this machine's own user: programs of theirs share one address. */
export const loopbackLimits: HttpLimits = {
  ...httpLimits,
  perMinute: { open: 60_000, viewer: 60_000, operator: 60_000, board: 600_000, player: 6000 },
};
