import { connect, type Socket } from "node:net";
import type { HostPort, Line, Transport } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";

/** Lines over TCP for one PDU. A line longer than 4 KB, or more than 64 unread ones, ends the connection. */
export function tcpTransport(pdu: string): Transport {
  return {
    async connect(address, signal) {
      return lineOver(await connected(pdu, address, signal), pdu);
    },
  };
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
  const lines: string[] = [];
  let rest = "";
  let waiting: { readonly resolve: (line: string) => void; readonly reject: (thrown: unknown) => void } | null = null;
  const closed = (): PowerError => new PowerError("power.connection", pdu, "the connection was closed");
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const line = part.replace(/\r$/, "");
      if (waiting === null) lines.push(line);
      else waiting.resolve(line);
    }
    if (rest.length > maxLineLength || lines.length > maxUnread) socket.destroy();
  });
  socket.on("close", () => waiting?.reject(closed()));
  return {
    async send(text, signal) {
      signal.throwIfAborted();
      if (socket.destroyed) throw closed();
      socket.write(`${text}\r\n`);
    },
    async receive(signal) {
      signal.throwIfAborted();
      const next = lines.shift();
      if (next !== undefined) return next;
      if (socket.destroyed) throw closed();
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      waiting = { resolve, reject };
      try {
        return await promise;
      } finally {
        waiting = null;
        signal.removeEventListener("abort", onAbort);
      }
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
