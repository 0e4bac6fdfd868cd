import type { Mac, Millis } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { BoardRecord } from "@bramble/core/register";
import { placesOf, strangerName } from "@bramble/core/register";
import type { Entry, Roster } from "./roster.ts";
import type { Seat } from "./seen.ts";

/** The roster's own hand: who sits where. Changes memory only; the registry makes it durable. */
export type Seats = {
  readonly roster: Roster;
  /**
   * The seat of a board, found or given. `moved` are boards that had to leave it and their new seats.
   *
   * @returns null when no more strangers are taken.
   */
  seat(mac: Mac, address: string | null): { seat: Seat; moved: readonly Mac[]; conflict: string | null } | null;
  /** Put a known board back where it sat, by the name of its place; a place that is gone makes it a stranger. */
  restore(mac: Mac, slotName: string | null): Seat;
  /** Replace what an entry tells. */
  change(index: number, change: Partial<Omit<Entry, "index" | "name" | "slot">>): void;
};

/** @param onChange hears of every entry that was replaced. */
export function createSeats(
  cluster: Cluster,
  startedAt: Millis,
  maxStrangers: number,
  onChange: (index: number) => void,
): Seats {
  const places = placesOf(cluster);
  const unseen = (seat: Seat): Entry => ({
    ...seat,
    record: null,
    standing: { state: { kind: "off" }, since: startedAt },
    latest: null,
    boot: null,
    isLinked: false,
    isWorking: false,
  });
  const entries: Entry[] = cluster.boards.map((slot) => unseen({ index: slot.index, name: slot.name, slot }));
  const byName = new Map(entries.map(({ name, index }) => [name, index]));
  const byMac = new Map<Mac, number>();
  const macAt = new Map<number, Mac>();
  const slots = new Map(cluster.boards.map((slot) => [slot.name, slot]));
  /** Indexes of strangers that were given a place: reused, so that the layout has no holes for long. */
  const vacant: number[] = [];

  const entryOf = (mac: Mac): Entry | null => entries[byMac.get(mac) ?? -1] ?? null;

  const strangers = (): number => entries.length - cluster.boards.length - vacant.length;

  const strangerSeat = (mac: Mac): Seat => {
    const index = vacant.pop() ?? entries.length;
    const name = strangerName(mac, (wanted) => byName.has(wanted));
    return { index, name, slot: null };
  };

  const sit = (mac: Mac, seat: Seat, carried: Entry | null): void => {
    const record: BoardRecord | null = carried?.record ?? null;
    entries[seat.index] = { ...(carried ?? entries[seat.index] ?? unseen(seat)), ...seat, record };
    byName.set(seat.name, seat.index);
    byMac.set(mac, seat.index);
    macAt.set(seat.index, mac);
    onChange(seat.index);
  };

  const leave = (mac: Mac): Entry | null => {
    const entry = entryOf(mac);
    if (entry === null) return null;
    const { index, name, slot } = entry;
    byMac.delete(mac);
    macAt.delete(index);
    entries[index] = unseen({ index, name, slot });
    if (slot === null) {
      byName.delete(name);
      vacant.push(index);
    }
    onChange(index);
    return entry;
  };

  const isLive = ({ isLinked, standing }: Entry): boolean => isLinked || liveStates.has(standing.state.kind);

  return {
    roster: {
      all: () => entries,
      byMac: entryOf,
      byName: (name) => entries[byName.get(name) ?? -1] ?? null,
      at: (index) => entries[index] ?? null,
    },
    seat(mac, address) {
      const current = entryOf(mac);
      const resolution = places.resolve({ mac, address }, current?.slot ?? null, (index) => {
        const holder = macAt.get(index);
        return holder === undefined ? null : { mac: holder, isLive: isLive(entries[index]!) };
      });
      if (resolution.kind === "stranger") {
        const conflict =
          resolution.conflict === null ? null : `${resolution.conflict.slot} is held by ${resolution.conflict.holder}`;
        if (current !== null && current.slot === null) return { seat: current, moved: [], conflict };
        if (strangers() >= maxStrangers) return null;
        const carried = leave(mac);
        const seat = strangerSeat(mac);
        sit(mac, seat, carried);
        return { seat, moved: [], conflict };
      }
      const { slot } = resolution;
      const seat = { index: slot.index, name: slot.name, slot };
      if (current !== null && current.index === slot.index) return { seat, moved: [], conflict: null };
      const holder = macAt.get(slot.index);
      const moved: Mac[] = [];
      if (holder !== undefined) {
        const carried = leave(holder);
        sit(holder, strangerSeat(holder), carried);
        moved.push(holder);
      }
      sit(mac, seat, leave(mac));
      return { seat, moved, conflict: null };
    },
    restore(mac, slotName) {
      const slot = slotName === null ? undefined : slots.get(slotName);
      const named = cluster.boards.find((other) => other.mac === mac);
      const target = named ?? (slot !== undefined && slot.mac === null ? slot : undefined);
      const free = target !== undefined && !macAt.has(target.index) ? target : undefined;
      const seat = free === undefined ? strangerSeat(mac) : { index: free.index, name: free.name, slot: free };
      sit(mac, seat, null);
      return seat;
    },
    change(index, change) {
      const entry = entries[index];
      if (entry === undefined) return;
      entries[index] = { ...entry, ...change };
      onChange(index);
    },
  };
}

const liveStates: ReadonlySet<string> = new Set(["up", "draining", "leasing", "loading", "starting"]);
