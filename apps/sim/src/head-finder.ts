import { createSocket } from "node:dgram";
import { ports } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { decodeBeacon } from "@bramble/core/discover";

/** Where the head is, for all boards at once. */
export type HeadFinder = AsyncDisposable & {
  /** Origin of the head, or null while no beacon was heard. */
  readonly url: string | null;
  /** Resolves as soon as a head is known. */
  find(signal: AbortSignal): Promise<{ url: string }>;
};

/** A head that was named. */
export function namedHead(url: string): HeadFinder {
  return { url, find: async () => ({ url }), [Symbol.asyncDispose]: async () => {} };
}

/** Listens for the beacon, once for all boards. The newest head wins. */
export async function listenForHead(log: Logger, port: number = ports.beacon): Promise<HeadFinder> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const heard = new EventTarget();
  let url: string | null = null;
  socket.on("message", (datagram) => {
    const beacon = decodeBeacon(datagram);
    if (beacon === null || beacon.head === url) return;
    url = beacon.head;
    log.info({ head: url }, "head heard");
    heard.dispatchEvent(new Event("head"));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, resolve);
  });
  return {
    get url() {
      return url;
    },
    async find(signal) {
      if (url === null) {
        await new Promise<void>((resolve, reject) => {
          heard.addEventListener("head", () => resolve(), { once: true, signal });
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      }
      return { url: url! };
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}
