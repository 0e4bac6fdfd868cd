import { createSocket } from "node:dgram";
import { ports } from "@bramble/core/api";
import type { Clock, Logger, Millis, Random } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import { decodeBeacon } from "@bramble/core/discover";

/** Finds the head by its beacon. */
export type HeadFinder = AsyncDisposable & {
  /** The head that was heard a moment ago, else the next to be heard, else, after half a minute, the last one known. */
  find(signal: AbortSignal): Promise<{ readonly url: string }>;
};

/** What listening for a head takes. */
export type FinderParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Called when a head is heard after a silence: it has just started. */
  readonly onReturn: () => void;
  /** UDP port; 3333. */
  readonly port?: number;
  /** Told the port that is bound, for tests with port 0. */
  readonly onListening?: (port: number) => void;
};

/** Listen for beacons. The port may be shared with other agents of this computer and with older software. */
export async function listenForHead(parts: FinderParts): Promise<HeadFinder> {
  const memory = new BeaconMemory(parts);
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (datagram) => memory.hear(datagram));
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(parts.port ?? ports.beacon, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  socket.on("error", (error) => parts.log.warn({ why: messageOf(error) }, "beacon socket failed"));
  parts.onListening?.(socket.address().port);
  return {
    find: (signal) => memory.find(signal),
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** What was heard, and who waits to hear; without a socket. */
export class BeaconMemory {
  readonly #parts: Omit<FinderParts, "port" | "onListening">;
  readonly #waiting = new Set<() => void>();
  #url: string | null = null;
  #heardAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(parts: Omit<FinderParts, "port" | "onListening">) {
    this.#parts = parts;
  }

  hear(datagram: Uint8Array): void {
    const beacon = decodeBeacon(datagram);
    if (beacon === null) return;
    const now = this.#parts.clock.monotonic();
    const silence = now - this.#heardAt;
    // A second head does not draw boards away from one that is alive.
    if (beacon.head !== this.#url && silence < freshMs) return;
    if (beacon.head !== this.#url) this.#parts.log.info({ head: beacon.head, id: beacon.id }, "head heard");
    this.#url = beacon.head;
    this.#heardAt = now;
    for (const wake of this.#waiting) wake();
    if (silence > returnMs && Number.isFinite(silence)) this.#parts.onReturn();
  }

  async find(signal: AbortSignal): Promise<{ readonly url: string }> {
    const { clock, random } = this.#parts;
    if (clock.monotonic() - this.#heardAt > freshMs) {
      await this.#next(signal);
      // A thousand boards hear the same datagram.
      await clock.sleep(random.next() * spreadMs, signal);
    }
    return { url: this.#url! };
  }

  /** The next beacon; when an address is known, no longer than half a minute. */
  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const end = (settle: () => void): void => {
        timer?.cancel();
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", onAbort);
        settle();
      };
      const wake = (): void => end(resolve);
      const onAbort = (): void => end(() => reject(signal.reason));
      const timer = this.#url === null ? null : this.#parts.clock.after(patienceMs, wake);
      this.#waiting.add(wake);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}

/** Three beacons. */
const freshMs = 15_000;
const returnMs = 8000;
const patienceMs = 30_000;
const spreadMs = 3000;
