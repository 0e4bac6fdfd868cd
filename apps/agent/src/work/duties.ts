import type { BoardMessage, HeadMessage } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { ChunkAnswer, Outcome } from "@bramble/core/work";
import type { Runner, RunRequest, SpreadEnd } from "../runner/runner.ts";
import { ChunkWork } from "./chunk-work.ts";
import { FoldWaits } from "./fold-waits.ts";

/** A Warble that the head leased to this board. */
export type RunOrder = Extract<HeadMessage, { type: "run" }>;

/** What a board knows of itself that a Warble may ask. */
export type BoardView = { readonly board: number; readonly boards: number; readonly temperatureC: number | null };

/** What a board's duties take. */
export type DutiesParts = {
  readonly runner: Runner;
  readonly log: Logger;
  /** False when there is no link; then the message is not kept. */
  readonly send: (message: BoardMessage) => boolean;
};

/**
 * The Warbles of one board: runs them, keeps each result until the head has it, and tells how many more may come.
 * A lease uses up one of the slots told; the head counts the same way.
 */
export class Duties {
  /** What it computes for the folds of others. */
  readonly chunks: ChunkWork;
  /** Its runs that wait for others. */
  readonly folds: FoldWaits;
  readonly #parts: DutiesParts;
  readonly #running = new Map<string, AbortController>();
  readonly #results = new Map<string, BoardMessage>();
  /** What the head believes. */
  #told = 0;
  #isCalm = true;
  #isStopped = false;

  constructor(parts: DutiesParts) {
    this.#parts = parts;
    this.chunks = new ChunkWork(parts.runner.folds ?? null, parts.log, parts.send);
    this.folds = new FoldWaits(parts.send);
  }

  get running(): number {
    return this.#running.size;
  }

  /** Results that the head has not confirmed. */
  get results(): number {
    return this.#results.size;
  }

  /** A new link: results that the head did not confirm are sent again, then it hears what is held here and nothing else. */
  welcome(): void {
    this.resend();
    const slots = this.#slots();
    const held = [...this.#running.keys(), ...this.#results.keys()];
    const chunks = this.chunks.slots > 0 ? { chunks: Math.min(64, this.chunks.slots) } : {};
    this.#told = this.#parts.send({ type: "ready", slots, held, ...chunks }) ? slots : 0;
    this.folds.askAgain();
  }

  /** Sends all results that the head has not confirmed. */
  resend(): void {
    for (const result of this.#results.values()) this.#parts.send(result);
  }

  /** Whether the CPU leaves room for work. What it does for folds counts as room: a Warble goes before them. */
  calm(isCalm: boolean): void {
    this.#isCalm = this.chunks.hasWorked() || isCalm;
    this.tell();
  }

  /** Tells the number of free slots, if the head believes another one. */
  tell(): void {
    const slots = this.#slots();
    if (slots !== this.#told && this.#parts.send({ type: "ready", slots })) this.#told = slots;
  }

  accept(order: RunOrder, view: BoardView): void {
    const { lease } = order;
    if (this.#running.has(lease)) return;
    const known = this.#results.get(lease);
    if (known !== undefined) {
      this.#parts.send(known);
      return;
    }
    if (this.#isStopped || this.#running.size + this.#results.size >= maxHeld) {
      this.#parts.log.warn({ lease }, "more work than was asked for; left to another board");
      return;
    }
    this.#told = Math.max(0, this.#told - 1);
    const controller = new AbortController();
    this.#running.set(lease, controller);
    void this.#run(order, view, controller);
  }

  cancel(lease: string): void {
    this.#running.get(lease)?.abort(new Error("cancelled by the head"));
    this.chunks.cancel(lease);
    this.#results.delete(lease);
    this.tell();
  }

  taken(lease: string): void {
    this.#results.delete(lease);
    this.tell();
  }

  stop(): void {
    this.#isStopped = true;
    this.chunks.stop();
    for (const controller of this.#running.values()) controller.abort(new Error("the agent stops"));
  }

  async #run(order: RunOrder, view: BoardView, controller: AbortController): Promise<void> {
    const { lease, user, post, saved, data, seed, nowMs } = order;
    const timeoutMs = Math.min(Math.max(1, order.timeoutMs), wallMs);
    try {
      const request = { post, user, saved, data, ...view, seed, nowMs, timeoutMs };
      const { outcome, ms } = await this.#runToEnd(order, request, controller.signal);
      if (!controller.signal.aborted) this.#finish(lease, outcome, ms);
    } catch (error) {
      // No result: the lease runs out and the head gives the Warble to another board.
      if (!controller.signal.aborted) this.#parts.log.warn({ lease, why: messageOf(error) }, "run failed");
    } finally {
      this.#running.delete(lease);
      this.tell();
    }
  }

  /** Runs it, again after each fold that others have computed. */
  async #runToEnd(
    { lease, spread }: RunOrder,
    request: RunRequest,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: Outcome; readonly ms: number }> {
    const { runner } = this.#parts;
    if (spread !== true || runner.folds === undefined) return runner.run(request, signal);
    const answers: (readonly ChunkAnswer[])[] = [];
    let ms = 0;
    for (;;) {
      const end: SpreadEnd = await runner.folds.run(request, answers, signal);
      ms += end.ms;
      if (end.kind === "done") return { outcome: end.outcome, ms: Math.round(ms * 10) / 10 };
      answers.push(await this.folds.ask(lease, answers.length, end.order, signal));
    }
  }

  #finish(lease: string, outcome: Outcome, ms: number): void {
    const result: BoardMessage = { type: "result", lease, outcome: outcome as never, ms };
    this.#results.set(lease, result);
    this.#parts.send(result);
  }

  #slots(): number {
    if (!this.#isCalm || this.#isStopped) return 0;
    return Math.max(0, Math.min(this.#parts.runner.slots - this.#running.size, maxHeld - this.#results.size));
  }
}

/** Runs and unconfirmed results together; a head that confirms nothing gets no more work done. */
const maxHeld = 16;
/** No run takes longer, SLEEP apart (which costs no time here: the head applies it). */
const wallMs = 10_000;
