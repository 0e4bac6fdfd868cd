import { createSocket } from "node:dgram";
import { ports } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { decodeBeacon } from "@bramble/core/discover";
import { StartError } from "./start-error.ts";

/** Where the head is, for all boards at once. */
export type HeadFinder = AsyncDisposable & {
  /** UDP port that it listens on; 0 when the head was named. */
  readonly port: number;
  /** Origin of the head, or null while no beacon was heard. */
  readonly url: string | null;
  /** Resolves as soon as a head is known. */
  find(signal: AbortSignal): Promise<{ url: string }>;
};

/** A head that was named. */
export function namedHead(url: string): HeadFinder {
  return { port: 0, url, find: async () => ({ url }), [Symbol.asyncDispose]: async () => {} };
}

/**
 * Listens for the beacon, once for all boards. The newest head wins.
 *
 * @throws StartError when the port cannot be opened.
 */
export async function listenForHead(log: Logger, port: number = ports.beacon): Promise<HeadFinder> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const waiting = new Set<() => void>();
  let url: string | null = null;
  socket.on("error", (error) => log.warn({ why: error.message }, "beacon socket"));
  socket.on("message", (datagram) => {
    const beacon = decodeBeacon(datagram);
    if (beacon === null || beacon.head === url) return;
    url = beacon.head;
    log.info({ head: url }, "head heard");
    for (const tell of [...waiting]) tell();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) =>
      reject(
        new StartError(
          `UDP port ${port} of the beacon cannot be opened (${error.message}): name the head with --head`,
          error,
        ),
      ),
    );
    socket.bind(port, resolve);
  });
  return {
    port: socket.address().port,
    get url() {
      return url;
    },
    async find(signal) {
      signal.throwIfAborted();
      if (url === null) {
        await new Promise<void>((resolve, reject) => {
          const onAbort = (): void => {
            waiting.delete(tell);
            reject(signal.reason);
          };
          const tell = (): void => {
            waiting.delete(tell);
            signal.removeEventListener("abort", onAbort);
            resolve();
          };
          waiting.add(tell);
          signal.addEventListener("abort", onAbort, { once: true });
        });
      }
      return { url: url! };
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}
