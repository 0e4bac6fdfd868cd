import type { IncomingMessage } from "node:http";
import type { HeadMessage, Hello } from "@bramble/core/api";
import type { Clock, Logger, Mac, Millis } from "@bramble/core/base";
import type { WebSocket } from "ws";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";
import type { Desk } from "../work/desk.ts";
import type { Roles } from "../work/roles/room.ts";
import type { Conversation } from "./conversation.ts";
import { converse } from "./conversation.ts";
import type { Ingest } from "./ingest.ts";
import { createReader } from "./messages.ts";
import { sparingly } from "./sparingly.ts";
import { createUnfinished } from "./unfinished.ts";
import type { Watcher } from "./watcher.ts";

/** The bounds of the link endpoint. */
export type LinkLimits = {
  readonly connections: number;
  readonly helloTimeoutMs: Millis;
  /** Most octets of a frame before the board is registered. */
  readonly helloOctets: number;
  /** Frames of all kinds a second, and how many may come at once. */
  readonly framesPerSecond: number;
  readonly burst: number;
  /** Octets of messages a second, and how many may come at once; past them we read more slowly. */
  readonly octetsPerSecond: number;
  readonly octetsAtOnce: number;
  /** Octets of the messages of all links that were begun and not ended. */
  readonly unfinishedOctets: number;
  /** Frames of samples, and results, that may wait for the store before we stop reading. */
  readonly waiting: number;
  /** Samples of one link that the store refused and that are kept for the next try. */
  readonly arrears: number;
  /** Octets that may wait to be sent before the board is given up as too slow. */
  readonly unsentOctets: number;
};

/** 12,000 boards; the rest as docs/protocols/link.md says. */
export const linkLimits: LinkLimits = {
  connections: 12_000,
  helloTimeoutMs: 5000,
  helloOctets: 65_536,
  framesPerSecond: 200,
  burst: 1000,
  octetsPerSecond: 2 ** 19,
  octetsAtOnce: 4 * 2 ** 20,
  unfinishedOctets: 16 * 2 ** 20,
  waiting: 8,
  arrears: 1000,
  unsentOctets: 2 ** 20,
};

/** Options for the `ws` server that takes the upgrades; its `maxPayload` is the bound of every frame: the largest outcome of a Warble fits. */
export const linkServerOptions = {
  noServer: true,
  maxPayload: 3 * 2 ** 20,
  perMessageDeflate: false,
  clientTracking: false,
  autoPong: true,
} as const;

/** The boards' links. */
export type Links = AsyncDisposable & {
  /** Take a socket whose upgrade to /api/v1/link is done. */
  accept(socket: WebSocket, request: IncomingMessage): void;
  /** Say something to a board; false when it has no link, or one that is too slow to take it. */
  send(mac: Mac, message: HeadMessage): boolean;
  /** Boards that are linked. */
  count(): number;
};

/** What the links need of the other rooms. */
export type LinkParts = {
  readonly registry: Registry;
  readonly ingest: Ingest;
  readonly watcher: Watcher;
  readonly desk: Desk;
  /** Without it boards hear nothing of roles. */
  readonly roles?: Pick<Roles, "offer" | "report">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: LinkLimits;
  /** Whether the hello's token is good. */
  readonly allow: (hello: Hello) => boolean;
  /** Names this start of the head. */
  readonly epoch: string;
};

/** The link endpoint. */
export function createLinks(parts: LinkParts): Links {
  const { clock, log, limits = linkLimits } = parts;
  const open = new Set<Conversation>();
  const byMac = new Map<Mac, Conversation>();
  const read = createReader();
  const unfinished = createUnfinished(limits.unfinishedOctets);
  const faults = sparingly(clock, 5000);
  let isClosing = false;

  return {
    accept(socket, request) {
      if (isClosing || open.size >= limits.connections) {
        socket.on("error", () => {});
        socket.close(isClosing ? 1001 : 1013, isClosing ? "the head stops" : "too many links are open");
        return;
      }
      const from = request.socket.remoteAddress ?? null;
      const conversation = converse(socket, request, {
        ...parts,
        limits,
        read,
        unfinished,
        onFault(reason, mac) {
          const quiet = faults.due();
          if (quiet !== null) log.warn({ from, mac, reason, quiet }, "link closed for its fault");
        },
        onRegistered(mac) {
          // The newest link of a board is the true one: the board started anew, or its old link is a black hole.
          byMac.get(mac)?.replace();
          byMac.set(mac, conversation);
        },
        onClosed(mac) {
          open.delete(conversation);
          if (mac === null || byMac.get(mac) !== conversation) return false;
          byMac.delete(mac);
          return !isClosing;
        },
      });
      open.add(conversation);
    },
    send: (mac, message) => byMac.get(mac)?.send(message) ?? false,
    count: () => byMac.size,
    async [Symbol.asyncDispose]() {
      isClosing = true;
      await Promise.all([...open].map((conversation) => conversation.end()));
    },
  };
}
