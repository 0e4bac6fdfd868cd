import type { LiveText } from "@bramble/core/api";
import type { Millis } from "@bramble/core/base";
import { ByteWriter } from "@bramble/core/base";

/** The part of a WebSocket that a viewer needs. */
export type ViewerSocket = {
  readonly bufferedAmount: number;
  /** A whole WebSocket frame (`binaryFrame`), which many viewers share. */
  sendFrame(frame: Uint8Array): void;
  send(text: string): void;
  ping(): void;
  terminate(): void;
};

/** How much a viewer may leave unread. */
export type ViewerTerms = {
  /** With more than this unread, steps are left out until it has caught up. */
  readonly mostUnread: number;
  /** Caught up: a snapshot follows. */
  readonly caughtUp: number;
  /** A viewer that answers no ping for so long is gone. */
  readonly silentMs: Millis;
  /** Messages and pings that a viewer may send between two checks; it has nothing to say. */
  readonly mostMessages: number;
};

/** A quarter of a megabyte, 16 KB, a minute, a hundred. */
export const viewerTerms: ViewerTerms = {
  mostUnread: 262_144,
  caughtUp: 16_384,
  silentMs: 60_000,
  mostMessages: 100,
};

/**
 * A binary message as one unmasked frame (RFC 6455 section 5.2), header and payload in one piece. Made once for all viewers:
 * `ws` writes both apart to each socket, which costs half as much again.
 */
export function binaryFrame(payload: Uint8Array): Uint8Array {
  const size = payload.length;
  const out = new ByteWriter(size + 10).u8(0x82);
  if (size < 126) out.u8(size);
  else if (size < 65_536) out.u8(126).u16(size);
  else out.u8(127).u32(0).u32(size);
  return out.raw(payload).finish();
}

/** One viewer: gets every step while it reads, and the newest picture when it did not. */
export class Viewer {
  readonly #socket: ViewerSocket;
  readonly #terms: ViewerTerms;
  /** The sequence of the last frame that it was given. */
  #sequence = 0;
  #isBehind = false;
  #heardAt: Millis;
  #messages = 0;

  constructor(socket: ViewerSocket, terms: ViewerTerms, now: Millis) {
    this.#socket = socket;
    this.#terms = terms;
    this.#heardAt = now;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Give the picture, or the steps since the one that it has. */
  begin(sequence: number, frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#socket.sendFrame(frame);
    this.#sequence = sequence;
  }

  /** The next step for everybody; a viewer that is behind gets the picture once it has read what it was sent. */
  step(sequence: number, delta: Uint8Array, snapshot: () => Uint8Array): void {
    const unread = this.#socket.bufferedAmount;
    if (this.#isBehind) {
      if (unread > this.#terms.caughtUp) return;
      this.text({ type: "gap", from: this.#sequence, to: sequence });
      this.#socket.sendFrame(snapshot());
      this.#isBehind = false;
    } else if (unread > this.#terms.mostUnread) {
      this.#isBehind = true;
      return;
    } else {
      this.#socket.sendFrame(delta);
    }
    this.#sequence = sequence;
  }

  /** A text frame; left out for a viewer that does not read. */
  text(text: LiveText): void {
    if (this.#socket.bufferedAmount <= this.#terms.mostUnread) this.#socket.send(JSON.stringify(text));
  }

  /** It answered a ping. */
  heard(now: Millis): void {
    this.#heardAt = now;
  }

  /** It sent something, which nobody reads; one that goes on is closed. */
  said(): void {
    if (++this.#messages > this.#terms.mostMessages) this.#socket.terminate();
  }

  /** Ask whether it is there; close it when it has not answered for long. */
  check(now: Millis): void {
    this.#messages = 0;
    if (now - this.#heardAt > this.#terms.silentMs) this.#socket.terminate();
    else this.#socket.ping();
  }
}
