import type { BoardSlot, Cluster, Outlet, Pdu } from "./model.ts";

/** Watts of a set of things: working steadily, idle, and in the second after all were switched on together. */
export type Load = { readonly steadyWatts: number; readonly idleWatts: number; readonly startWatts: number };

/** Looks up loads in one cluster; made once, asked often. */
export type Loads = {
  /** All boards of these names. */
  ofBoards(names: readonly string[]): Load;
  /** What hangs directly on an outlet, without outlets behind it. */
  ofOutlet(outlet: Outlet): Load;
  /** Switches and devices on one outlet, without boards. */
  ofThings(outlet: Outlet): number;
  /** Everything in the cluster except boards. */
  readonly things: number;
  /** Fed things whose watts the file does not say, so no sum counts them. */
  readonly uncounted: readonly string[];
};

/** Loads of one cluster. */
export function loadsOf(cluster: Cluster): Loads {
  const boards = new Map(cluster.boards.map((board) => [board.name, board]));
  const groupAt = new Map(cluster.groups.map((group) => [group.outlet, group.boards]));
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
    ofOutlet: (outlet) => {
      const load = ofBoards(groupAt.get(outlet.id) ?? []);
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
export function worstCase(cluster: Cluster, loads: Loads, pdu: Pdu, boards: number): WorstCase {
  const reach = outletsUnder(cluster, pdu);
  const groups = new Map(cluster.groups.map((group) => [group.outlet, group]));
  const choices: { id: string; boards: number; watts: number }[] = [];
  let always = 0;
  for (const outlet of reach) {
    const group = groups.get(outlet.id);
    const load = loads.ofOutlet(outlet).steadyWatts;
    if (group === undefined) always += load;
    else choices.push({ id: group.id, boards: group.boards.length, watts: load });
  }
  const all = choices.reduce((total, one) => total + one.boards, 0);
  if (all <= boards) {
    const watts = choices.reduce((total, one) => total + one.watts, always);
    return { watts, groups: choices.map((one) => one.id) };
  }
  let best: { watts: number; picked: readonly string[] }[] = Array.from({ length: boards + 1 }, () => ({
    watts: 0,
    picked: [],
  }));
  for (const choice of choices) {
    best = best.map((without, room) => {
      const rest = room < choice.boards ? undefined : best[room - choice.boards];
      if (rest === undefined || rest.watts + choice.watts <= without.watts) return without;
      return { watts: rest.watts + choice.watts, picked: [...rest.picked, choice.id] };
    });
  }
  const top = best[boards]!;
  return { watts: always + top.watts, groups: top.picked };
}

/** Outlets whose current flows through a PDU: its own, and all behind them. */
export function outletsUnder(cluster: Cluster, pdu: Pdu): readonly Outlet[] {
  const found = new Set(cluster.outlets.filter((outlet) => outlet.pdu === pdu.id));
  const ids = new Set([...found].map((outlet) => outlet.id));
  for (let grown = true; grown; ) {
    grown = false;
    for (const outlet of cluster.outlets)
      if (!found.has(outlet) && outlet.behind !== null && ids.has(outlet.behind)) {
        found.add(outlet);
        ids.add(outlet.id);
        grown = true;
      }
  }
  return [...found];
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
