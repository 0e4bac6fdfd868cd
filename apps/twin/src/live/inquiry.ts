import type { Clock, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import { isSilence } from "./rest.ts";

/** What is known of every question that is asked again and again. */
export type Asked = {
  /** The page's time of the last answer. */
  readonly at: Millis | null;
  /** Since when the head does not answer; null while it does. */
  readonly lostSince: Millis | null;
  /** What it says against the question. */
  readonly problem: string | null;
};

/** Nothing is known yet. */
export const unasked: Asked = { at: null, lostSince: null, problem: null };

/** How often is asked, and what. */
export type InquiryParts<News> = {
  readonly clock: Clock;
  /** False while nobody looks: then nothing is asked. */
  readonly isSeen: () => boolean;
  /** How often is looked whether to ask, and how long after the question before. */
  readonly tickMs: Millis;
  readonly pauseMs: () => Millis;
  /** What is new by the head's answers; what is not named stays as it is. Its signal ends it: then nobody hears of it. */
  readonly ask: (signal: AbortSignal) => Promise<Partial<News>>;
};

const answerMs = 5000;

/** Asks the head again and again, one question at a time. A lost head takes nothing away of what is known. */
export class Inquiry<News extends Asked> {
  readonly #parts: InquiryParts<News>;
  readonly #listeners = new Set<() => void>();
  readonly #timer: { cancel(): void };
  #asking: AbortController | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #news: News;

  constructor(parts: InquiryParts<News>, first: News) {
    const { clock } = parts;
    this.#parts = parts;
    this.#news = first;
    this.#timer = clock.every(parts.tickMs, () => {
      if (!parts.isSeen() || this.#asking !== null) return;
      if (clock.monotonic() - this.#askedAt >= parts.pauseMs()) void this.#ask();
    });
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly news = (): News => this.#news;

  /** Ask with the next turn: after an event. What is being asked is not broken off, for events may come in crowds. */
  askSoon(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Ask now: at the start, after a change, or when the page is seen again. */
  hurry(): void {
    this.#asking?.abort();
    void this.#ask();
  }

  /** What the page itself knows better. */
  change(news: Partial<News>): void {
    this.#news = { ...this.#news, ...news };
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#timer.cancel();
    this.#asking?.abort();
  }

  async #ask(): Promise<void> {
    const { clock, ask } = this.#parts;
    const asking = new AbortController();
    this.#asking = asking;
    this.#askedAt = clock.monotonic();
    const slow = clock.after(answerMs, () => asking.abort());
    const tell = (news: Partial<Asked>, more: Partial<News> = {}): void => {
      if (this.#asking === asking) this.change({ ...news, ...more } as Partial<News>);
    };
    try {
      const news = await ask(asking.signal);
      tell({ at: clock.now(), lostSince: null, problem: null }, news);
    } catch (thrown) {
      if (isSilence(thrown)) tell({ lostSince: this.#news.lostSince ?? clock.now() });
      else tell({ problem: messageOf(thrown) });
    } finally {
      slow.cancel();
      if (this.#asking === asking) this.#asking = null;
    }
  }
}
