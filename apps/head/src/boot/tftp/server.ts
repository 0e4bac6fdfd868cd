import type { Socket, SocketOptions } from "node:dgram";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Clock, Logger, Random } from "@bramble/core/base";
import type { FileClaim, FileRequest } from "@bramble/core/boot";
import type { Tell } from "./courier.ts";
import { createTftpDesk } from "./desk.ts";
import type { TftpCounters, TftpTerms } from "./terms.ts";
import { sweepMs, tftpTerms } from "./terms.ts";

/** A TFTP server that runs. */
export type TftpServer = AsyncDisposable & {
  readonly address: string;
  readonly port: number;
  counters(): TftpCounters;
};

/** What a TFTP server is made of. */
export type TftpParts = {
  readonly bind: { readonly address: string; readonly port: number };
  /** What a path means for who asks; asked once for each request. */
  readonly resolve: (request: FileRequest) => FileClaim | Promise<FileClaim>;
  readonly tell: Tell;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly terms?: Partial<TftpTerms>;
  /** Let other threads listen at the same port; the kernel shares out the clients. */
  readonly isShared?: boolean;
};

/**
 * Serve files by TFTP (RFC 1350, 2347, 2348, 2349, 7440), on the thread of the caller.
 *
 * @throws what the system says when the port cannot be had.
 */
export async function startTftp(parts: TftpParts): Promise<TftpServer> {
  const { bind, clock, log, isShared = false } = parts;
  const terms: TftpTerms = { ...tftpTerms, ...parts.terms };
  await using opened = new AsyncDisposableStack();
  const openSocket = async (port: number, reusePort: boolean): Promise<Socket> => {
    const socket = await bound(bind.address, port, reusePort, terms.socketBufferBytes);
    opened.defer(() => closed(socket));
    socket.on("error", (error) => log.error({ error: error.message }, "a socket of the TFTP server has an error"));
    return socket;
  };
  const door = await openSocket(bind.port, isShared);
  const replies: Socket[] = [];
  while (replies.length < terms.replySockets) replies.push(await openSocket(0, false));

  const desk = createTftpDesk({
    ...parts,
    terms,
    send: (slot, bytes, to) => replies[slot]!.send(bytes, to.port, to.address),
  });
  door.on("message", desk.asked);
  for (const [slot, socket] of replies.entries()) socket.on("message", (bytes, from) => desk.heard(slot, bytes, from));
  const sweep = clock.every(sweepMs, desk.sweep);
  opened.defer(() => sweep.cancel());

  const running = opened.move();
  const { address, port } = door.address();
  return { address, port, counters: desk.counters, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Addresses are addresses already: without this each packet would ask the resolver of names. */
const asItIs: NonNullable<SocketOptions["lookup"]> = (address, _, callback) => callback(null, address, 4);

async function bound(address: string, port: number, reusePort: boolean, bufferBytes: number): Promise<Socket> {
  const socket = createSocket({
    type: "udp4",
    lookup: asItIs,
    reusePort,
    recvBufferSize: bufferBytes,
    sendBufferSize: bufferBytes,
  });
  const listening = once(socket, "listening");
  socket.bind({ address, port, exclusive: true });
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
