import { parentPort, workerData } from "node:worker_threads";
import { ClusterError, clockFrom, messageOf, seededRandom, unreachable } from "@bramble/core/base";
import type { FileClaim, FileRequest } from "@bramble/core/boot";
import type { TftpServer } from "../tftp/server.ts";
import { startTftp } from "../tftp/server.ts";
import type { FromThread, SentClaim, ThreadArguments, Told, ToThread } from "./messages.ts";
import { tellEveryMs } from "./messages.ts";

/**
 * The work of a TFTP thread: the server, with the head behind a port for messages. Asks go out once a turn of the loop,
 * news each `tellEveryMs`, so that a wave of boots is a few messages a second for the head.
 *
 * @param onRequest sees each request first (tests let a thread die by it).
 */
export async function serveThread(onRequest: (request: FileRequest) => void = () => {}): Promise<void> {
  const port = parentPort!;
  const { bind, terms, isShared } = workerData as ThreadArguments;
  const say = (message: FromThread): void => port.postMessage(message);
  const line = (level: (FromThread & { kind: "line" })["level"]) => {
    return (facts: Readonly<Record<string, unknown>>, event: string): void =>
      say({ kind: "line", level, facts, event });
  };
  const pending = new Map<number, { resolve: (claim: FileClaim) => void; reject: (error: Error) => void }>();
  const shared = new Map<number, Uint8Array>();
  let asks: { id: number; request: FileRequest }[] = [];
  let told: Told[] = [];
  let serial = 0;

  const ask = (request: FileRequest): Promise<FileClaim> => {
    onRequest(request);
    return new Promise((resolve, reject) => {
      const id = serial++;
      pending.set(id, { resolve, reject });
      if (asks.push({ id, request }) > 1) return;
      setImmediate(() => {
        say({ kind: "asks", asks });
        asks = [];
      });
    });
  };

  const claimed = (id: number, claim: SentClaim): void => {
    const { resolve, reject } = pending.get(id)!;
    pending.delete(id);
    if (claim.kind === "broken") reject(new ClusterError("boot.file", claim.message));
    else resolve(claim.kind === "bytes" ? { ...claim, bytes: sameOf(claim.shared, claim.bytes) } : claim);
  };

  /** The very array that came the first time under this number: by it the cache knows what is cut already. */
  const sameOf = (key: number | null, bytes: Uint8Array): Uint8Array => {
    if (key === null) return bytes;
    const same = shared.get(key) ?? bytes;
    shared.delete(key);
    shared.set(key, same);
    for (const oldest of shared.keys()) {
      if (shared.size <= mostShared) break;
      shared.delete(oldest);
    }
    return same;
  };

  let server: TftpServer;
  try {
    server = await startTftp({
      bind,
      terms,
      isShared,
      resolve: ask,
      tell: (from, board, path, news) => {
        const at = performance.timeOrigin + performance.now();
        if (told.push({ at, from, board, path, news }) >= mostTold) tellNow();
      },
      clock: clockFrom({
        now: () => Date.now(),
        monotonic: () => performance.now(),
        setTimeout: (run, ms) => setTimeout(run, ms),
        clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
      }),
      random: seededRandom(Math.random()),
      log: { error: line("error"), warn: line("warn"), info: line("info"), debug: line("debug") },
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "internal";
    say({ kind: "failed", code, message: messageOf(error) });
    port.close();
    return;
  }

  const tellNow = (): void => {
    say({ kind: "told", told, counters: server.counters() });
    told = [];
  };
  let counted = "";
  const telling = setInterval(() => {
    // Counters also change without news: what is in memory, strays.
    const counters = JSON.stringify(server.counters());
    if (told.length > 0 || counters !== counted) tellNow();
    counted = counters;
  }, tellEveryMs);

  port.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "claims":
        for (const { id, claim } of message.claims) claimed(id, claim);
        break;
      case "close":
        clearInterval(telling);
        tellNow();
        port.close();
        void server[Symbol.asyncDispose]();
        break;
      default:
        unreachable(message);
    }
  });
  say({ kind: "listening", address: server.address, port: server.port });
}

const mostTold = 256;
/** Files made of octets that are remembered: an image has a dozen. */
const mostShared = 64;
