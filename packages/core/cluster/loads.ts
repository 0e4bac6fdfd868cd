import type { BoardSlot, Cluster, Group, Outlet, OutletId, Pdu } from "./model.ts";

/** Watts of a set of things: working steadily, idle, and in the second after all were switched on together. */
type Load = { readonly steadyWatts: number; readonly idleWatts: number; readonly startWatts: number };

/** Looks up loads in one cluster; made once, asked often. */
export type Loads = {
  /** All boards of these names. */
  ofBoards(names: readonly string[]): Load;
  /** What hangs directly on an outlet, without outlets behind it. */
  ofOutlet(outlet: Outlet): Load;
  /** Switches and devices on one outlet, without boards. */
  ofThings(outlet: Outlet): number;
  /** Outlets whose current flows through a PDU: its own, and all behind them. */
  under(pdu: string): readonly Outlet[];
  /** The group on an outlet. */
  groupOn(outlet: OutletId): Group | undefined;
  /** Everything in the cluster except boards. */
  readonly things: number;
  /** Fed things whose watts the file does not say, so no sum counts them. */
  readonly uncounted: readonly string[];
};

/** Loads of one cluster. */
export function loadsOf(cluster: Cluster): Loads {
  const boards = new Map(cluster.boards.map((board) => [board.name, board]));
  const groupAt = new Map(cluster.groups.map((group) => [group.outlet, group]));
  const ofPdu = Map.groupBy(cluster.outlets, (outlet) => outlet.pdu);
  const behind = Map.groupBy(cluster.outlets, (outlet) => outlet.behind);
  const watts = new Map<string, number>();
  for (const one of cluster.switches) watts.set(one.id, one.watts);
  for (const device of cluster.devices) if (device.watts !== null) watts.set(device.id, device.watts);
  const supplies = new Set(cluster.supplies.map((supply) => supply.id));
  const fed = cluster.outlets.flatMap((outlet) => outlet.feeds);
  const ofBoards = (names: readonly string[]): Load =>
    sum(names.map((name) => boards.get(name)).filter((board) => board !== undefined));
  const ofThings = (outlet: Outlet): number => outlet.feeds.reduce((total, id) => total + (watts.get(id) ?? 0), 0);
  return {
    ofBoards,
    ofThings,
    groupOn: (outlet) => groupAt.get(outlet),
    under: (pdu) => {
      const found = new Set(ofPdu.get(pdu) ?? []);
      // A set that grows while it is walked is walked to its new end.
      for (const outlet of found) for (const inner of behind.get(outlet.id) ?? []) found.add(inner);
      return [...found];
    },
    ofOutlet: (outlet) => {
      const load = ofBoards(groupAt.get(outlet.id)?.boards ?? []);
      const things = ofThings(outlet);
      return {
        steadyWatts: load.steadyWatts + things,
        idleWatts: load.idleWatts + things,
        startWatts: load.startWatts + things,
      };
    },
    things: [...watts.values()].reduce((total, one) => total + one, 0),
    uncounted: [...new Set(fed)].filter((id) => !watts.has(id) && !supplies.has(id)),
  };
}

/** What a PDU may carry: its rating or its breaker, whichever is less, times the part of it that is allowed. */
export function allowanceOf(
  cluster: Cluster,
  pdu: Pdu,
): { readonly ratingWatts: number; readonly allowedWatts: number } | null {
  const breaker = pdu.breakerAmps === null ? null : pdu.breakerAmps * cluster.limits.supply.volts;
  const ratings = [pdu.watts, breaker].filter((one) => one !== null);
  if (ratings.length === 0) return null;
  const ratingWatts = Math.min(...ratings);
  return { ratingWatts, allowedWatts: ratingWatts * cluster.limits.loadMax };
}

/** The most that a PDU carries while no more than `boards` boards are on, whichever those are. */
export type WorstCase = { readonly watts: number; readonly groups: readonly string[] };

/**
 * The worst load of a PDU under a limit of boards. Groups go on and off whole; what hangs on an outlet that must be on
 * for another (the server beside a half rack) is counted always. An exact search (0/1 knapsack), not a guess.
 */
export function worstCase(loads: Loads, pdu: Pdu, boards: number): WorstCase {
  const choices: Choice[] = [];
  let always = 0;
  for (const outlet of loads.under(pdu.id)) {
    const group = loads.groupOn(outlet.id);
    const load = loads.ofOutlet(outlet).steadyWatts;
    if (group === undefined) always += load;
    else choices.push({ id: group.id, boards: group.boards.length, watts: load });
  }
  const all = choices.reduce((total, one) => total + one.boards, 0);
  if (all <= boards) {
    const watts = choices.reduce((total, one) => total + one.watts, always);
    return { watts, groups: choices.map((one) => one.id) };
  }
  const top = heaviest(choices, boards);
  return { watts: always + top.watts, groups: top.ids };
}

type Choice = { readonly id: string; readonly boards: number; readonly watts: number };

/**
 * The choices with the most watts that fit into `room` boards. Groups that are alike are taken in bundles of 1, 2, 4, …
 * (bounded knapsack), so ten thousand boards on ports of their own cost no more than a handful of kinds.
 */
function heaviest(
  choices: readonly Choice[],
  room: number,
): { readonly watts: number; readonly ids: readonly string[] } {
  const kinds = Map.groupBy(choices, (choice) => `${choice.boards} ${choice.watts}`);
  const bundles: { boards: number; watts: number; ids: readonly string[] }[] = [];
  for (const alike of kinds.values()) {
    const { boards, watts } = alike[0]!;
    for (let from = 0, size = 1; from < alike.length; from += size, size *= 2) {
      const ids = alike.slice(from, from + size).map((choice) => choice.id);
      bundles.push({ boards: boards * ids.length, watts: watts * ids.length, ids });
    }
  }
  const best = new Float64Array(room + 1);
  const taken = bundles.map((bundle) => {
    const row = new Uint8Array(room + 1);
    for (let left = room; left >= bundle.boards; left--) {
      const watts = best[left - bundle.boards]! + bundle.watts;
      if (watts <= best[left]!) continue;
      best[left] = watts;
      row[left] = 1;
    }
    return row;
  });
  const ids: string[] = [];
  let left = room;
  for (let i = bundles.length - 1; i >= 0; i--) {
    if (taken[i]![left] !== 1) continue;
    ids.push(...bundles[i]!.ids);
    left -= bundles[i]!.boards;
  }
  return { watts: best[room]!, ids };
}

function sum(boards: readonly BoardSlot[]): Load {
  let steadyWatts = 0;
  let idleWatts = 0;
  let startWatts = 0;
  for (const { watts } of boards) {
    steadyWatts += watts.max;
    idleWatts += watts.idle;
    startWatts += watts.inrush;
  }
  return { steadyWatts, idleWatts, startWatts };
}
