import type { PowerAnswer, PowerLimitsAnswer, PowerPlanAnswer } from "@bramble/core/api";
import type { Clock } from "@bramble/core/base";
import { type Asked, Inquiry, unasked } from "../live/inquiry.ts";
import type { Rest } from "../live/rest.ts";

/** What is known of power. */
export type PowerNews = Asked & {
  readonly power: PowerAnswer | null;
  readonly limits: PowerLimitsAnswer["limits"];
  /** Plans that run, then those that ended while this page was open and were not put away. */
  readonly plans: readonly PowerPlanAnswer[];
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
/** So many plans are followed at once, and so many that ended stay to be read. */
const mostPlans = 4;

/** Asks how power stands, and follows each plan that runs until it has ended and was read. */
export class PowerWatch {
  readonly #rest: PowerWatchParts["rest"];
  readonly #inquiry: Inquiry<PowerNews>;
  /** Plans that were begun here: shown even if they are over before the next look. */
  readonly #begun = new Set<string>();

  constructor({ rest, clock, isSeen }: PowerWatchParts) {
    this.#rest = rest;
    const pauseMs = () => everyMs[this.#isRunning() || this.news().lostSince !== null ? "running" : "calm"];
    const ask = (signal: AbortSignal) => this.#ask(signal);
    const first = { power: null, limits: [], plans: [], ...unasked };
    this.#inquiry = new Inquiry({ clock, isSeen, tickMs: 500, pauseMs, ask }, first);
    this.hurry();
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => this.#inquiry.subscribe(listener);

  readonly news = (): PowerNews => this.#inquiry.news();

  /** Ask with the next turn: after an event. */
  askSoon(): void {
    this.#inquiry.askSoon();
  }

  /** Ask now: after a change, or when the page is seen again. */
  hurry(): void {
    this.#inquiry.hurry();
  }

  /** A plan was begun here: follow it, however soon it is over. */
  follow(id: string): void {
    this.#begun.add(id);
    this.hurry();
  }

  /** Show a plan that has ended no more. */
  putAway(id: string): void {
    this.#inquiry.change({ plans: this.news().plans.filter((plan) => plan.id !== id) });
  }

  close(): void {
    this.#inquiry.close();
  }

  #isRunning(): boolean {
    return this.news().plans.some(({ endedAt }) => endedAt === null);
  }

  async #ask(signal: AbortSignal): Promise<Partial<PowerNews>> {
    const power = await this.#rest.get<PowerAnswer>("/power", signal);
    const before = this.news();
    // A head that was away may be another one, with another cluster file.
    const isNew = before.power === null || before.lostSince !== null;
    const limits = isNew ? (await this.#rest.get<PowerLimitsAnswer>("/power/limits", signal)).limits : before.limits;
    return { power, limits, plans: await this.#follow(power, signal) };
  }

  /** The running plans with their steps; those that ran at the last look are asked for once more, to see their end. */
  async #follow(power: PowerAnswer, signal: AbortSignal): Promise<readonly PowerPlanAnswer[]> {
    const running = power.running.map(({ id }) => id).slice(0, mostPlans);
    const before = this.news().plans;
    const open = [...before.filter(({ endedAt }) => endedAt === null).map(({ id }) => id), ...this.#begun];
    const ended = [...new Set(open)].filter((id) => !running.includes(id));
    const asked = await Promise.all(
      [...running, ...ended].map((id) =>
        this.#rest.get<PowerPlanAnswer>(`/power/plans/${encodeURIComponent(id)}`, signal),
      ),
    );
    this.#begun.clear();
    const kept = before.filter(({ id, endedAt }) => endedAt !== null && !running.includes(id) && !ended.includes(id));
    return [...asked, ...kept].slice(0, mostPlans);
  }
}
