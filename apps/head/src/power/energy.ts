import type { Clock, Logger, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { addReading, costOf, type EnergyBook, noEnergy } from "@bramble/core/power";
import type { PowerJournal } from "../store/power-plans.ts";
import type { Outlets } from "./outlets.ts";

/** What one day took. */
type EnergyDay = {
  /** `2026-03-29` in the cluster's time zone. */
  readonly day: string;
  readonly kWh: number;
  /** Null while nobody has told the price of a kilowatt-hour. */
  readonly cost: number | null;
  /** False: no outlet measures, and the figure is what the file says of what is on. */
  readonly isMeasured: boolean;
};

/** Counts energy by the day. */
export type Energy = AsyncDisposable & { days(): readonly EnergyDay[] };

/** Counts what the outlets draw; the book is kept over restarts. */
export function countEnergy(parts: {
  readonly cluster: Cluster;
  readonly outlets: Outlets;
  readonly journal: Pick<PowerJournal, "word" | "say">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pricePerKwh: number | null;
}): Energy {
  const { cluster, outlets, journal, clock, log, pricePerKwh } = parts;
  let book = read(journal.word(key));
  let savedAt = clock.monotonic();
  let saving: Promise<void> = Promise.resolve();
  const save = (): void => {
    const text = JSON.stringify(book);
    saving = saving
      .then(() => journal.say(key, text))
      .catch((thrown) => log.warn({ error: messageOf(thrown) }, "energy not kept"));
  };
  const timer = clock.every(lookMs, () => {
    const watts = outlets.watts();
    if (watts === null) return;
    book = addReading(book, clock.now(), watts, cluster.timezone);
    if (clock.monotonic() - savedAt < saveMs) return;
    savedAt = clock.monotonic();
    save();
  });
  return {
    days: () =>
      Object.entries(book.days)
        .sort(([a], [b]) => (a < b ? 1 : -1))
        .slice(0, shownDays)
        .map(([day, kWh]) => ({
          ...{ day, kWh: Math.round(kWh * 1000) / 1000, isMeasured: true },
          cost: pricePerKwh === null ? null : costOf(kWh, pricePerKwh),
        })),
    async [Symbol.asyncDispose]() {
      timer.cancel();
      save();
      await saving;
    },
  };
}

function read(text: string | null): EnergyBook {
  try {
    return text === null ? noEnergy : { ...noEnergy, ...(JSON.parse(text) as EnergyBook) };
  } catch {
    return noEnergy;
  }
}

const key = "energy";
const lookMs: Millis = 10_000;
const saveMs: Millis = 60_000;
const shownDays = 31;
