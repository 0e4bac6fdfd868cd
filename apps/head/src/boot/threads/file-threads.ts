import { createSocket } from "node:dgram";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Timer } from "@bramble/core/base";
import { ClusterError, messageOf, unreachable } from "@bramble/core/base";
import type { FileClaim, FileRequest } from "@bramble/core/boot";
import type { TftpParts, TftpServer } from "../tftp/server.ts";
import type { TftpCounters, TftpTerms } from "../tftp/terms.ts";
import { noCounters, tftpTerms } from "../tftp/terms.ts";
import { createInOrder } from "./in-order.ts";
import {
  type FromThread,
  type SentClaim,
  type ThreadArguments,
  type Told,
  type ToThread,
  tellEveryMs,
} from "./messages.ts";

/** A TFTP server on threads of its own. */
export type TftpThreads = TftpServer & {
  /** Threads that ended on their own since the start; each was started again. */
  deaths(): number;
};

/**
 * `startTftp`, but on threads of its own, so that 90,000 packets a second never delay a heartbeat: only what a path means
 * is asked of the caller's thread, and news come to it in batches. A thread that dies is reported and started again.
 *
 * @throws what the system says when the port cannot be had.
 */
export async function startTftpThread(
  parts: Omit<TftpParts, "isShared"> & {
    /** Default: two that share the port, more on a machine of more than four cores, one where there is one. */
    readonly threads?: number;
    readonly entry?: URL;
  },
): Promise<TftpThreads> {
  const { clock, log, threads = threadsFor(availableParallelism()), entry = defaultEntry() } = parts;
  const whole: TftpTerms = { ...tftpTerms, ...parts.terms };
  const terms = { ...whole, cacheBytes: Math.floor(whole.cacheBytes / threads) };
  const share = createSharing();
  const news = createInOrder<Told>({
    clock,
    // One thread's news are in order as they come.
    lagMs: threads > 1 ? tellEveryMs + slackMs : 0,
    tell: ({ from, board, path, news }) => parts.tell(from, board, path, news),
  });
  const seats: Seat[] = [];
  let bind = { address: parts.bind.address, port: parts.bind.port };
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

  /** Start the thread of a seat; settles when it listens, or cannot. */
  const start = (seat: Seat): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: ThreadArguments = { bind, terms, isShared: threads > 1 };
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
            bind = { address: message.address, port: message.port };
            seat.pauseMs = firstPauseMs;
            resolve();
            break;
          case "failed":
            reject(Object.assign(new Error(message.message), { code: message.code }));
            break;
          case "asks":
            answer(worker, message.asks);
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
      worker.on("error", (error) => log.warn({ error: messageOf(error) }, "a TFTP thread has an error"));
      worker.once("exit", (code) => {
        reject(new ClusterError("internal", `the TFTP thread ended with ${code} before it listened`));
        ended(seat, code);
      });
    });

  const ended = (seat: Seat, code: number): void => {
    seat.worker = null;
    if (isClosed || !seat.isManned) return;
    deaths++;
    seat.before = sumOf([seat.before, { ...seat.counters, live: 0, cacheBytes: 0 }]);
    seat.counters = noCounters;
    log.error({ code, pauseMs: seat.pauseMs }, "a TFTP thread ended: its transfers are lost, it is started again");
    seat.restart = clock.after(seat.pauseMs, () => {
      start(seat).catch((error: unknown) => log.warn({ error: messageOf(error) }, "a TFTP thread cannot start"));
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
    if (threads > 1 && bind.port !== 0) await mustBeFree(bind);
    for (let n = 0; n < threads; n++) {
      seats.push({
        ...{ worker: null, restart: null, pauseMs: firstPauseMs, isManned: false },
        ...{ counters: noCounters, before: noCounters },
      });
    }
    const man = async (seat: Seat): Promise<void> => {
      await start(seat);
      seat.isManned = true;
    };
    // The first says which port it is, the others join it.
    if (bind.port === 0) await man(seats[0]!);
    await Promise.all(seats.filter(({ worker }) => worker === null).map(man));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...bind,
    counters: () => sumOf(seats.flatMap(({ counters, before }) => [counters, before])),
    deaths: () => deaths,
    [Symbol.asyncDispose]: close,
  };
}

/** One thread and what it counted; `before` is what those counted that died here. */
type Seat = {
  worker: Worker | null;
  restart: Timer | null;
  pauseMs: number;
  /** It has listened once: from then on it is kept alive. */
  isManned: boolean;
  counters: TftpCounters;
  before: TftpCounters;
};

const firstPauseMs = 100;
const longestPauseMs = 5000;
const closeMs = 2000;
/** What a thread's timer and its message may be late. */
const slackMs = 20;
/** Of the thread's own heap; what files are cut into lies outside of it, but each packet has a small object. */
const heapMb = 256;
/** Octets below this are copied from thread to thread. */
const sharedFromBytes = 64 * 1024;

/** One thread can do what a group of boards asks, two do it on a busy machine; from four cores on two are left to the head. */
function threadsFor(cores: number): number {
  return Math.min(4, Math.max(cores - 2, Math.min(cores, 2)));
}

/** Sockets that share a port would also share it with another head's: it must be free before ours take it. */
async function mustBeFree({ address, port }: { readonly address: string; readonly port: number }): Promise<void> {
  const socket = createSocket("udp4").bind({ address, port, exclusive: true });
  try {
    await once(socket, "listening");
  } finally {
    socket.close();
  }
}

/** Puts large octets into shared memory, once for each array. */
function createSharing(): (claim: FileClaim) => SentClaim {
  const known = new WeakMap<Uint8Array, { readonly key: number; readonly bytes: Uint8Array }>();
  let keys = 0;
  return (claim) => {
    if (claim.kind !== "bytes") return claim;
    if (claim.bytes.length < sharedFromBytes) return { ...claim, shared: null };
    let shared = known.get(claim.bytes);
    if (shared === undefined) {
      const bytes = new Uint8Array(new SharedArrayBuffer(claim.bytes.length));
      bytes.set(claim.bytes);
      shared = { key: keys++, bytes };
      known.set(claim.bytes, shared);
    }
    return { ...claim, bytes: shared.bytes, shared: shared.key };
  };
}

function brokenClaim(error: unknown): SentClaim {
  return { kind: "broken", message: messageOf(error) };
}

function sumOf(all: readonly TftpCounters[]): TftpCounters {
  const sum: Record<string, number> = { ...noCounters };
  for (const counters of all) for (const [name, count] of Object.entries(counters)) sum[name]! += count;
  return sum as TftpCounters;
}

function defaultEntry(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? "./file-worker.ts" : "./file-worker.mjs", import.meta.url);
}
