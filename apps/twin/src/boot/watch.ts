import type { BootAnswer, LanesAnswer } from "@bramble/core/api";
import type { Clock } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { LaneBrief } from "@bramble/core/boot";
import { unpackLane } from "@bramble/core/boot";
import { type Asked, Inquiry, unasked } from "../live/inquiry.ts";
import type { Rest } from "../live/rest.ts";
import { isSilence } from "../live/rest.ts";
import type { BootView } from "./view.ts";
import { askFor } from "./view.ts";

/** What is known of booting. */
export type BootNews = Asked & {
  readonly boot: BootAnswer | null;
  readonly lanes: readonly LaneBrief[];
  /** Which boards `lanes` are; null before the first answer for this view. */
  readonly words: string | null;
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

/** Asks how booting stands once a second while the page is seen. A row that did not change stays the same object. */
export class BootWatch {
  readonly #parts: BootWatchParts;
  readonly #inquiry: Inquiry<BootNews>;
  #view: BootView;
  #groups: readonly string[] = [];
  #rows: ReadonlyMap<string, KnownRow> = new Map();

  constructor(parts: BootWatchParts, view: BootView) {
    const { clock, isSeen } = parts;
    this.#parts = parts;
    this.#view = view;
    const ask = (signal: AbortSignal) => this.#ask(signal);
    const first = { boot: null, lanes: [], words: null, ...unasked };
    this.#inquiry = new Inquiry({ clock, isSeen, tickMs: everyMs, pauseMs: () => 0, ask }, first);
    this.hurry();
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => this.#inquiry.subscribe(listener);

  readonly news = (): BootNews => this.#inquiry.news();

  /** Show these boards; asked for at once, the old ones stay until the answer is there. */
  setView(view: BootView): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.hurry();
  }

  /** Ask now: after a change, or when the page is seen again. */
  hurry(): void {
    this.#inquiry.hurry();
  }

  close(): void {
    this.#inquiry.close();
  }

  async #ask(signal: AbortSignal): Promise<Partial<BootNews>> {
    const { rest, wave } = this.#parts;
    const view = this.#view;
    const boot = await rest.get<BootAnswer>("/boot", signal);
    signal.throwIfAborted();
    const { query, words, groups } = askFor(view, boot, wave(), this.#groups);
    this.#groups = groups;
    try {
      const { lanes } = await rest.get<LanesAnswer>(`/boot/lanes${query}`, signal);
      signal.throwIfAborted();
      return { boot, words, lanes: this.#read(lanes) };
    } catch (thrown) {
      if (isSilence(thrown)) throw thrown;
      return { boot, words, problem: messageOf(thrown) };
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
}
