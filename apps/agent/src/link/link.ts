import type { BoardMessage, HeadMessage } from "@bramble/core/api";
import type { Clock, Logger, Millis, Random, Timer } from "@bramble/core/base";
import { messageOf, unreachable } from "@bramble/core/base";
import type { Identity } from "../hardware/hardware.ts";
import { retryDelay } from "./backoff.ts";
import { readMessage } from "./read-message.ts";
import type { Connect, LinkSocket } from "./socket.ts";

/** Where the link stands: looking for a head, opening, open and welcomed, waiting to try again, ended for good. */
export type LinkState = "finding" | "linking" | "linked" | "waiting" | "stopped";

/** The head's first answer: who this board is and how it should behave. */
export type Welcome = Extract<HeadMessage, { type: "welcome" }>;

/** What the head may say to a welcomed board. */
export type HeadOrder = Exclude<HeadMessage, { type: "welcome" | "refused" }>;

/** What a link is made of. */
export type LinkParts = {
  readonly findHead: (signal: AbortSignal) => Promise<{ readonly url: string }>;
  readonly identity: () => Promise<Identity>;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly version: string;
  readonly token: string | null;
};

/** What a link tells its owner. */
export type LinkEvents = {
  changed(state: LinkState): void;
  welcomed(welcome: Welcome): void;
  heard(order: HeadOrder): void;
  lost(): void;
};

/**
 * Keeps one connection to the head: finds it, says hello, pings, notices when the head is gone, tries again.
 * It owns one timer, and that only while it waits; the owner calls `tick` once a heartbeat.
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #events: LinkEvents;
  #state: LinkState = "waiting";
  /** Counts connections, so that a late word of an old one is not taken for the new one's. */
  #turn = 0;
  #socket: LinkSocket | null = null;
  #attempt: AbortController | null = null;
  #retry: Timer | null = null;
  #retryAt: Millis = 0;
  #mayWake = true;
  #failures = 0;
  #openedAt: Millis = 0;
  #heardAt: Millis = 0;
  #tickedAt: Millis = 0;
  #isFrozen = false;
  #whenClosed: (() => void) | null = null;

  constructor(parts: LinkParts, events: LinkEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    void this.#try();
  }

  /** Sends a message; false when there is no welcomed connection. */
  send(message: BoardMessage): boolean {
    if (this.#state !== "linked" || this.#isFrozen) return false;
    this.#socket!.send(JSON.stringify(message));
    return true;
  }

  /** Sends a binary frame; false when there is no welcomed connection. */
  sendFrame(bytes: Uint8Array): boolean {
    if (this.#state !== "linked" || this.#isFrozen) return false;
    this.#socket!.send(bytes);
    return true;
  }

  /** Once a heartbeat, which comes each `everyMs`: the ping, and the deadlines. */
  tick(now: Millis, everyMs: Millis): void {
    // A pause of this process (a suspended computer, a long stall) is not the head's silence.
    const late = now - this.#tickedAt - everyMs;
    if (late > ownPauseMs) this.#heardAt += late;
    this.#tickedAt = now;
    if (this.#isFrozen) return;
    if (this.#state === "linking" && now - this.#openedAt > welcomeMs) this.#drop("no welcome");
    if (this.#state !== "linked") return;
    if (now - this.#heardAt > Math.max(deadHeadMs, 3 * everyMs)) this.#drop("the head is silent");
    else this.#socket!.ping();
    if (this.#failures > 0 && now - this.#openedAt > stableMs) this.#failures = 0;
  }

  /** A head was heard again after a silence (its beacon): do not sit out a long wait. A refusal's wait stays. */
  wake(): void {
    if (this.#state !== "waiting" || this.#isFrozen || !this.#mayWake) return;
    const delay = retryDelay(0, this.#parts.random);
    if (this.#parts.clock.monotonic() + delay < this.#retryAt) this.#wait(delay);
  }

  /** Become a black hole: nothing is sent, read, answered or closed, until `thaw`. */
  freeze(): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    this.#retry?.cancel();
    this.#attempt?.abort(new Error("frozen"));
    this.#socket?.pause();
  }

  /** Come back to life, as after a restart of the board's network: the old connection is forgotten. */
  thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    if (this.#state === "stopped") return;
    this.#forget();
    this.#failures = 0;
    void this.#try();
  }

  /** Says goodbye, closes, and never tries again. Resolves when the connection is gone, a second later at the most. */
  async stop(reason: string): Promise<void> {
    if (this.#state === "stopped") return;
    this.send({ type: "bye", reason: reason.slice(0, 200) });
    const { clock } = this.#parts;
    const socket = this.#socket;
    const isLinked = this.#state === "linked" && !this.#isFrozen;
    this.#retry?.cancel();
    this.#attempt?.abort(new Error("stopped"));
    this.#enter("stopped");
    if (socket === null) return;
    if (isLinked) {
      await new Promise<void>((resolve) => {
        this.#whenClosed = resolve;
        const timer = clock.after(byeMs, resolve);
        this.#whenClosed = () => {
          timer.cancel();
          resolve();
        };
        socket.close();
      });
    }
    this.#forget();
  }

  async #try(): Promise<void> {
    const { findHead, identity, connect, clock } = this.#parts;
    const turn = ++this.#turn;
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#enter("finding");
    try {
      const head = await findHead(attempt.signal);
      const who = await identity();
      if (turn !== this.#turn || attempt.signal.aborted) return;
      this.#openedAt = clock.monotonic();
      this.#enter("linking");
      this.#socket = connect(linkUrl(head.url), {
        opened: () => turn === this.#turn && this.#hello(who),
        text: (frame) => turn === this.#turn && !this.#isFrozen && this.#hear(frame),
        pong: () => {
          if (turn === this.#turn && !this.#isFrozen) this.#heardAt = clock.monotonic();
        },
        closed: (why) => {
          if (turn === this.#turn && !this.#isFrozen) this.#lose(why);
        },
      });
    } catch (error) {
      if (turn === this.#turn && !attempt.signal.aborted) this.#lose(messageOf(error));
    }
  }

  #hello(who: Identity): void {
    const { version, token } = this.#parts;
    const { isSimulated, ...facts } = who;
    const hello: BoardMessage = {
      type: "hello",
      ...facts,
      agent: version,
      node: process.versions.node,
      simulated: isSimulated,
      ...(token === null ? {} : { token }),
    };
    this.#socket!.send(JSON.stringify(hello));
  }

  #hear(frame: string): void {
    this.#heardAt = this.#parts.clock.monotonic();
    const message = readMessage(frame);
    if (message === null) {
      this.#parts.log.warn({ frame: frame.slice(0, 100) }, "message of the head not understood");
      return;
    }
    switch (message.type) {
      case "welcome":
        this.#welcome(message);
        return;
      case "refused":
        this.#refuse(message.code, message.message, message.retryAfterMs);
        return;
      case "stored":
      case "run":
      case "chunks":
      case "folded":
      case "taken":
      case "cancel":
      case "halt":
      case "role":
        if (this.#state === "linked") this.#events.heard(message);
        return;
      default:
        unreachable(message);
    }
  }

  #welcome(welcome: Welcome): void {
    if (this.#state !== "linking") return;
    const now = this.#parts.clock.monotonic();
    this.#openedAt = now;
    this.#tickedAt = now;
    this.#parts.log.info({ board: welcome.name, epoch: welcome.epoch }, "linked");
    this.#enter("linked");
    this.#events.welcomed(welcome);
  }

  #refuse(code: string, message: string, retryAfterMs: number): void {
    if (this.#state !== "linking") return;
    const { random, log } = this.#parts;
    log.warn({ code, message: message.slice(0, 300) }, "refused by the head");
    this.#forget();
    const asked = Number.isFinite(retryAfterMs) ? Math.min(Math.max(0, retryAfterMs), longestRefusalMs) : 0;
    const delay = Math.max(asked * (1 + random.next() / 4), retryDelay(this.#failures++, random));
    this.#mayWake = false;
    this.#wait(delay);
  }

  #drop(why: string): void {
    this.#socket?.terminate();
    this.#lose(why);
  }

  /** The connection, or the attempt at one, is over. */
  #lose(why: string): void {
    if (this.#state === "stopped") {
      this.#whenClosed?.();
      return;
    }
    const { random, log } = this.#parts;
    const wasLinked = this.#state === "linked";
    const isFirst = this.#failures === 0;
    const delay = retryDelay(this.#failures++, random);
    const facts = { why: why.slice(0, 200), retryMs: Math.round(delay) };
    if (wasLinked) log.warn(facts, "link lost");
    else if (isFirst) log.info(facts, "no link yet");
    else log.debug(facts, "no link yet");
    this.#forget();
    this.#mayWake = true;
    this.#wait(delay);
  }

  /** Lets go of the socket; what it still says belongs to a past turn. */
  #forget(): void {
    const wasLinked = this.#state === "linked";
    this.#turn += 1;
    this.#attempt?.abort(new Error("over"));
    this.#attempt = null;
    this.#socket?.terminate();
    this.#socket = null;
    if (wasLinked) this.#events.lost();
  }

  #wait(delay: Millis): void {
    const { clock } = this.#parts;
    this.#retry?.cancel();
    this.#retryAt = clock.monotonic() + delay;
    this.#retry = clock.after(delay, () => void this.#try());
    this.#enter("waiting");
  }

  #enter(state: LinkState): void {
    if (this.#state === state || this.#state === "stopped") return;
    this.#state = state;
    this.#events.changed(state);
  }
}

/** `http://head:8880` becomes `ws://head:8880/api/v1/link`. @throws TypeError when it is no URL. */
export function linkUrl(head: string): string {
  const url = new URL("/api/v1/link", head);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}

const deadHeadMs = 10_000;
const welcomeMs = 10_000;
const stableMs = 60_000;
const ownPauseMs = 2000;
const byeMs = 1000;
const longestRefusalMs = 600_000;
