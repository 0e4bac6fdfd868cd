import type { Millis } from "../../base/index.ts";

/** When a sender repeats itself and when it gives up. */
export type TftpPatience = {
  /** The first resend comes after this silence; each next after twice as long. */
  readonly firstMs: Millis;
  /** No silence is longer, unless the client asked for a longer `timeout`. */
  readonly longestMs: Millis;
  /** After so many resends without any progress the client is given up. */
  readonly resends: number;
};

/** What a sender wants done now. Blocks are counted from 1 and do not wrap: a packet carries their lower 16 bits. */
export type TftpSend =
  | { readonly kind: "nothing" }
  | { readonly kind: "oack" }
  /** DATA from `from` to `to`, both included. */
  | { readonly kind: "data"; readonly from: number; readonly to: number }
  /** The last block is acknowledged. */
  | { readonly kind: "done" }
  | { readonly kind: "given-up" };

/**
 * The sending side of one transfer (RFC 1350, windows RFC 7440): it holds numbers, sends nothing and knows no clock.
 *
 * A duplicate ACK never makes it send a block twice in lockstep, else every duplicated packet would double all that
 * follow (Sorcerer's Apprentice, RFC 1123 §4.2.3.1). In a window, where an ACK for less than all says that something was
 * lost, the window starts again behind it; but what an echo of such a restart says is passed over until one window has
 * gone through, so that a restart cannot feed the next one.
 */
export class TftpSender {
  readonly #blocks: number;
  readonly #window: number;
  readonly #patience: TftpPatience;
  /** The last block acknowledged; -1 while an OACK waits for its ACK of block 0. */
  #acked: number;
  #sent = 0;
  /** Until a block behind this one is acknowledged, a second ACK of `#acked` may be an echo of what was sent twice. */
  #echoUntil = -1;
  #waitMs: Millis;
  #dueAt: Millis = Number.POSITIVE_INFINITY;
  #resendsInRow = 0;
  #resends = 0;

  /** @param blocks of the whole file, at least 1. */
  constructor(blocks: number, window: number, hasOack: boolean, patience: TftpPatience) {
    this.#blocks = blocks;
    this.#window = window;
    this.#patience = patience;
    this.#acked = hasOack ? -1 : 0;
    this.#waitMs = patience.firstMs;
  }

  /** Blocks that the client has for sure. */
  get acked(): number {
    return Math.max(0, this.#acked);
  }

  /** The last block that was sent. */
  get sent(): number {
    return this.#sent;
  }

  /** True when every block was sent at least once, and so only an ACK is missing. */
  get hasSentAll(): boolean {
    return this.#sent === this.#blocks;
  }

  /** Repetitions so far, by silence or by a restarted window. */
  get resends(): number {
    return this.#resends;
  }

  /** When `silence` is to be called. */
  get dueAt(): Millis {
    return this.#dueAt;
  }

  /** The first packet of the transfer. */
  start(now: Millis): TftpSend {
    this.#dueAt = now + this.#waitMs;
    return this.#acked === -1 ? { kind: "oack" } : this.#next();
  }

  /** @param block the 16 bits of an ACK. */
  ack(block: number, now: Millis): TftpSend {
    if (this.#acked === -1) {
      if (block !== 0) return nothing;
      this.#acked = 0;
      return this.#progress(now);
    }
    const ahead = (block - this.#acked) & 0xffff;
    if (ahead > this.#sent - this.#acked) return nothing;
    if (ahead > 0) {
      this.#acked += ahead;
      if (this.#acked === this.#blocks) return this.#end("done");
      // Less than the window: the client misses the block behind this one.
      if (this.#acked < this.#sent) this.#restart();
      return this.#progress(now);
    }
    const isEcho = this.#window === 1 || this.#sent === this.#acked || this.#acked <= this.#echoUntil;
    if (isEcho) return nothing;
    // The first block of the window was lost.
    this.#restart();
    return this.#progress(now);
  }

  /** Nothing was heard until `dueAt`: send the window once more, or give up. */
  silence(now: Millis): TftpSend {
    if (this.#resendsInRow === this.#patience.resends) return this.#end("given-up");
    this.#resendsInRow++;
    this.#resends++;
    this.#waitMs = Math.min(this.#waitMs * 2, Math.max(this.#patience.longestMs, this.#patience.firstMs));
    this.#dueAt = now + this.#waitMs;
    if (this.#acked === -1) return { kind: "oack" };
    this.#echoUntil = this.#sent;
    return this.#next();
  }

  #restart(): void {
    this.#resends++;
    this.#echoUntil = this.#sent;
  }

  #progress(now: Millis): TftpSend {
    this.#resendsInRow = 0;
    this.#waitMs = this.#patience.firstMs;
    this.#dueAt = now + this.#waitMs;
    return this.#next();
  }

  /** One window behind what is acknowledged. */
  #next(): TftpSend {
    const from = this.#acked + 1;
    const to = Math.min(this.#acked + this.#window, this.#blocks);
    if (to > this.#sent) this.#sent = to;
    return { kind: "data", from, to };
  }

  #end(kind: "done" | "given-up"): TftpSend {
    this.#dueAt = Number.POSITIVE_INFINITY;
    return { kind };
  }
}

const nothing: TftpSend = { kind: "nothing" };
