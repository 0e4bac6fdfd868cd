import type { Millis } from "@bramble/core/base";
import { encodeSamples, type Sample } from "@bramble/core/observe";

/** How much a buffer may keep. */
export type BufferLimits = {
  /** Of encoded samples; the oldest go first. 4 MB hold more than a day. */
  readonly maxBytes: number;
  /** Samples in one frame of the backlog. */
  readonly chunkSamples: number;
  /** Frames of the backlog that may be unanswered at a time. */
  readonly window: number;
};

/**
 * Keeps samples until the head says that they are stored. They leave in the order in which they came, each once as long
 * as the connection lasts; after `rewind` all that were not answered leave again. Not thread-safe, no clock, no timers.
 *
 * The newest samples are objects (the open chunk); a full chunk is sealed into the bytes of its frame, so that a day
 * without a head takes 2 MB and sending it costs nothing but the sending.
 */
export class SampleBuffer {
  readonly #limits: BufferLimits;
  #sealed: Chunk[] = [];
  /** How many sealed chunks, from the front, are on their way. */
  #sealedSent = 0;
  #sealedBytes = 0;
  #sealedSamples = 0;
  #open: Sample[] = [];
  /** How many open samples, from the front, are on their way. */
  #openSent = 0;
  #openIsBarrier = false;
  #dropped = 0;
  #lastAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(limits: BufferLimits = { maxBytes: 4 * 1024 * 1024, chunkSamples: 60, window: 4 }) {
    this.#limits = limits;
  }

  /** Samples kept now. */
  get samples(): number {
    return this.#sealedSamples + this.#open.length;
  }

  /** Bytes of the sealed frames and an estimate of the open one. */
  get bytes(): number {
    return this.#sealedBytes + this.#open.length * openSampleBytes;
  }

  /** Samples that were lost because the buffer was full, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** True when something is on its way and unanswered. */
  get isWaiting(): boolean {
    return this.#sealedSent > 0 || this.#openSent > 0;
  }

  push(sample: Sample): void {
    // A wall clock that was set back. "Stored up to" speaks of times, so what lies before the step must be answered first.
    if (sample.at <= this.#lastAt && this.samples > 0) {
      this.#seal();
      this.#openIsBarrier = true;
    }
    this.#lastAt = sample.at;
    this.#open.push(sample);
    if (this.#open.length >= this.#limits.chunkSamples) this.#seal();
    while (this.bytes > this.#limits.maxBytes && this.#sealed.length > 0) this.#dropOldest();
  }

  /** The next frame to send, now counted as on its way; null when there is none or too many wait for their answer. */
  nextFrame(): Uint8Array<ArrayBuffer> | null {
    if (this.#sealedSent < this.#sealed.length) {
      const chunk = this.#sealed[this.#sealedSent]!;
      if (this.#sealedSent >= this.#limits.window || (chunk.isBarrier && this.#sealedSent > 0)) return null;
      this.#sealedSent += 1;
      return chunk.bytes;
    }
    if (this.#openSent === this.#open.length) return null;
    if (this.#sealedSent >= this.#limits.window || (this.#openIsBarrier && this.#sealed.length > 0)) return null;
    const frame = encodeSamples(this.#openSent === 0 ? this.#open : this.#open.slice(this.#openSent));
    this.#openSent = this.#open.length;
    return frame;
  }

  /** The head has stored everything up to this time. Frees what was sent and is covered; says how many samples. */
  stored(upTo: Millis): number {
    let freed = 0;
    while (this.#sealedSent > 0 && this.#sealed[0]!.lastAt <= upTo) {
      this.#sealedSent -= 1;
      freed += this.#takeOldest().count;
    }
    if (this.#sealed.length > 0) return freed;
    let covered = 0;
    while (covered < this.#openSent && this.#open[covered]!.at <= upTo) covered += 1;
    if (covered === 0) return freed;
    this.#open.splice(0, covered);
    this.#openSent -= covered;
    this.#openIsBarrier = false;
    return freed + covered;
  }

  /** The connection is gone, or its answers are: everything unanswered is to be sent again. */
  rewind(): void {
    this.#sealedSent = 0;
    this.#openSent = 0;
  }

  #seal(): void {
    if (this.#open.length === 0) return;
    const bytes = encodeSamples(this.#open);
    // A chunk of which only a part is on its way goes again as a whole: the head knows samples by their time.
    const isSent = this.#openSent === this.#open.length && this.#sealedSent === this.#sealed.length;
    this.#sealed.push({
      bytes,
      count: this.#open.length,
      lastAt: this.#open.at(-1)!.at,
      isBarrier: this.#openIsBarrier,
    });
    if (isSent) this.#sealedSent += 1;
    this.#sealedBytes += bytes.length + chunkOverheadBytes;
    this.#sealedSamples += this.#open.length;
    this.#open = [];
    this.#openSent = 0;
    this.#openIsBarrier = false;
  }

  #dropOldest(): void {
    this.#sealedSent = Math.max(0, this.#sealedSent - 1);
    this.#dropped += this.#takeOldest().count;
  }

  #takeOldest(): Chunk {
    const chunk = this.#sealed.shift()!;
    this.#sealedBytes -= chunk.bytes.length + chunkOverheadBytes;
    this.#sealedSamples -= chunk.count;
    return chunk;
  }
}

type Chunk = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
  readonly lastAt: Millis;
  /** The time steps back before it: send it only when all before it is stored. */
  readonly isBarrier: boolean;
};

/** A sample of five processes as an object, by measurement some 1.2 kB. */
const openSampleBytes = 1200;
/** The objects around a sealed frame. */
const chunkOverheadBytes = 200;
