import type { PowerAnswer, PowerLimitsAnswer, PowerPlanAnswer } from "@bramble/core/api";
import type { Clock, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Rest } from "../live/rest.ts";
import { isSilence } from "../live/rest.ts";

/** What is known of power; a lost head takes nothing away. */
export type PowerNews = {
  readonly power: PowerAnswer | null;
  readonly limits: PowerLimitsAnswer["limits"];
  /** Plans that run, then those that ended while this page was open and were not put away. */
  readonly plans: readonly PowerPlanAnswer[];
  /** The page's time of the last answer. */
  readonly at: Millis | null;
  /** Since when the head does not answer; null while it does. */
  readonly lostSince: Millis | null;
  /** What it says against the question. */
  readonly problem: string | null;
};

/** What watching needs. */
export type PowerWatchParts = {
  readonly rest: Pick<Rest, "get">;
  readonly clock: Clock;
  /** False while nobody looks: then nothing is asked. */
  readonly isSeen: () => boolean;
};

/** How often is asked: while a plan runs, and else. The live stream tells of no outlet; its events hurry us. */
const everyMs = { running: 1000, calm: 3000 } as const;
const answerMs = 5000;
/** So many plans are followed at once, and so many that ended stay to be read. */
const mostPlans = 4;

/** Asks how power stands, and follows each plan that runs until it has ended and was read. */
export class PowerWatch {
  readonly #parts: PowerWatchParts;
  readonly #listeners = new Set<() => void>();
  readonly #timer: { cancel(): void };
  #asking: AbortController | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Plans that were begun here: shown even if they are over before the next look. */
  readonly #begun = new Set<string>();
  #news: PowerNews = { power: null, limits: [], plans: [], at: null, lostSince: null, problem: null };

  constructor(parts: PowerWatchParts) {
    this.#parts = parts;
    this.#timer = parts.clock.every(500, () => {
      const pause = everyMs[this.#isRunning() || this.#news.lostSince !== null ? "running" : "calm"];
      if (parts.isSeen() && this.#asking === null && parts.clock.monotonic() - this.#askedAt >= pause) void this.#ask();
    });
    void this.#ask();
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly news = (): PowerNews => this.#news;

  /** Ask with the next turn: after an event. What is being asked is not broken off, for events may come in crowds. */
  askSoon(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Ask now: after a change, or when the page is seen again. */
  hurry(): void {
    this.#asking?.abort();
    void this.#ask();
  }

  /** A plan was begun here: follow it, however soon it is over. */
  follow(id: string): void {
    this.#begun.add(id);
    this.hurry();
  }

  /** Show a plan that has ended no more. */
  putAway(id: string): void {
    this.#tell({ ...this.#news, plans: this.#news.plans.filter((plan) => plan.id !== id) });
  }

  close(): void {
    this.#timer.cancel();
    this.#asking?.abort();
  }

  #isRunning(): boolean {
    return this.#news.plans.some(({ endedAt }) => endedAt === null);
  }

  async #ask(): Promise<void> {
    const { rest, clock } = this.#parts;
    const asking = new AbortController();
    this.#asking = asking;
    this.#askedAt = clock.monotonic();
    const slow = clock.after(answerMs, () => asking.abort());
    try {
      const power = await rest.get<PowerAnswer>("/power", asking.signal);
      // A head that was away may be another one, with another cluster file.
      const isNew = this.#news.power === null || this.#news.lostSince !== null;
      const limits = isNew
        ? (await rest.get<PowerLimitsAnswer>("/power/limits", asking.signal)).limits
        : this.#news.limits;
      const plans = await this.#follow(power, asking.signal);
      if (this.#asking !== asking) return;
      this.#tell({ power, limits, plans, at: clock.now(), lostSince: null, problem: null });
    } catch (thrown) {
      if (this.#asking !== asking) return;
      if (isSilence(thrown)) this.#tell({ ...this.#news, lostSince: this.#news.lostSince ?? clock.now() });
      else this.#tell({ ...this.#news, problem: messageOf(thrown) });
    } finally {
      slow.cancel();
      if (this.#asking === asking) this.#asking = null;
    }
  }

  /** The running plans with their steps; those that ran at the last look are asked for once more, to see their end. */
  async #follow(power: PowerAnswer, signal: AbortSignal): Promise<readonly PowerPlanAnswer[]> {
    const running = power.running.map(({ id }) => id).slice(0, mostPlans);
    const before = this.#news.plans;
    const open = [...before.filter(({ endedAt }) => endedAt === null).map(({ id }) => id), ...this.#begun];
    const ended = [...new Set(open)].filter((id) => !running.includes(id));
    const asked = await Promise.all(
      [...running, ...ended].map((id) =>
        this.#parts.rest.get<PowerPlanAnswer>(`/power/plans/${encodeURIComponent(id)}`, signal),
      ),
    );
    this.#begun.clear();
    const kept = before.filter(({ id, endedAt }) => endedAt !== null && !running.includes(id) && !ended.includes(id));
    return [...asked, ...kept].slice(0, mostPlans);
  }

  #tell(news: PowerNews): void {
    this.#news = news;
    for (const listener of this.#listeners) listener();
  }
}
