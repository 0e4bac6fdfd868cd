import type { Millis } from "../base/index.ts";
import { dateIn, nextMoment } from "./schedule.ts";

/** Energy by day, as far as it was measured. Plain data: it survives a restart. */
export type EnergyBook = {
  /** kWh by date in the cluster's time zone. */
  readonly days: Readonly<Record<string, number>>;
  readonly last: { readonly at: Millis; readonly watts: number } | null;
  /** Time for which nobody knows what was drawn. */
  readonly unknownMs: Millis;
};

/** An empty book. */
export const noEnergy: EnergyBook = { days: {}, last: null, unknownMs: 0 };

/** A reading holds so long; what lies beyond is unknown, not guessed. */
export const holdMs: Millis = 60_000;

/** How many days are kept. */
export const keptDays = 400;

/**
 * The book after a reading of all watts together. Each reading holds until the next, an hour of 1000 W is one kWh, and
 * what runs over midnight is split there.
 *
 * @param at UTC, in milliseconds; readings older than the last are left out.
 */
export function addReading(book: EnergyBook, at: Millis, watts: number, zone: string): EnergyBook {
  const { last } = book;
  if (last === null) return { ...book, last: { at, watts } };
  if (at <= last.at) return book;
  const until = Math.min(at, last.at + holdMs);
  const days: Record<string, number> = { ...book.days };
  const add = (date: string, ms: Millis): void => {
    days[date] = (days[date] ?? 0) + (last.watts * ms) / 3_600_000_000;
  };
  const [first, second] = [dateIn(zone, last.at), dateIn(zone, until)];
  // A reading holds for a minute, so there is one midnight in it at most.
  const split = first === second ? until : Math.min(until, nextMoment({ at: "00:00", zone }, last.at));
  add(first, split - last.at);
  if (split < until) add(second, until - split);
  const kept = Object.entries(days)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-keptDays);
  return { days: Object.fromEntries(kept), last: { at, watts }, unknownMs: book.unknownMs + (at - until) };
}

/** What energy costs, in the currency of the price; to a hundredth. */
export function costOf(kwh: number, pricePerKwh: number): number {
  return Math.round(kwh * pricePerKwh * 100) / 100;
}
