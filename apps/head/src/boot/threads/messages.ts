import type { Logger, Mac, Millis } from "@bramble/core/base";
import type { FileClaim, FileNews, FileRequest } from "@bramble/core/boot";
import type { HttpCounters, Posted, PostedAnswer } from "../files/http.ts";
import type { TftpCounters, TftpTerms } from "../tftp/terms.ts";

/** Where a server listens. */
export type Bind = { readonly address: string; readonly port: number };

/** The servers of a thread. */
export type ServerName = FileRequest["by"];

/** How a thread is told what to do: its `workerData`. */
export type ThreadArguments = {
  readonly binds: Readonly<Record<ServerName, Bind>>;
  readonly terms: TftpTerms;
  readonly isShared: boolean;
};

/** What the servers of a thread have counted. */
export type FileCounters = { readonly tftp: TftpCounters; readonly http: HttpCounters };

/**
 * A claim on its way to the thread. Large octets lie in shared memory and have a number, so that a kernel made of octets
 * crosses once and is cut once, however many boards ask for it.
 */
export type SentClaim =
  | Exclude<FileClaim, { readonly kind: "bytes" }>
  | (FileClaim & { readonly kind: "bytes" } & { readonly shared: number | null })
  /** The tree threw. */
  | { readonly kind: "broken"; readonly message: string };

/** What the head says to the thread. */
export type ToThread =
  | { readonly kind: "claims"; readonly claims: readonly { readonly id: number; readonly claim: SentClaim }[] }
  | { readonly kind: "answered"; readonly id: number; readonly answer: PostedAnswer }
  | { readonly kind: "close" };

/** What the thread says to the head, many things at once. */
export type FromThread =
  | { readonly kind: "listening"; readonly binds: Readonly<Record<ServerName, Bind>> }
  | { readonly kind: "failed"; readonly server: ServerName; readonly code: string; readonly message: string }
  | { readonly kind: "asks"; readonly asks: readonly { readonly id: number; readonly request: FileRequest }[] }
  | ({ readonly kind: "posted"; readonly at: Millis; readonly id: number } & PostedFrom)
  | { readonly kind: "told"; readonly told: readonly Told[]; readonly counters: FileCounters }
  | {
      readonly kind: "line";
      readonly level: keyof Logger;
      readonly facts: Readonly<Record<string, unknown>>;
      readonly event: string;
    };

/** What a board has posted, and where it spoke from. */
export type PostedFrom = { readonly posted: Posted; readonly from: FileRequest["from"] };

/** One piece of news. */
export type Told = {
  /** When it happened, ms UTC with fractions: the same in all threads. */
  readonly at: Millis;
  readonly by: ServerName;
  readonly from: FileRequest["from"];
  readonly board: Mac | null;
  readonly path: string;
  readonly news: FileNews;
};

/** A thread keeps its news to itself for so long, so that a wave of boots is a few messages a second for the head. */
export const tellEveryMs: Millis = 50;
