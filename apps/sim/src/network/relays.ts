import { createSocket, type Socket } from "node:dgram";
import type { Logger, Mac } from "@bramble/core/base";
import type { Ipv4 } from "@bramble/core/boot";
import type { Peer } from "../firmware/script.ts";
import { boardOf, type Jack, relayAddress, relayed, rogueAddress, rogueOffer } from "./relay.ts";

/** A board's place on the network of its switch. */
export type Drop = Disposable & {
  /** Broadcasts a DHCP message, which the relay agent of the switch sends on. */
  send(bytes: Uint8Array): void;
};

/** What a board hears there. */
type Ears = {
  dhcp(bytes: Uint8Array, from: Ipv4): void;
  /** Somebody else's broadcast; null where nobody listens for it. */
  readonly frame: (() => void) | null;
};

/** The relay agents of all switches: the boards' DHCP on its way to the head and back. */
export type Relays = AsyncDisposable & {
  plug(board: Mac, jack: Jack, ears: Ears): Drop;
};

/**
 * Opens one socket for each switch, on the server's own port number: that is where a server answers a relay agent
 * (RFC 2131 §4.1). What comes from anywhere but loopback's server is not passed on.
 *
 * @throws Error when an address is taken, as by another simulator.
 */
export async function openRelays(parts: {
  readonly switches: readonly string[];
  readonly server: Peer;
  /** Whether somebody's home router answers on the boards' network too. */
  readonly isRogue: () => boolean;
  readonly log: Logger;
}): Promise<Relays> {
  const { switches, server, log } = parts;
  const boards = new Map<Mac, Ears>();
  const sockets = new Map<string | null, { socket: Socket; address: Ipv4; plugged: Set<Ears> }>();
  const open = async (name: string | null, number: number | null): Promise<void> => {
    const address = relayAddress(number);
    const socket = createSocket({ type: "udp4", recvBufferSize: bufferBytes, lookup: asItStands });
    sockets.set(name, { socket, address, plugged: new Set() });
    socket.on("message", (bytes, from) => {
      if (from.address !== server.address || from.port !== server.port) return;
      const board = boardOf(bytes);
      if (board !== null) boards.get(board)?.dhcp(bytes, address);
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(server.port, address, () => {
        socket.off("error", reject);
        socket.on("error", (error) => log.warn({ relay: address, why: error.message }, "relay socket"));
        resolve();
      });
    });
  };
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
    await Promise.all(
      [...sockets.values()].map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    );
  };
  try {
    await Promise.all([...switches.map((name, at) => open(name, at + 1)), open(null, null)]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    plug(board, jack, ears) {
      const relay = sockets.get(jack.switch) ?? sockets.get(null)!;
      boards.set(board, ears);
      if (ears.frame !== null) relay.plugged.add(ears);
      return {
        send(bytes) {
          if (isClosed) return;
          relay.socket.send(relayed(bytes, relay.address, jack), server.port, server.address);
          if (parts.isRogue()) {
            // A broadcast: its board hears it, and so does the head.
            const offer = rogueOffer(bytes);
            relay.socket.send(offer, server.port, server.address);
            setImmediate(() => boards.get(board)?.dhcp(offer, rogueAddress));
          }
          const others = [...relay.plugged].filter((other) => other !== ears);
          // Later, as from a cable: nobody hears anything while he acts.
          if (others.length > 0) setImmediate(() => others.map((other) => relay.plugged.has(other) && other.frame?.()));
        },
        [Symbol.dispose]() {
          relay.plugged.delete(ears);
          if (boards.get(board) === ears) boards.delete(board);
        },
      };
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Addresses are in digits: nothing to look up. */
export function asItStands(
  name: string,
  _: unknown,
  found: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  found(null, name, 4);
}

/** A thousand boards answered at once must fit. */
const bufferBytes = 2 ** 20;
