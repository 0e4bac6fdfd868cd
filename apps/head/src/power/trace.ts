import type { Clock, Logger } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { OutletId } from "@bramble/core/cluster";
import type { Bus } from "../bus.ts";
import type { PowerJournal, TraceRecord } from "../store/power-plans.ts";
import type { Outlets } from "./outlets.ts";

/** Keeps every change of every outlet, whoever switched it, also those of a time in which no head was there to see. */
export function keepTrace(parts: {
  readonly outlets: Outlets;
  readonly journal: Pick<PowerJournal, "trace" | "traced">;
  readonly switching: ReadonlyMap<OutletId, number>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
}): AsyncDisposable & { readonly switches: () => number } {
  const { outlets, journal, switching, bus, clock, log } = parts;
  const known = new Map<OutletId, boolean>();
  for (const { outlet, on } of journal.trace(0, Number.MAX_SAFE_INTEGER)) known.set(outlet, on);
  let switches = 0;
  let waiting: TraceRecord[] = [];
  let writing: Promise<void> = Promise.resolve();

  const look = (): void => {
    const at = clock.now();
    for (const { outlet, reading } of outlets.all()) {
      if (reading.on === null) continue;
      const before = known.get(outlet.id);
      known.set(outlet.id, reading.on);
      if (reading.on === (before ?? outlet.alwaysOn)) continue;
      if (before !== undefined) switches++;
      waiting.push({ at, outlet: outlet.id, on: reading.on, plan: switching.get(outlet.id) ?? null });
    }
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    writing = writing
      .then(() => journal.traced(batch))
      .catch((thrown) => {
        log.warn({ moves: batch.length, error: messageOf(thrown) }, "trace of outlets not kept");
      });
  };
  // At the reading itself: what a head finds switched at its start is as old as its stagger counts it.
  const end = bus.on("power.read", look);
  return {
    switches: () => switches,
    async [Symbol.asyncDispose]() {
      end();
      await writing;
    },
  };
}
