import type { BootAnswer, LanesAnswer } from "@bramble/core/api";
import type { Clock, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { LaneBrief } from "@bramble/core/boot";
import { unpackLane } from "@bramble/core/boot";
import type { Rest } from "../live/rest.ts";
import { isSilence } from "../live/rest.ts";
import type { BootView } from "./view.ts";
import { askFor } from "./view.ts";

/** What is known of booting; a lost head takes nothing away. */
export type BootNews = {
  readonly boot: BootAnswer | null;
  readonly lanes: readonly LaneBrief[];
  /** Which boards `lanes` are; null before the first answer for this view. */
  readonly words: string | null;
  /** The page's time of the last answer. */
  readonly at: Millis | null;
  /** Since when the head does not answer; null while it does. */
  readonly lostSince: Millis | null;
  /** What it says against the question. */
  readonly problem: string | null;
};

/** What watching needs. */
export type BootWatchParts = {
  readonly rest: Pick<Rest, "get">;
  readonly clock: Clock;
  /** The groups of the present wave. */
  readonly wave: () => readonly string[];
  /** False while nobody looks: then nothing is asked. */
  readonly isSeen: () => boolean;
};

/** A row as it came, and what it says. */
type KnownRow = { readonly text: string; readonly lane: LaneBrief };

const everyMs = 1000;
const answerMs = 5000;

/** Asks how booting stands once a second while the page is seen. A row that did not change stays the same object. */
export class BootWatch {
  readonly #parts: BootWatchParts;
  readonly #listeners = new Set<() => void>();
  readonly #timer: { cancel(): void };
  #asking: AbortController | null = null;
  #view: BootView;
  #groups: readonly string[] = [];
  #rows: ReadonlyMap<string, KnownRow> = new Map();
  #news: BootNews = { boot: null, lanes: [], words: null, at: null, lostSince: null, problem: null };

  constructor(parts: BootWatchParts, view: BootView) {
    this.#parts = parts;
    this.#view = view;
    this.#timer = parts.clock.every(everyMs, () => {
      if (parts.isSeen() && this.#asking === null) void this.#ask();
    });
    void this.#ask();
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly news = (): BootNews => this.#news;

  /** Show these boards; asked for at once, the old ones stay until the answer is there. */
  setView(view: BootView): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.hurry();
  }

  /** Ask now: after a change, or when the page is seen again. */
  hurry(): void {
    this.#asking?.abort();
    void this.#ask();
  }

  close(): void {
    this.#timer.cancel();
    this.#asking?.abort();
  }

  async #ask(): Promise<void> {
    const { rest, clock, wave } = this.#parts;
    const asking = new AbortController();
    this.#asking = asking;
    const slow = clock.after(answerMs, () => asking.abort());
    const view = this.#view;
    try {
      const boot = await rest.get<BootAnswer>("/boot", asking.signal);
      if (this.#asking !== asking) return;
      const { query, words, groups } = askFor(view, boot, wave(), this.#groups);
      this.#groups = groups;
      const known = { boot, at: clock.now(), lostSince: null };
      try {
        const { lanes } = await rest.get<LanesAnswer>(`/boot/lanes${query}`, asking.signal);
        if (this.#asking !== asking) return;
        this.#tell({ ...known, lanes: this.#read(lanes), words, problem: null });
      } catch (thrown) {
        if (isSilence(thrown)) throw thrown;
        if (this.#asking === asking) this.#tell({ ...this.#news, ...known, words, problem: messageOf(thrown) });
      }
    } catch (thrown) {
      if (this.#asking !== asking) return;
      if (isSilence(thrown)) this.#tell({ ...this.#news, lostSince: this.#news.lostSince ?? clock.now() });
      else this.#tell({ ...this.#news, problem: messageOf(thrown) });
    } finally {
      slow.cancel();
      if (this.#asking === asking) this.#asking = null;
    }
  }

  #read(answers: LanesAnswer["lanes"]): readonly LaneBrief[] {
    const rows = new Map<string, KnownRow>();
    for (const row of answers) {
      const text = JSON.stringify(row);
      const known = this.#rows.get(row[0]);
      rows.set(row[0], known?.text === text ? known : { text, lane: unpackLane(row) });
    }
    this.#rows = rows;
    return [...rows.values()].map(({ lane }) => lane);
  }

  #tell(news: BootNews): void {
    this.#news = news;
    for (const listener of this.#listeners) listener();
  }
}
