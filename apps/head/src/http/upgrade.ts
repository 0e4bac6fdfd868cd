import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ClusterError, messageOf } from "@bramble/core/base";
import { type WebSocket, WebSocketServer } from "ws";
import { refuseSocket } from "./errors.ts";
import { type Access, bearerOf, checkOrigin, type Guard } from "./security.ts";

/** One path that takes WebSockets. */
export type UpgradePath = {
  readonly path: string;
  /** `open` where the first message carries the token (the link's hello). */
  readonly access: Access;
  /** The largest message that is read; a larger one closes the socket. */
  readonly maxPayloadBytes: number;
  /** Sockets open on this path at once. */
  readonly maxSockets: number;
  readonly accept: (socket: WebSocket, request: IncomingMessage) => void;
};

/** The door for WebSockets. */
export type Upgrades = {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends every open WebSocket at once. */
  close(): void;
};

/** Takes WebSockets on these paths and refuses all others with the error body of REST. */
export function createUpgrades(paths: readonly UpgradePath[], guard: Guard): Upgrades {
  const open = new Set<WebSocket>();
  const doors = new Map<string, { readonly path: UpgradePath; readonly server: WebSocketServer; count: number }>(
    paths.map((path) => {
      const server = new WebSocketServer({
        noServer: true,
        clientTracking: false,
        perMessageDeflate: false,
        maxPayload: path.maxPayloadBytes,
        // A browser may carry its token as a protocol; what is chosen must not be that one.
        handleProtocols: (offered) => (offered.has("bramble") ? "bramble" : false),
      });
      server.on("wsClientError", (error, socket) => refuseSocket(socket as Socket, "input.invalid", error.message));
      const door = { path, server, count: 0 };
      return [path.path, door];
    }),
  );
  return {
    accept(request, duplex, head) {
      const socket = duplex as Socket;
      const onError = (): void => void socket.destroy();
      socket.on("error", onError);
      const door = doors.get(pathOf(request));
      try {
        if (door === undefined) throw new ClusterError("not-found", "no WebSocket is taken here");
        guard.checkSite("GET", request.headers);
        checkOrigin(request.headers);
        guard.demand(door.path.access, bearerOf(request.headers));
        if (door.count >= door.path.maxSockets)
          throw new ClusterError("limit.connections", `${door.count} connections are open on ${door.path.path}`);
      } catch (thrown) {
        refuseSocket(socket, thrown instanceof ClusterError ? thrown.code : "internal", messageOf(thrown));
        return;
      }
      door.server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off("error", onError);
        door.count++;
        open.add(webSocket);
        webSocket.on("close", () => {
          door.count--;
          open.delete(webSocket);
        });
        webSocket.on("error", () => {}); // A broken frame: ws closes the socket, and "close" tells whoever cares.
        door.path.accept(webSocket, request);
      });
    },
    close() {
      for (const socket of open) socket.terminate();
    },
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] ?? "";
}
