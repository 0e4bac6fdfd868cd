import type { BoardMessage, HeadMessage } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { FoldRunner } from "../runner/runner.ts";

/** A batch of chunks that the head gave to this board. */
export type ChunksOrder = Extract<HeadMessage, { type: "chunks" }>;

/**
 * The chunks that one board computes for the folds of others. Nothing is kept: an answer that does not reach the head is
 * computed again, here or elsewhere.
 */
export class ChunkWork {
  readonly #folds: FoldRunner | null;
  readonly #log: Logger;
  readonly #send: (message: BoardMessage) => boolean;
  readonly #running = new Map<string, AbortController>();
  #isStopped = false;
  #hasWorked = false;

  constructor(folds: FoldRunner | null, log: Logger, send: (message: BoardMessage) => boolean) {
    this.#folds = folds;
    this.#log = log;
    this.#send = send;
  }

  /** Batches that this board computes at a time; 0: none ever. */
  get slots(): number {
    return this.#folds?.slots ?? 0;
  }

  /** Whether chunks were computed since the last call: then the CPU's load is not somebody else's. */
  hasWorked(): boolean {
    const has = this.#hasWorked || this.#running.size > 0;
    this.#hasWorked = false;
    return has;
  }

  accept(order: ChunksOrder): void {
    const { lease } = order;
    if (this.#folds === null || this.#isStopped || this.#running.has(lease)) return;
    if (this.#running.size >= maxBatches) {
      this.#log.warn({ lease }, "more chunks than were asked for; left to another board");
      this.#send({ type: "chunked", lease, answers: [], ms: 0 });
      return;
    }
    const controller = new AbortController();
    this.#running.set(lease, controller);
    void this.#compute(this.#folds, order, controller.signal);
  }

  cancel(lease: string): void {
    this.#running.get(lease)?.abort(new Error("cancelled by the head"));
  }

  /** The link is gone, and with it all leases. */
  forget(): void {
    for (const controller of this.#running.values()) controller.abort(new Error("the link is gone"));
  }

  stop(): void {
    this.#isStopped = true;
    this.forget();
  }

  async #compute(folds: FoldRunner, order: ChunksOrder, signal: AbortSignal): Promise<void> {
    const { lease, post, from, count, budget } = order;
    const timeoutMs = Math.min(Math.max(1, order.timeoutMs), wallMs);
    try {
      const { answers, ms } = await folds.chunks({ post, order: order.order, from, count, budget, timeoutMs }, signal);
      this.#send({ type: "chunked", lease, answers: [...answers], ms });
    } catch (error) {
      if (signal.aborted) return;
      this.#log.warn({ lease, why: messageOf(error) }, "chunks not computed");
      this.#send({ type: "chunked", lease, answers: [], ms: 0 });
    } finally {
      this.#running.delete(lease);
      this.#hasWorked = true;
    }
  }
}

const maxBatches = 64;
/** No batch takes longer. */
const wallMs = 10_000;
