import { createSocket, type Socket } from "node:dgram";
import type { Ipv4 } from "@bramble/core/boot";
import type { Peer } from "../firmware/script.ts";
import { asItStands } from "./relays.ts";

/** The UDP ports of one board. */
export type Ports = Disposable & {
  send(port: number, to: Peer, bytes: Uint8Array): void;
};

/**
 * Ports on a board's own loopback address. The firmware takes a new port for each file; to open a socket costs 40 µs, a
 * thousand boards do it sixty thousand times in half a minute. So four sockets take turns: a port number comes back after
 * three other files, when its old transfer is long over.
 */
export function openPorts(address: Ipv4, hear: (port: number, from: Peer, bytes: Uint8Array) => void): Ports {
  type Open = { socket: Socket; port: number };
  const ring: (Open | undefined)[] = [];
  let isClosed = false;

  const open = (port: number): Open => {
    const socket = createSocket({ type: "udp4", lookup: asItStands });
    const opened: Open = { socket, port };
    socket.on("message", (bytes, from) => hear(opened.port, from, bytes));
    // Nobody there, or no such address: for the firmware that is silence.
    socket.on("error", () => {});
    socket.bind(0, address);
    return opened;
  };

  return {
    send(port, to, bytes) {
      // A hostile server may name any address as that of its files; a simulator speaks to its own machine only.
      if (isClosed || !to.address.startsWith("127.")) return;
      const slot = port % socketsPerBoard;
      const one = ring[slot] ?? open(port);
      ring[slot] = one;
      one.port = port;
      one.socket.send(bytes, to.port, to.address, ignore);
    },
    [Symbol.dispose]() {
      isClosed = true;
      for (const one of ring) one?.socket.close();
    },
  };
}

const ignore = (): void => {};
const socketsPerBoard = 4;
