import { parentPort, workerData } from "node:worker_threads";
import type { Logger } from "@bramble/core/base";
import { ClusterError, clockFrom, messageOf, seededRandom, unreachable } from "@bramble/core/base";
import type { FileClaim, FileRequest } from "@bramble/core/boot";
import { type BootHttp, type PostedAnswer, startBootHttp } from "../files/http.ts";
import { startTftp, type TftpServer } from "../tftp/server.ts";
import type { FromThread, SentClaim, ServerName, ThreadArguments, Told, ToThread } from "./messages.ts";
import { tellEveryMs } from "./messages.ts";

/**
 * The work of a thread: the file servers, with the head behind a port for messages. Asks go out once a turn of the loop,
 * news each `tellEveryMs`, so that a wave of boots is a few messages a second for the head.
 *
 * @param onRequest sees each request first (tests let a thread die by it).
 */
export async function serveFiles(onRequest: (request: FileRequest) => void = () => {}): Promise<void> {
  const port = parentPort!;
  const { binds, terms, isShared } = workerData as ThreadArguments;
  const say = (message: FromThread): void => port.postMessage(message);
  const line = (level: (FromThread & { kind: "line" })["level"]) => {
    return (facts: Readonly<Record<string, unknown>>, event: string): void =>
      say({ kind: "line", level, facts, event });
  };
  const log: Logger = { error: line("error"), warn: line("warn"), info: line("info"), debug: line("debug") };
  const clock = clockFrom({
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  });
  const utc = (): number => performance.timeOrigin + performance.now();
  const claims = createClaims(say, onRequest);
  const posts = new Map<number, (answer: PostedAnswer) => void>();
  let posted = 0;
  let told: Told[] = [];
  let tellNow = (): void => {};
  const tellBy =
    (by: ServerName) =>
    (from: Told["from"], board: Told["board"], path: string, news: Told["news"]): void => {
      if (told.push({ at: utc(), by, from, board, path, news }) >= mostTold) tellNow();
    };

  const opened = await open({
    tftp: () =>
      startTftp({
        ...{ bind: binds.tftp, terms, isShared, resolve: claims.ask, tell: tellBy("tftp"), clock, log },
        random: seededRandom(Math.random()),
      }),
    http: () =>
      startBootHttp({
        ...{ bind: binds.http, isShared, resolve: claims.ask, tell: tellBy("http"), clock, log },
        post(posting, from) {
          // What was seen of the board until now comes first.
          tellNow();
          return new Promise((resolve) => {
            posts.set(posted, resolve);
            say({ kind: "posted", at: utc(), id: posted++, posted: posting, from });
          });
        },
      }),
  });
  if (opened.kind === "failed") {
    say(opened);
    port.close();
    return;
  }
  const { tftp, http } = opened;

  const counted = (): (FromThread & { kind: "told" })["counters"] => ({
    tftp: tftp.counters(),
    http: http.counters(),
  });
  tellNow = () => {
    say({ kind: "told", told, counters: counted() });
    told = [];
  };
  let before = "";
  const telling = setInterval(() => {
    // Counters also change without news: what is in memory, strays.
    const counters = JSON.stringify(counted());
    if (told.length > 0 || counters !== before) tellNow();
    before = counters;
  }, tellEveryMs);

  port.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "claims":
        for (const { id, claim } of message.claims) claims.claimed(id, claim);
        break;
      case "answered":
        posts.get(message.id)?.(message.answer);
        posts.delete(message.id);
        break;
      case "close":
        clearInterval(telling);
        void Promise.all([tftp[Symbol.asyncDispose](), http[Symbol.asyncDispose]()]).then(() => {
          tellNow();
          port.close();
        });
        break;
      default:
        unreachable(message);
    }
  });
  say({
    kind: "listening",
    binds: {
      tftp: { address: tftp.address, port: tftp.port },
      http: { address: http.address, port: http.port },
    },
  });
}

type Opened = { readonly kind: "open"; readonly tftp: TftpServer; readonly http: BootHttp };

/** Both servers, or which of them has no port and why. */
async function open(start: {
  readonly tftp: () => Promise<TftpServer>;
  readonly http: () => Promise<BootHttp>;
}): Promise<Opened | (FromThread & { kind: "failed" })> {
  const failed = (server: ServerName, error: unknown): FromThread & { kind: "failed" } => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "internal";
    return { kind: "failed", server, code, message: messageOf(error) };
  };
  let http: BootHttp;
  try {
    http = await start.http();
  } catch (error) {
    return failed("http", error);
  }
  try {
    return { kind: "open", tftp: await start.tftp(), http };
  } catch (error) {
    await http[Symbol.asyncDispose]();
    return failed("tftp", error);
  }
}

/** Asks the head what paths mean. */
function createClaims(say: (message: FromThread) => void, onRequest: (request: FileRequest) => void) {
  const pending = new Map<number, { resolve: (claim: FileClaim) => void; reject: (error: Error) => void }>();
  const shared = new Map<number, Uint8Array>();
  let asks: { id: number; request: FileRequest }[] = [];
  let serial = 0;

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

  return {
    ask(request: FileRequest): Promise<FileClaim> {
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
    },
    claimed(id: number, claim: SentClaim): void {
      const { resolve, reject } = pending.get(id)!;
      pending.delete(id);
      if (claim.kind === "broken") reject(new ClusterError("boot.file", claim.message));
      else resolve(claim.kind === "bytes" ? { ...claim, bytes: sameOf(claim.shared, claim.bytes) } : claim);
    },
  };
}

const mostTold = 256;
/** Files made of octets that are remembered: an image has a dozen. */
const mostShared = 64;
