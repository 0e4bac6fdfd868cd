import type { BoardMessage, RoleOffer } from "@bramble/core/api";
import type { Clock, Logger, Millis, Random, Timer } from "@bramble/core/base";
import { messageOf, unreachable } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import type { Hardware } from "./hardware/hardware.ts";
import { SampleBuffer } from "./link/buffer.ts";
import { type HeadOrder, Link, type LinkState, type Welcome } from "./link/link.ts";
import { type Connect, connectWebSocket } from "./link/socket.ts";
import type { RoleKeeper } from "./roles/role-keeper.ts";
import type { RoleKeeping } from "./roles/role-keeping.ts";
import type { Runner } from "./runner/runner.ts";
import { Duties } from "./work/duties.ts";

/** What an agent is made of. */
export type AgentParts = {
  readonly hardware: Hardware;
  /** May be shared by many agents; its owner disposes of it. */
  readonly runner: Runner;
  /** Where the head is now, as `http://host:port`. Asked before each attempt. */
  readonly findHead: (signal: AbortSignal) => Promise<{ readonly url: string }>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Default: a WebSocket. */
  readonly connect?: Connect;
  readonly token?: string | null;
  /** Keeps the board's role; without it the board takes none. */
  readonly roles?: RoleKeeping | null;
  /** Halts the board, or restarts it, after the agent has said goodbye; without it the board stays as it is. */
  readonly halt?: ((reason: string, restart: boolean) => void) | null;
  /** Of the agent. */
  readonly version: string;
};

/** What an agent tells of itself, for its web service and for tests. */
export type AgentFacts = {
  readonly state: LinkState;
  /** The board's name, once the head has told it. */
  readonly name: string | null;
  readonly samples: {
    readonly taken: number;
    readonly waiting: number;
    readonly bytes: number;
    readonly dropped: number;
  };
  readonly work: { readonly running: number; readonly unconfirmed: number };
  readonly latest: Sample | null;
};

/** One running agent. */
export type Agent = {
  state(): LinkState;
  facts(): AgentFacts;
  /** Called at each change of `state`. */
  onChange: ((state: LinkState) => void) | null;
  /** A head was heard again after a silence: a long wait is cut to 1–4 s. */
  wake(): void;
  /**
   * Play dead. `everything`: a black hole that neither sends, reads nor closes. `samples`: a hung board, whose
   * heartbeats come but nothing else. For simulations and drills.
   */
  freeze(what: "everything" | "samples"): void;
  thaw(): void;
  /** Says goodbye and ends; a frozen agent ends without a word. Twice is once. */
  stop(reason: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Start the agent of one board: it links to the head, sends a heartbeat each second and a sample every five, keeps what
 * the head has not stored, and runs the Warbles that the head leases to it. One timer while it runs, one more while it waits to link.
 *
 * @param signal aborted: the same as `stop`.
 */
export function startAgent(parts: AgentParts, signal: AbortSignal): Agent {
  return new RunningAgent(parts, signal);
}

class RunningAgent implements Agent {
  onChange: ((state: LinkState) => void) | null = null;
  readonly #parts: AgentParts;
  readonly #link: Link;
  readonly #buffer = new SampleBuffer();
  readonly #duties: Duties;
  readonly #role: RoleKeeper | null;
  #ticker: Timer;
  #welcome: Welcome | null = null;
  #latest: Sample | null = null;
  #taken = 0;
  #sampleAt: Millis;
  #isReading = false;
  #answeredAt: Millis = 0;
  #resultsAt: Millis = 0;
  #frozen: "no" | "everything" | "samples" = "no";
  #stopping: Promise<void> | null = null;

  constructor(parts: AgentParts, signal: AbortSignal) {
    this.#parts = parts;
    const { clock, random, log } = parts;
    this.#link = new Link(
      {
        ...parts,
        identity: () => parts.hardware.identity(),
        connect: parts.connect ?? connectWebSocket,
        token: parts.token ?? null,
      },
      {
        changed: (state) => this.onChange?.(state),
        welcomed: (welcome) => this.#welcomed(welcome),
        heard: (order) => this.#heard(order),
        lost: () => {
          this.#buffer.rewind();
          this.#duties.chunks.forget();
        },
      },
    );
    this.#duties = new Duties({ runner: parts.runner, log, send: (message) => this.#link.send(message) });
    const ties = { ...parts, token: parts.token ?? null, send: (message: BoardMessage) => this.#link.send(message) };
    this.#role = parts.roles?.(ties) ?? null;
    // Phases are drawn, so that a thousand boards that wake in one moment do not speak in one moment.
    this.#sampleAt = clock.monotonic() + random.next() * sampleMs;
    this.#ticker = clock.after(random.next() * heartbeatMs, () => this.#beat(heartbeatMs));
    const onAbort = (): void => void this.stop("the process ends");
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    else this.#link.start();
  }

  state(): LinkState {
    return this.#link.state;
  }

  facts(): AgentFacts {
    const { samples, bytes, dropped } = this.#buffer;
    return {
      state: this.#link.state,
      name: this.#welcome?.name ?? null,
      samples: { taken: this.#taken, waiting: samples, bytes, dropped },
      work: { running: this.#duties.running, unconfirmed: this.#duties.results },
      latest: this.#latest,
    };
  }

  wake(): void {
    this.#link.wake();
  }

  freeze(what: "everything" | "samples"): void {
    if (this.#stopping !== null) return;
    this.#frozen = what;
    if (what === "samples") return;
    this.#ticker.cancel();
    this.#link.freeze();
  }

  thaw(): void {
    if (this.#stopping !== null || this.#frozen === "no") return;
    const was = this.#frozen;
    this.#frozen = "no";
    if (was === "samples") return;
    this.#beat(this.#heartbeatMs());
    this.#link.thaw();
  }

  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop("disposed");
  }

  async #stop(reason: string): Promise<void> {
    this.#ticker.cancel();
    this.#duties.stop();
    await this.#link.stop(reason);
    await this.#role?.stop();
  }

  #beat(everyMs: Millis): void {
    this.#ticker.cancel();
    this.#ticker = this.#parts.clock.every(everyMs, () => this.#tick());
  }

  #tick(): void {
    const now = this.#parts.clock.monotonic();
    this.#link.tick(now, this.#heartbeatMs());
    if (this.#frozen !== "no") return;
    // The beat is the only timer: a sample falls on the beat nearest to its time.
    if (now >= this.#sampleAt - this.#heartbeatMs() / 2 && !this.#isReading) {
      const interval = this.#welcome?.intervalMs ?? sampleMs;
      this.#sampleAt += interval;
      if (this.#sampleAt < now) this.#sampleAt = now + interval;
      void this.#sample();
    }
    if (this.#buffer.isWaiting && now - this.#answeredAt > answerMs) {
      this.#buffer.rewind();
      this.#answeredAt = now;
      this.#pump();
    }
    // A head whose disk was full for a while has taken nothing, and may now.
    if (this.#duties.results === 0) this.#resultsAt = now;
    else if (now - this.#resultsAt > answerMs) {
      this.#resultsAt = now;
      this.#duties.resend();
    }
  }

  async #sample(): Promise<void> {
    this.#isReading = true;
    try {
      const sample = await this.#parts.hardware.read();
      this.#latest = sample;
      this.#taken += 1;
      this.#buffer.push(sample);
    } catch (error) {
      this.#parts.log.warn({ why: messageOf(error) }, "no sample taken");
    } finally {
      this.#isReading = false;
    }
    if (this.#frozen !== "no" || this.#stopping !== null) return;
    this.#pump();
    this.#duties.calm((this.#latest?.cpu ?? 0) < (this.#welcome?.cpuLimit ?? 100));
  }

  /** Sends what may be sent: the backlog first, a few frames at a time, then the newest. */
  #pump(): void {
    if (this.#link.state !== "linked" || this.#frozen !== "no") return;
    if (!this.#buffer.isWaiting) this.#answeredAt = this.#parts.clock.monotonic();
    for (let frame = this.#buffer.nextFrame(); frame !== null; frame = this.#buffer.nextFrame()) {
      this.#link.sendFrame(frame);
    }
  }

  #welcomed(welcome: Welcome): void {
    const before = this.#heartbeatMs();
    this.#welcome = sane(welcome);
    if (this.#heartbeatMs() !== before) this.#beat(this.#heartbeatMs());
    this.#duties.welcome();
    // A head that knows nothing of roles, or not of this board's, leaves the board as it is.
    if (welcome.role !== undefined && this.#role !== null) this.#role.want(welcome.role);
    else if (welcome.role !== undefined) this.#takeRole(welcome.role);
    this.#pump();
  }

  #takeRole(role: RoleOffer | null): void {
    if (this.#role !== null) {
      this.#role.take(role);
      return;
    }
    const error = "this agent takes no roles";
    this.#link.send({ type: "role-state", state: "off", want: null, good: null, step: null, error });
  }

  #heard(order: HeadOrder): void {
    if (this.#frozen !== "no") return;
    switch (order.type) {
      case "stored":
        this.#answeredAt = this.#parts.clock.monotonic();
        if (this.#buffer.stored(order.upTo) > 0) this.#pump();
        return;
      case "run":
        this.#duties.accept(order, {
          board: this.#welcome?.board ?? 0,
          boards: this.#welcome?.boards ?? 1,
          temperatureC: this.#latest?.temperatureC ?? null,
        });
        return;
      case "taken":
        this.#duties.taken(order.lease);
        return;
      case "cancel":
        this.#duties.cancel(order.lease);
        return;
      case "chunks":
        this.#duties.chunks.accept(order);
        return;
      case "folded":
        this.#duties.folds.folded(order);
        return;
      case "role":
        this.#takeRole(order.role);
        return;
      case "halt":
        this.#halt(order.reason, order.restart === true);
        return;
      default:
        unreachable(order);
    }
  }

  #halt(reason: string, restart: boolean): void {
    const { halt = null, log } = this.#parts;
    log.info({ reason, restart, may: halt !== null }, "the head asks this board to halt");
    if (halt === null) return;
    this.stop(`${restart ? "restarts" : "halts"}: ${reason.slice(0, 150)}`)
      .then(() => halt(reason, restart))
      .catch((error: unknown) => log.error({ why: messageOf(error) }, "the board does not halt"));
  }

  #heartbeatMs(): Millis {
    return this.#welcome?.heartbeatMs ?? heartbeatMs;
  }
}

/** A head that asks for a heartbeat each microsecond gets a usual one. */
function sane(welcome: Welcome): Welcome {
  const within = (value: number, least: number, most: number, usual: number): number =>
    value >= least && value <= most ? value : usual;
  return {
    ...welcome,
    heartbeatMs: within(welcome.heartbeatMs, 100, 60_000, heartbeatMs),
    intervalMs: within(welcome.intervalMs, 100, 3_600_000, sampleMs),
  };
}

const heartbeatMs = 1000;
const sampleMs = 5000;
/** Unanswered for so long, samples and results are sent again; the head knows them by board and time, and by lease. */
const answerMs = 10_000;
