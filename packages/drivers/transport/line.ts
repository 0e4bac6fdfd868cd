import { connect, type Socket } from "node:net";
import type { HostPort, Line } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";

/** A line over TCP for one PDU. More than 4 KB without a line end, or 64 unread lines, ends the connection. */
export async function tcpLine(pdu: string, address: HostPort, signal: AbortSignal): Promise<Line> {
  return lineOver(await connected(pdu, address, signal), pdu);
}

const maxLineLength = 4096;
const maxUnread = 64;

function connected(pdu: string, { host, port }: HostPort, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = connect({ host, port, noDelay: true });
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
    // Stays on for the life of the socket: an error is always followed by "close", which is what the line hears.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", onAbort);
      const why = `${host}:${port} cannot be reached (${error.code ?? error.message})`;
      reject(new PowerError("power.connection", pdu, why, { cause: error }));
    });
  });
}

function lineOver(socket: Socket, pdu: string): Line {
  let unread = "";
  /** Called when there is more to read, or nothing more to come. */
  let wake: (() => void) | null = null;
  const closed = (): PowerError => new PowerError("power.connection", pdu, "the connection was closed");
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    unread += text;
    wake?.();
    const rest = unread.length - 1 - unread.lastIndexOf("\n");
    if (rest > maxLineLength || unread.split("\n").length > maxUnread + 1) socket.destroy();
  });
  socket.on("close", () => wake?.());

  /** Take text off the front of what came, as soon as `length` tells how much is wanted; it tells 0 until then. */
  const take = async (length: () => number, signal: AbortSignal): Promise<string> => {
    signal.throwIfAborted();
    for (let found = length(); ; found = length()) {
      if (found > 0) {
        const taken = unread.slice(0, found);
        unread = unread.slice(found);
        return taken;
      }
      if (socket.destroyed) throw closed();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      wake = resolve;
      try {
        await promise;
      } finally {
        wake = null;
        signal.removeEventListener("abort", onAbort);
      }
    }
  };
  return {
    async send(text, signal) {
      signal.throwIfAborted();
      if (socket.destroyed) throw closed();
      socket.write(`${text}\r\n`);
    },
    async receive(signal) {
      const line = await take(() => unread.indexOf("\n") + 1, signal);
      return line.replace(/\r?\n$/, "");
    },
    receiveUntil: (end, signal) =>
      take(() => {
        const found = end.exec(unread);
        return found === null ? 0 : found.index + found[0].length;
      }, signal),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
