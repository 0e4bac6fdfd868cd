import { type Clock, type Logger, type Millis, messageOf } from "@bramble/core/base";
import type { Peer } from "../firmware/script.ts";

/** Where a head serves boards that boot. */
export type BootServers = { readonly dhcp: Peer; readonly tftp: Peer; readonly http: Peer };

/** Asks the head for a path of its API; rejects when nobody answers. */
export type Get = (path: string, signal: AbortSignal) => Promise<{ readonly status: number; readonly body: string }>;

/** Where the head's boot servers are, asked once for all boards that are powered within a few seconds. */
export type ServerFinder = Disposable & {
  /** Null: the head runs none, and boards tell it their steps. Waits for a head. */
  find(signal: AbortSignal): Promise<BootServers | null>;
};

/** Asks `GET /api/v1/boot`. */
export function createServerFinder(parts: { get: Get; clock: Clock; log: Logger }): ServerFinder {
  const { get, clock, log } = parts;
  const ending = new AbortController();
  let asked: Promise<BootServers | null> | null = null;
  let askedAt: Millis = Number.NEGATIVE_INFINITY;
  let isWarned = false;

  const ask = async (): Promise<BootServers | null> => {
    for (;;) {
      try {
        const { status, body } = await get("/api/v1/boot", ending.signal);
        if (status === 404) return null;
        if (status === 200) return readBootServers(body);
        if (!isWarned) log.warn({ status }, "the head does not tell where its boot servers are");
        isWarned = true;
      } catch (error) {
        log.debug({ why: messageOf(error) }, "no head to boot from yet");
      }
      await clock.sleep(againMs, ending.signal);
    }
  };

  return {
    async find(signal) {
      const now = clock.monotonic();
      if (asked === null || now - askedAt > goodForMs) {
        askedAt = Number.POSITIVE_INFINITY;
        asked = ask();
        // The time that an answer is good for begins when it has come; at the end nobody may be left to hear of it.
        asked.then(
          () => {
            askedAt = clock.monotonic();
          },
          () => {},
        );
      }
      return withSignal(asked, signal);
    },
    [Symbol.dispose]: () => ending.abort(),
  };
}

/** What the head's answer says; null where it runs no boot servers, or says nothing that can be read. */
export function readBootServers(body: string): BootServers | null {
  try {
    const { servers } = JSON.parse(body) as { servers?: Record<string, unknown> | null };
    const [dhcp, tftp, http] = ["dhcp", "tftp", "http"].map((name) => readPeer(servers?.[name]));
    return dhcp && tftp && http ? { dhcp, tftp, http } : null;
  } catch {
    return null;
  }
}

function readPeer(said: unknown): Peer | null {
  const { address, port } = (said ?? {}) as { address?: unknown; port?: unknown };
  if (typeof address !== "string" || typeof port !== "number") return null;
  // A head that listens on every address is asked where pretended boards are: on loopback.
  const place = address === "0.0.0.0" ? "127.0.0.1" : address;
  return place.startsWith("127.") && port > 0 && port < 65_536 ? { address: place, port } : null;
}

function withSignal<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const done = (): void => signal.removeEventListener("abort", onAbort);
    wanted.then(resolve, reject).then(done, done);
  });
}

const goodForMs: Millis = 5_000;
const againMs: Millis = 1_000;
