import { createSocket } from "node:dgram";
import { ports } from "@bramble/core/api";
import type { Clock, Logger, Millis } from "@bramble/core/base";
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
  /** Called when a head is heard after a silence: it has just started. */
  onReturn: (() => void) | null;
};

/** A head that was named. */
export function namedHead(url: string): HeadFinder {
  return { port: 0, url, find: async () => ({ url }), onReturn: null, [Symbol.asyncDispose]: async () => {} };
}

/**
 * Listens for the beacon, once for all boards. The newest head wins.
 *
 * @throws StartError when the port cannot be opened.
 */
export async function listenForHead({
  log,
  clock,
  port = ports.beacon,
}: {
  readonly log: Logger;
  readonly clock: Clock;
  readonly port?: number;
}): Promise<HeadFinder> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const waiting = new Set<() => void>();
  let url: string | null = null;
  let heardAt = Number.NEGATIVE_INFINITY;
  socket.on("error", (error) => log.warn({ why: error.message }, "beacon socket"));
  socket.on("message", (datagram) => {
    const beacon = decodeBeacon(datagram);
    if (beacon === null) return;
    const silence = clock.monotonic() - heardAt;
    heardAt = clock.monotonic();
    if (silence > returnMs && Number.isFinite(silence)) finder.onReturn?.();
    if (beacon.head === url) return;
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
  const finder: HeadFinder = {
    port: socket.address().port,
    onReturn: null,
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
  return finder;
}

/** More than one beacon was missed. */
const returnMs: Millis = 8000;
