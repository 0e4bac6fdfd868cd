import type { Clock, Mac, Millis } from "@bramble/core/base";
import type { BootClient, BootEvent, Diagnosis, Lane, LanePace } from "@bramble/core/boot";
import { bootTook, diagnose, dueAt, laneTerms, newLane, stepLane, stopLane } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";
import type { Entry } from "../register/roster.ts";
import { createNeighbourhood } from "./neighbourhood.ts";

/** Something that the servers saw of a board, as it is kept for a look at its last boot. */
type SeenEvent = { readonly at: Millis; readonly event: BootEvent };

/** A board's lane as it is kept. Times of the lane and its events are monotonic. */
type KeptLane = {
  readonly lane: Lane;
  /** Grows with every change of any lane. */
  readonly version: number;
  readonly events: readonly SeenEvent[];
};

/** The lanes of all boards. In memory: after a restart of the head a boot under way is seen from where it is. */
export type Lanes = Disposable & {
  /** A server saw something of a board. */
  tell(mac: Mac, event: BootEvent): void;
  /** The lane of a board of the roster; an idle one where nothing was seen. */
  of(entry: Entry): KeptLane;
  /** The firmware that a board boots by, once it has asked. */
  clientOf(mac: Mac): BootClient | null;
  /** What may be wrong with it now, or null. Judges all boards at one moment: for a list take one `judge`. */
  judge(): (entry: Entry) => Diagnosis | null;
  /** The newest version of all lanes. */
  version(): number;
};

/** What the lanes are made of. */
export type LaneParts = {
  readonly cluster: Cluster;
  readonly registry: Pick<Registry, "roster" | "apply" | "bootStep">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly pace: LanePace;
  /** Other DHCP servers that are heard now. */
  readonly rogues: () => readonly string[];
  /** A board has begun a boot: it may be told something else than in the one before. */
  readonly began: (mac: Mac) => void;
};

/** Watch the boards boot: what servers, power and links tell becomes lanes, states of the boards and `lane.stopped`. */
export function createLanes({ cluster, registry, bus, clock, pace, rogues, began }: LaneParts): Lanes {
  const { roster } = registry;
  const byMac = new Map<Mac, Kept>();
  /** Places that got power before anybody knew who sits there. */
  const byPlace = new Map<string, Kept>();
  const neighbourhood = createNeighbourhood(cluster, roster, (entry) => laneOf(entry));
  const silence = { silenceMs: Math.max(pace.leastMs, laneTerms.silenceMs / pace.speed) };
  const idle = newLane();
  let version = 0;

  const keptOf = (entry: Entry): Kept | undefined => {
    const mac = entry.record?.mac ?? entry.slot?.mac ?? null;
    return (mac === null ? undefined : byMac.get(mac)) ?? byPlace.get(entry.name);
  };
  const laneOf = (entry: Entry): Lane => keptOf(entry)?.lane ?? idle;

  const fresh = (): Kept => ({ lane: idle, version: 0, events: [], reported: "", movedAt: Number.NEGATIVE_INFINITY });
  const kept = (mac: Mac): Kept => {
    const known = byMac.get(mac);
    if (known !== undefined) return known;
    const made = fresh();
    byMac.set(mac, made);
    forgetStrangers();
    return made;
  };
  /** Whoever makes up MACs fills nothing: the strangers that were seen first are forgotten. */
  const forgetStrangers = (): void => {
    for (const mac of byMac.keys()) {
      if (byMac.size <= cluster.boards.length + maxStrangers) return;
      if (roster.byMac(mac)?.slot == null) byMac.delete(mac);
    }
  };

  const step = (each: Kept, event: BootEvent): void => {
    const before = each.lane;
    // A link that opens anew is no part of a boot that is over.
    if (event.kind === "registered" && before.state.kind === "up") return;
    note(each.events, { at: clock.monotonic(), event });
    each.lane = stepLane(before, event, clock.monotonic(), silence);
    if (each.lane === before) return;
    each.version = ++version;
    if (each.lane.state.kind === "up" && before.state.kind !== "up" && each.lane.attempt > 0)
      bus.emit("lane.done", { tookMs: bootTook(each.lane, clock.monotonic()) ?? 0 });
  };

  /** Tells the registry of a new step, once it knows the board. */
  const report = (mac: Mac, each: Kept): void => {
    const { at, state, attempt } = each.lane;
    if (state.kind !== "booting" || at === null) return;
    const key = `${attempt}/${at}`;
    if (each.reported !== key && registry.bootStep(mac, { step: at, failed: null })) each.reported = key;
  };

  const moved = (mac: Mac, each: Kept): void => {
    const { state, heardAt } = each.lane;
    const entry = roster.byMac(mac);
    if (state.kind !== "booting" || heardAt === null || entry === null || heardAt - each.movedAt < sparingMs) return;
    each.movedAt = heardAt;
    bus.emit("lane.moved", { board: entry.name });
  };

  /** It gave no sign for too long. */
  const stop = (entry: Entry, each: Kept): void => {
    each.lane = stopLane(each.lane, clock.monotonic(), null);
    const found = stopped(entry, each);
    if (found === null) return;
    const reason = found.cause.replace(/\.$/, "");
    registry.apply(entry.index, { kind: "given-up", step: found.step, reason });
  };
  const stopped = (entry: Entry, each: Kept): Diagnosis | null => {
    each.version = ++version;
    each.reported = "";
    const found = diagnosisOf(entry, each.lane, clock.monotonic());
    if (found !== null) bus.emit("lane.stopped", { board: entry.name, group: entry.slot?.group ?? null, ...found });
    return found;
  };

  const diagnosisOf = (entry: Entry, lane: Lane, now: Millis, around = neighbourhood(now)): Diagnosis | null => {
    const { state, since } = entry.standing;
    const goneMs = state.kind === "silent" && state.cause !== "power" ? clock.now() - since : null;
    return diagnose(lane, now, {
      neighbours: around(entry),
      model: entry.record?.model ?? entry.slot?.model ?? null,
      rogue: rogues()[0] ?? null,
      goneSince: goneMs === null ? null : now - goneMs,
      pace,
    });
  };

  const sweep = (): void => {
    const now = clock.monotonic();
    for (const entry of roster.all()) {
      const each = keptOf(entry);
      if (each === undefined) continue;
      if (entry.record !== null) report(entry.record.mac, each);
      const due = dueAt(each.lane, pace);
      if (due !== null && now >= due) stop(entry, each);
    }
  };
  const sweeping = clock.every(sweepMs, sweep);

  const powered = (name: string, on: boolean): void => {
    const entry = roster.byName(name);
    if (entry === null) return;
    // What reads as switched on while the board talks to us was on all the time.
    if (on && entry.isLinked && laneOf(entry).state.kind === "up") return;
    const mac = entry.record?.mac ?? entry.slot?.mac ?? null;
    const each = mac === null ? (byPlace.get(name) ?? fresh()) : kept(mac);
    if (mac === null) byPlace.set(name, each);
    step(each, { kind: "power", on });
  };

  /** The board of a place is known now: what was seen of the place is its own. */
  const moveIn = (mac: Mac, name: string): void => {
    const place = byPlace.get(name);
    if (place === undefined) return;
    byPlace.delete(name);
    const own = byMac.get(mac);
    if (own === undefined) byMac.set(mac, place);
    else if (own.lane.poweredAt === null) own.lane = { ...own.lane, poweredAt: place.lane.poweredAt };
  };

  const ends = [
    bus.on("power.switched", ({ on, boards }) => {
      for (const name of boards) powered(name, on);
    }),
    bus.on("board.registered", ({ record }) => {
      moveIn(record.mac, record.name);
      const own = byMac.get(record.mac);
      if (own !== undefined) report(record.mac, own);
    }),
    bus.on("link.opened", ({ record }) => step(kept(record.mac), { kind: "registered" })),
    bus.on("board.standing", ({ record, now }) => {
      const { kind } = now.state;
      if (kind === "up" || kind === "draining") step(kept(record.mac), { kind: "registered" });
    }),
    // A board tells its step itself: over its link, or by POST /boot.
    bus.on("boot.reported", ({ record, report: { step: at, failed }, isSeen }) => {
      if (isSeen) return;
      const each = kept(record.mac);
      const wasStopped = each.lane.state.kind === "stopped";
      step(each, { kind: "told", step: at, failed });
      each.reported = `${each.lane.attempt}/${each.lane.at}`;
      const entry = roster.byMac(record.mac);
      if (each.lane.state.kind === "stopped" && !wasStopped && entry !== null) stopped(entry, each);
    }),
  ];

  return {
    tell(mac, event) {
      const each = kept(mac);
      const { attempt } = each.lane;
      step(each, event);
      if (each.lane.attempt > attempt) began(mac);
      moved(mac, each);
      report(mac, each);
    },
    of: (entry) => keptOf(entry) ?? { lane: idle, version: 0, events: [] },
    clientOf: (mac) => byMac.get(mac)?.lane.client ?? null,
    judge() {
      const now = clock.monotonic();
      const around = neighbourhood(now);
      return (entry) => {
        const { lane } = keptOf(entry) ?? { lane: idle };
        return lane.state.kind === "idle" ? null : diagnosisOf(entry, lane, now, around);
      };
    },
    version: () => version,
    [Symbol.dispose]() {
      sweeping.cancel();
      for (const end of ends) end();
    },
  };
}

type Kept = { lane: Lane; version: number; readonly events: SeenEvent[]; reported: string; movedAt: Millis };

const sweepMs: Millis = 500;
const sparingMs: Millis = 200;
const maxStrangers = 2000;
/** A boot of a Pi 3B+ is some 130 events. */
const maxEvents = 160;

/** Keeps the newest events; of a file on its way the newest news. */
function note(events: SeenEvent[], seen: SeenEvent): void {
  const last = events.at(-1)?.event;
  const { event } = seen;
  const isMoving = (each: BootEvent | undefined): boolean => each?.kind === "file" && each.news === "moving";
  if (isMoving(event) && isMoving(last)) events.pop();
  else if (events.length >= maxEvents) events.shift();
  events.push(seen);
}
