import type { Hello } from "@bramble/core/api";
import type { Clock, Logger, Mac, Millis } from "@bramble/core/base";
import { ClusterError, messageOf, parseMac } from "@bramble/core/base";
import type { BootReport } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import type { BoardEvent, Standing } from "@bramble/core/observe";
import { stepBoard } from "@bramble/core/observe";
import type { BoardRecord } from "@bramble/core/register";
import type { Bus } from "../bus.ts";
import type { BoardStore, KnownBoard } from "../store/boards.ts";
import type { Entry, Roster } from "./roster.ts";
import { createSeats } from "./seats.ts";
import type { Seen } from "./seen.ts";
import { isSame, recordAfter } from "./seen.ts";

/** The answer to a hello. */
type Registered =
  | { readonly kind: "registered"; readonly record: BoardRecord; readonly isNew: boolean }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** What other rooms may set of an entry. */
type Noted = Partial<Pick<Entry, "latest" | "boot" | "isLinked" | "isWorking">>;

/** All boards: who they are, durably, and how they stand. */
export type Registry = AsyncDisposable & {
  readonly roster: Roster;
  /** A board's agent speaks. Idempotent; durable when it resolves. */
  register(hello: Hello): Promise<Registered>;
  /**
   * A board was seen before or without its agent: a boot report, a sample by REST.
   *
   * @throws ClusterError `limit.boards`, `limit.rate`, `store.unavailable`.
   */
  discover(seen: Seen): Promise<BoardRecord>;
  /** A board told a step of its boot: discovered if need be, noted, its standing moved, `boot.reported` on the bus. */
  reportBoot(seen: Seen, report: BootReport): Promise<BoardRecord>;
  /** The servers saw a known board begin a step of its boot. False, and nothing else, while nobody knows the board. */
  bootStep(mac: Mac, report: BootReport): boolean;
  /** Move a board's standing; `board.standing` on the bus when that changed it. */
  apply(index: number, event: BoardEvent): void;
  note(index: number, change: Noted): void;
};

/** The limits of a registry. */
export type RegistryTerms = { readonly maxStrangers: number };

/** The registry, with the boards that the store knows back in the roster. */
export function createRegistry(parts: {
  readonly cluster: Cluster;
  readonly store: BoardStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly terms?: RegistryTerms;
}): Registry {
  const { cluster, store, bus, clock, log, terms = { maxStrangers: 20_000 } } = parts;
  const seats = createSeats(cluster, clock.now(), terms.maxStrangers, (index) => bus.emit("roster.changed", { index }));
  const { roster } = seats;
  const durable = new Map<Mac, BoardRecord>();
  const saving = new Map<Mac, { readonly record: BoardRecord; readonly done: Promise<boolean> }>();
  const changes = new Map<Mac, { since: Millis; count: number }>();
  const unsaved = new Set<Mac>();
  let isFailing = false;

  for (const known of store.all()) restore(known);

  /** Everything about the board as it is now in memory, for the store. */
  const kept = (mac: Mac): KnownBoard => {
    const { record, slot, standing } = roster.byMac(mac)!;
    return { record: record!, slot: slot?.name ?? null, standing };
  };

  /** Makes the record durable, unless it is; true when the board is new. */
  const keep = (mac: Mac, moved: readonly Mac[]): Promise<boolean> => {
    const record = roster.byMac(mac)!.record!;
    const before = durable.get(mac);
    if (moved.length === 0) {
      if (isSame(before, record)) return Promise.resolve(false);
      const underway = saving.get(mac);
      if (underway !== undefined && isSame(underway.record, record)) return underway.done;
    }
    const boards = [mac, ...moved].map(kept);
    const done = store.save(boards).then(
      () => {
        const isNew = !durable.has(mac);
        for (const known of boards) durable.set(known.record.mac, roster.byMac(known.record.mac)?.record ?? record);
        durable.set(mac, record);
        if (saving.get(mac)?.done === done) saving.delete(mac);
        bus.emit("board.registered", { record, isNew });
        return isNew;
      },
      (thrown) => {
        if (saving.get(mac)?.done === done) saving.delete(mac);
        throw thrown;
      },
    );
    saving.set(mac, { record, done });
    return done;
  };

  const see = async (seen: Seen): Promise<{ record: BoardRecord; isNew: boolean }> => {
    const now = clock.now();
    const known = roster.byMac(seen.mac)?.record ?? null;
    const given = seats.seat(seen.mac, seen.address ?? null);
    if (given === null)
      throw new ClusterError("limit.boards", `${terms.maxStrangers} boards without a place are known already`);
    const record = recordAfter(known, seen, given.seat, now);
    const isNews = !isSame(durable.get(seen.mac), record) && !isSame(saving.get(seen.mac)?.record, record);
    if (isNews && tooOften(seen.mac, now))
      throw new ClusterError("limit.rate", `${seen.mac} tells something new of itself too often`);
    seats.change(given.seat.index, { record });
    for (const mac of given.moved) {
      const entry = roster.byMac(mac)!;
      seats.change(entry.index, { record: recordAfter(entry.record, { mac }, entry, now) });
      log.info({ mac, name: entry.name, by: seen.mac }, "board gave up its place");
    }
    if (given.conflict !== null && known === null) {
      log.warn({ mac: seen.mac, conflict: given.conflict }, "two boards claim one place");
      bus.emit("event", {
        kind: "board.conflict",
        level: "warn",
        board: record.name,
        message: `${seen.mac} (${record.name}) has the address of a place that is taken: ${given.conflict}`,
      });
    }
    return { record, isNew: await keep(seen.mac, given.moved) };
  };

  /** Bounds the writes that one board can cause: 30 changes in ten seconds. */
  const tooOften = (mac: Mac, now: Millis): boolean => {
    let window = changes.get(mac);
    if (window === undefined || now - window.since > 10_000 || now < window.since) {
      window = { since: now, count: 0 };
      changes.set(mac, window);
    }
    return ++window.count > 30;
  };

  const keepStandings = async (): Promise<void> => {
    if (unsaved.size === 0) return;
    const macs = [...unsaved];
    unsaved.clear();
    const standings = macs.flatMap((mac) => {
      const entry = roster.byMac(mac);
      return entry === null ? [] : [{ mac, standing: entry.standing }];
    });
    try {
      await store.stand(standings);
      isFailing = false;
    } catch (thrown) {
      for (const mac of macs) unsaved.add(mac);
      if (!isFailing) log.warn({ boards: macs.length, error: messageOf(thrown) }, "standings not kept; trying again");
      isFailing = true;
    }
  };
  const keeping = clock.every(1000, () => void keepStandings());

  const stepped = (index: number, record: BoardRecord, report: BootReport, isSeen: boolean): void => {
    registry.note(index, { boot: { ...report, at: clock.now() } });
    registry.apply(index, { kind: "boot", ...report });
    bus.emit("boot.reported", { record, report, at: clock.now(), isSeen });
  };

  function restore({ record, slot, standing }: KnownBoard): void {
    const seat = seats.restore(record.mac, slot);
    const placed = recordAfter({ ...record, place: null }, { mac: record.mac }, seat, record.lastRegistered);
    durable.set(record.mac, { ...record, place: placed.place });
    seats.change(seat.index, { record: placed, standing: afterRestart(standing, record.lastRegistered) });
  }

  const registry: Registry = {
    roster,
    async register(hello) {
      const mac = parseMac(hello.mac);
      if (mac === null)
        return { kind: "refused", code: "input.mac", message: `"${hello.mac.slice(0, 40)}" is no MAC of a board` };
      const { serial, model, address, agent, cores, memoryMb, bootId, simulated = false } = hello;
      try {
        const told = { mac, serial, model, address, agent, cores, memoryMb, bootId, simulated };
        return { kind: "registered", ...(await see(told)) };
      } catch (thrown) {
        if (!(thrown instanceof ClusterError)) throw thrown;
        return { kind: "refused", code: thrown.code, message: thrown.message };
      }
    },
    async discover(seen) {
      return (await see(seen)).record;
    },
    async reportBoot(seen, report) {
      await see(seen);
      const { index, record } = roster.byMac(seen.mac)!;
      stepped(index, record!, report, false);
      return record!;
    },
    bootStep(mac, report) {
      const { index, record } = roster.byMac(mac) ?? { index: -1, record: null };
      if (record !== null) stepped(index, record, report, true);
      return record !== null;
    },
    apply(index, event) {
      const entry = roster.at(index);
      if (entry === null) return;
      const before = entry.standing;
      let now = stepBoard(before, event, clock.now());
      // In maintenance nobody watched whether it lives; its link tells.
      if (event.kind === "release" && entry.isLinked) now = stepBoard(now, { kind: "linked" }, clock.now());
      if (now === before) return;
      seats.change(index, { standing: now });
      if (entry.record === null) return;
      unsaved.add(entry.record.mac);
      bus.emit("board.standing", { record: entry.record, before, now });
    },
    note: (index, change) => seats.change(index, change),
    async [Symbol.asyncDispose]() {
      keeping.cancel();
      for (const end of subscriptions) end();
      await keepStandings();
    },
  };

  const subscriptions = [
    bus.on("power.switched", ({ on, boards }) => {
      for (const name of boards) {
        const entry = roster.byName(name);
        if (entry === null) continue;
        // What it told of its last boot says nothing of the next.
        if (!on && entry.boot !== null) registry.note(entry.index, { boot: null });
        registry.apply(entry.index, { kind: "powered", on });
      }
    }),
    bus.on("work.changed", ({ board, isWorking }) => {
      const entry = board === null ? null : roster.byName(board);
      if (entry !== null && entry.isWorking !== isWorking) registry.note(entry.index, { isWorking });
    }),
  ];
  return registry;
}

/** What is known of a board when the head starts: those that were alive, or on their way, are not heard from yet. */
function afterRestart(standing: Standing, heardAt: Millis): Standing {
  switch (standing.state.kind) {
    case "off":
    case "silent":
    case "failed":
    case "maintenance":
      return standing;
    default:
      return { ...standing, state: { kind: "silent", cause: "unknown" }, since: Math.max(standing.since, heardAt) };
  }
}
