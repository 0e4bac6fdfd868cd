import type { Clock, Millis } from "@bramble/core/base";
import type { Cluster, Group, OutletId } from "@bramble/core/cluster";
import type { StateKind } from "@bramble/core/observe";
import type { Bus } from "../bus.ts";
import type { Roster } from "../register/roster.ts";
import { isUp } from "./facts.ts";
import type { Outlets } from "./outlets.ts";

/** Which outlets are not believed, and why. A PDU may say "on" and have switched nothing. */
export type Doubts = Disposable & {
  /** What speaks against what the outlet says, or null. */
  of(outlet: OutletId): string | null;
  /** It was switched and read back otherwise. */
  contradicted(outlet: OutletId, why: string): void;
};

/**
 * Watch whether outlets do what they say. One that reads on is doubted when none of its boards shows any life for
 * `patienceMs` while boards elsewhere do; one that reads off when its boards go on talking; one that was off and on again
 * when one of them has run for longer than that.
 */
export function watchDoubts(parts: {
  readonly cluster: Cluster;
  readonly outlets: Outlets;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly paced: Clock;
  readonly patienceMs: Millis;
}): Doubts {
  const { cluster, outlets, roster, bus, clock, paced, patienceMs } = parts;
  const groupOf = new Map(cluster.groups.flatMap((group) => group.boards.map((board) => [board, group] as const)));
  /** When a group's outlet was switched last, as far as it says. */
  const poweredAt = new Map<Group, Millis>();
  const aliveAt = new Map<Group, Millis>();
  /** Groups that were off and on again since this head looks, with the true time at which they read off last. */
  const cycledAt = new Map<Group, Millis>();
  const seenOffAt = new Map<OutletId, Millis>();
  const doubted = new Map<OutletId, string>();
  /** Doubted because of what was read back: only another switching settles that. */
  const contradictions = new Set<OutletId>();

  const alive = (board: string): void => {
    const group = groupOf.get(board);
    if (group !== undefined) aliveAt.set(group, paced.monotonic());
  };
  const believe = (outlet: OutletId, why: string): void => {
    contradictions.delete(outlet);
    if (!doubted.delete(outlet)) return;
    bus.emit("event", { kind: "outlet.believed", level: "info", board: null, message: `${outlet}: ${why}` });
  };
  const doubt = (outlet: OutletId, why: string): void => {
    const isNew = !doubted.has(outlet);
    doubted.set(outlet, why);
    if (isNew) bus.emit("event", { kind: "outlet.doubted", level: "warn", board: null, message: `${outlet} ${why}` });
  };
  const upOf = (group: Group): number => group.boards.filter((name) => isUp(roster.byName(name))).length;

  const contradict = (outlet: OutletId, why: string): void => {
    contradictions.add(outlet);
    doubt(outlet, why);
  };
  /** A board that has run since before its outlet was seen off last never lost its power. */
  const compare = (board: string, uptimeS: number | null): void => {
    const group = groupOf.get(board);
    const at = group === undefined ? undefined : cycledAt.get(group);
    if (group === undefined || at === undefined || uptimeS === null) return;
    const passed = clock.monotonic() - at;
    if (passed < lingerMs || uptimeS * 1000 < passed + lingerMs) return;
    cycledAt.delete(group);
    const seconds = Math.round(passed / 1000);
    contradict(
      group.outlet,
      `was off and on again ${seconds} s ago, but ${board} has run for ${uptimeS} s: it kept power`,
    );
  };

  const judge = (group: Group, now: Millis): void => {
    const { outlet, boards } = group;
    const on = outlets.reads(outlet);
    const heardAt = aliveAt.get(group) ?? Number.NEGATIVE_INFINITY;
    if (on === false) {
      const offAt = poweredAt.get(group) ?? now;
      if (upOf(group) > 0 && heardAt > offAt + lingerMs)
        doubt(outlet, `reads off, but ${upOf(group)} of its ${boards.length} boards answer`);
      else if (upOf(group) === 0 && now - offAt > settledMs && !contradictions.has(outlet)) doubted.delete(outlet);
      return;
    }
    const since = poweredAt.get(group);
    if (on !== true || since === undefined) return;
    if (heardAt >= since || upOf(group) > 0) {
      if (!contradictions.has(outlet)) believe(outlet, "boards behind it answer");
      return;
    }
    if (now - since < patienceMs) return;
    const others = cluster.groups.filter((other) => other !== group && (aliveAt.get(other) ?? 0) > since);
    const count = others.reduce((sum, other) => sum + upOf(other), 0);
    if (count === 0) return;
    const watts = outlets.all().find((view) => view.outlet.id === outlet)?.reading.watts ?? null;
    const draw = watts !== null && watts < 1 ? ` and it draws ${watts} W` : "";
    const seconds = Math.round((now - since) / 1000);
    const who = boards.length === 1 ? `${boards[0]} shows no life` : `none of its ${boards.length} boards shows life`;
    doubt(outlet, `reads on for ${seconds} s, but ${who} while ${count} elsewhere are up${draw}`);
  };

  const timer = clock.every(lookMs, () => {
    const now = paced.monotonic();
    for (const group of cluster.groups) judge(group, now);
  });
  const ends = [
    bus.on("power.switched", ({ outlet, on }) => {
      const now = paced.monotonic();
      for (const group of cluster.groups) {
        if (group.outlet !== outlet) continue;
        poweredAt.set(group, now);
        const at = seenOffAt.get(outlet);
        if (on && at !== undefined) cycledAt.set(group, at);
      }
      if (on) seenOffAt.delete(outlet);
      else seenOffAt.set(outlet, clock.monotonic());
      if (contradictions.has(outlet)) believe(outlet, "it was switched after all");
    }),
    // Nobody sees when it comes on while its PDU is away: what counts is when it was seen off last.
    bus.on("power.read", ({ pdu }) => {
      if (seenOffAt.size === 0) return;
      for (const { outlet, reading, error } of outlets.all())
        if (outlet.pdu === pdu && error === null && reading.on === false) seenOffAt.set(outlet.id, clock.monotonic());
    }),
    bus.on("boot.reported", ({ record }) => alive(record.name)),
    bus.on("lane.moved", ({ board }) => alive(board)),
    bus.on("link.opened", ({ record }) => alive(record.name)),
    bus.on("samples.stored", ({ newest }) => {
      for (const { mac, sample } of newest) {
        const entry = roster.byMac(mac);
        if (entry === null) continue;
        alive(entry.name);
        compare(entry.name, sample.uptimeS);
      }
    }),
    bus.on("board.standing", ({ record, now }) => {
      if (signsOfLife.has(now.state.kind)) alive(record.name);
    }),
  ];
  return {
    of: (outlet) => doubted.get(outlet) ?? null,
    contradicted: contradict,
    [Symbol.dispose]() {
      timer.cancel();
      for (const end of ends) end();
    },
  };
}

const signsOfLife: ReadonlySet<StateKind> = new Set(["leasing", "loading", "starting", "up", "draining"]);
const lookMs: Millis = 1000;
/** An outlet that was switched off for good, and whose boards are quiet, is no riddle any more. */
const settledMs: Millis = 60_000;
/** What was on its way when the power went still arrives. */
const lingerMs: Millis = 15_000;
