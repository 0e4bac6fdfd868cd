import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Clock, Logger, Timer } from "@bramble/core/base";
import { ClusterError, messageOf, unreachable } from "@bramble/core/base";
import type { FileClaim, FileRequest } from "@bramble/core/boot";
import { type BootHttpParts, type HttpCounters, noHttpCounters } from "../files/http.ts";
import type { TftpCounters, TftpTerms } from "../tftp/terms.ts";
import { noCounters, tftpTerms } from "../tftp/terms.ts";
import { mustBeFree } from "./free-port.ts";
import { createInOrder } from "./in-order.ts";
import {
  type Bind,
  type FileCounters,
  type FromThread,
  type PostedFrom,
  type SentClaim,
  type ServerName,
  type ThreadArguments,
  type Told,
  type ToThread,
  tellEveryMs,
} from "./messages.ts";
import { createSharing } from "./sharing.ts";

/** A server that threads of their own make up. */
type Shared<C> = Bind & { counters(): C };

/** The servers of files, on threads of their own. */
export type FileThreads = AsyncDisposable & {
  readonly tftp: Shared<TftpCounters>;
  readonly http: Shared<HttpCounters>;
  /** Threads that ended on their own since the start; each was started again. */
  deaths(): number;
};

/** What the servers are made of. */
export type FileThreadParts = {
  readonly binds: Readonly<Record<ServerName, Bind>>;
  /** What a path means for who asks; asked once for each request. */
  readonly resolve: (request: FileRequest) => FileClaim | Promise<FileClaim>;
  readonly tell: (by: ServerName, ...news: Parameters<BootHttpParts["tell"]>) => void;
  readonly post: BootHttpParts["post"];
  readonly clock: Clock;
  readonly log: Logger;
  readonly terms?: Partial<TftpTerms>;
  /** Default: two that share the ports, more on a machine of more than four cores, one where there is one. */
  readonly threads?: number;
  readonly entry?: URL;
};

/** A port cannot be had: the code says why, as the system does. */
export type PortFault = Error & { readonly code: string; readonly server: ServerName };

/**
 * TFTP and HTTP on threads of their own, so that neither 90,000 packets a second nor a thousand boards that each fetch a
 * root of 300 MB delay a heartbeat: only what a path means and what boards report is asked of the caller's thread, and
 * news come to it in batches. A thread that dies is reported and started again.
 *
 * @throws PortFault when a port cannot be had.
 */
export async function startFileThreads(parts: FileThreadParts): Promise<FileThreads> {
  const { clock, log, threads = threadsFor(availableParallelism()), entry = defaultEntry() } = parts;
  const whole: TftpTerms = { ...tftpTerms, ...parts.terms };
  const terms = { ...whole, cacheBytes: Math.floor(whole.cacheBytes / threads) };
  const share = createSharing();
  const news = createInOrder<Told | TakenUp>({
    clock,
    // One thread's news are in order as they come.
    lagMs: threads > 1 ? tellEveryMs + slackMs : 0,
    tell(each) {
      if ("take" in each) each.take();
      else parts.tell(each.by, each.from, each.board, each.path, each.news);
    },
  });
  const seats: Seat[] = [];
  let { binds } = parts;
  let deaths = 0;
  let isClosed = false;

  const claimOf = (request: FileRequest): SentClaim | Promise<SentClaim> => {
    try {
      const claim = parts.resolve(request);
      return claim instanceof Promise ? claim.then(share).catch(brokenClaim) : share(claim);
    } catch (error) {
      return brokenClaim(error);
    }
  };

  const answer = (worker: Worker, asks: (FromThread & { kind: "asks" })["asks"]): void => {
    const claims: { readonly id: number; readonly claim: SentClaim }[] = [];
    const say = (message: ToThread): void => worker.postMessage(message);
    for (const { id, request } of asks) {
      const claim = claimOf(request);
      if (claim instanceof Promise) void claim.then((late) => say({ kind: "claims", claims: [{ id, claim: late }] }));
      else claims.push({ id, claim });
    }
    if (claims.length > 0) say({ kind: "claims", claims });
  };

  const post = async (worker: Worker, id: number, { posted, from }: PostedFrom): Promise<void> => {
    const told = await parts.post(posted, from);
    worker.postMessage({ kind: "answered", id, answer: told } satisfies ToThread);
  };

  /** Start the thread of a seat; settles when it listens, or cannot. */
  const start = (seat: Seat): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: ThreadArguments = { binds, terms, isShared: threads > 1 };
      const worker = new Worker(entry, {
        workerData,
        execArgv: [],
        env: {},
        resourceLimits: { maxOldGenerationSizeMb: heapMb },
      });
      seat.worker = worker;
      const hear = (message: FromThread): void => {
        switch (message.kind) {
          case "listening":
            binds = message.binds;
            seat.pauseMs = firstPauseMs;
            resolve();
            break;
          case "failed": {
            const { server, code } = message;
            reject(Object.assign(new Error(message.message), { code, server }) satisfies PortFault);
            break;
          }
          case "asks":
            answer(worker, message.asks);
            break;
          case "posted":
            // After the news of all threads that are older.
            news.add([{ at: message.at, take: () => void post(worker, message.id, message) }]);
            break;
          case "told":
            seat.counters = message.counters;
            news.add(message.told);
            break;
          case "line":
            log[message.level](message.facts, message.event);
            break;
          default:
            unreachable(message);
        }
      };
      worker.on("message", hear);
      worker.on("error", (error) => log.warn({ error: messageOf(error) }, "a thread for boot files has an error"));
      worker.once("exit", (code) => {
        reject(new ClusterError("internal", `the thread for boot files ended with ${code} before it listened`));
        ended(seat, code);
      });
    });

  const ended = (seat: Seat, code: number): void => {
    seat.worker = null;
    if (isClosed || !seat.isManned) return;
    deaths++;
    const { tftp, http } = seat.counters;
    seat.before = sumOf([seat.before, { tftp: { ...tftp, live: 0, cacheBytes: 0 }, http: { ...http, open: 0 } }]);
    seat.counters = nothing;
    log.error(
      { code, pauseMs: seat.pauseMs },
      "a thread for boot files ended: its transfers are lost, it is started again",
    );
    seat.restart = clock.after(seat.pauseMs, () => {
      start(seat).catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, "a thread for boot files cannot start"),
      );
    });
    seat.pauseMs = Math.min(longestPauseMs, seat.pauseMs * 2);
  };

  const close = async (): Promise<void> => {
    isClosed = true;
    await Promise.all(
      seats.map(async ({ worker, restart }) => {
        restart?.cancel();
        if (worker === null) return;
        const gone = new Promise((resolve) => worker.once("exit", resolve));
        const slow = clock.after(closeMs, () => void worker.terminate());
        worker.postMessage({ kind: "close" } satisfies ToThread);
        await gone;
        slow.cancel();
      }),
    );
    news[Symbol.dispose]();
  };

  try {
    if (threads > 1) await mustBeFree(binds);
    for (let n = 0; n < threads; n++) {
      seats.push({
        ...{ worker: null, restart: null, pauseMs: firstPauseMs, isManned: false },
        ...{ counters: nothing, before: nothing },
      });
    }
    const man = async (seat: Seat): Promise<void> => {
      await start(seat);
      seat.isManned = true;
    };
    // The first says which ports these are, the others join it.
    if (binds.tftp.port === 0 || binds.http.port === 0) await man(seats[0]!);
    await Promise.all(seats.filter(({ worker }) => worker === null).map(man));
  } catch (error) {
    await close();
    throw error;
  }
  const counters = (): FileCounters => sumOf(seats.flatMap((seat) => [seat.counters, seat.before]));
  return {
    tftp: { ...binds.tftp, counters: () => counters().tftp },
    http: { ...binds.http, counters: () => counters().http },
    deaths: () => deaths,
    [Symbol.asyncDispose]: close,
  };
}

/** A report that waits for its turn among the news. */
type TakenUp = { readonly at: number; readonly take: () => void };

/** One thread and what it counted; `before` is what those counted that died here. */
type Seat = {
  worker: Worker | null;
  restart: Timer | null;
  pauseMs: number;
  /** It has listened once: from then on it is kept alive. */
  isManned: boolean;
  counters: FileCounters;
  before: FileCounters;
};

const firstPauseMs = 100;
const longestPauseMs = 5000;
const closeMs = 2000;
/** What a thread's timer and its message may be late. */
const slackMs = 20;
/** Of the thread's own heap; what files are cut into lies outside of it, but each packet has a small object. */
const heapMb = 256;
/** One thread can do what a group of boards asks, two do it on a busy machine; from four cores on two are left to the head. */
function threadsFor(cores: number): number {
  return Math.min(4, Math.max(cores - 2, Math.min(cores, 2)));
}

function brokenClaim(error: unknown): SentClaim {
  return { kind: "broken", message: messageOf(error) };
}

const nothing: FileCounters = { tftp: noCounters, http: noHttpCounters };

function sumOf(all: readonly FileCounters[]): FileCounters {
  const sum = <T extends object>(zero: T, each: readonly T[]): T => {
    const total: Record<string, number> = { ...zero } as Record<string, number>;
    for (const counters of each) for (const [name, count] of Object.entries(counters)) total[name]! += count;
    return total as T;
  };
  return {
    tftp: sum(
      noCounters,
      all.map(({ tftp }) => tftp),
    ),
    http: sum(
      noHttpCounters,
      all.map(({ http }) => http),
    ),
  };
}

function defaultEntry(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? "./file-worker.ts" : "./file-worker.mjs", import.meta.url);
}
