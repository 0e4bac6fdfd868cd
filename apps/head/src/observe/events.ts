import type { EventBody } from "@bramble/core/api";
import type { Clock, Logger, Timer } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Bus } from "../bus.ts";
import type { EventStore } from "../store/events.ts";

/** The log of events for people: each gets its number at once and is kept soon after. */
export type EventLog = AsyncDisposable & {
  /** Newest first, older than `before`. */
  list(limit: number, before?: number): EventBody[];
};

/** Keeps every `event` of the bus and tells it, numbered, as `event.kept`. */
export function keepEvents(parts: {
  readonly store: EventStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
}): EventLog {
  const { store, bus, clock, log } = parts;
  let lastId = store.lastId();
  let pending: EventBody[] = [];
  let timer: Timer | null = null;

  const flush = async (): Promise<void> => {
    timer?.cancel();
    timer = null;
    const events = pending;
    if (events.length === 0) return;
    try {
      await store.append(events);
      pending = pending.filter((event) => !events.includes(event));
    } catch (thrown) {
      log.warn({ events: events.length, error: messageOf(thrown) }, "events not kept; trying again");
      pending = pending.slice(-maxPending);
    }
    if (pending.length > 0) timer ??= clock.after(retryMs, () => void flush());
  };

  const end = bus.on("event", ({ kind, level, board, message }) => {
    const event: EventBody = { id: ++lastId, at: clock.now(), kind, level, board, message };
    // A flood keeps its newest: events are for people.
    if (pending.length >= maxPending) pending.shift();
    pending.push(event);
    timer ??= clock.after(soonMs, () => void flush());
    bus.emit("event.kept", { event });
  });

  return {
    list(limit, before = Number.MAX_SAFE_INTEGER) {
      const newest = pending.filter(({ id }) => id < before).reverse();
      const known = new Set(newest.map(({ id }) => id));
      const older = store.list(limit, before).filter(({ id }) => !known.has(id));
      return [...newest, ...older].sort((a, b) => b.id - a.id).slice(0, limit);
    },
    async [Symbol.asyncDispose]() {
      end();
      await flush();
      timer?.cancel();
    },
  };
}

const soonMs = 250;
const retryMs = 5000;
const maxPending = 1000;
