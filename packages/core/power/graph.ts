import type { BoardSlot, Cluster, Group, Need, Outlet, OutletId } from "../cluster/index.ts";
import { outletGraph } from "./waves.ts";

/** Who feeds whom and who needs whom in one cluster, all the way. Made once a plan. */
export type PowerGraph = {
  readonly cluster: Cluster;
  readonly outlets: ReadonlyMap<OutletId, Outlet>;
  readonly boards: ReadonlyMap<string, BoardSlot>;
  /** Everything that must be on before this outlet. */
  before(outlet: OutletId): ReadonlySet<OutletId>;
  /** Everything that must be off before this outlet may go off. */
  after(outlet: OutletId): ReadonlySet<OutletId>;
  /** The outlets that its current flows through, itself first. */
  chain(outlet: OutletId): readonly OutletId[];
  /** The group of the boards directly on it. */
  groupOn(outlet: OutletId): Group | undefined;
  groupOf(board: string): Group | undefined;
  /** Sorts outlets so that what is needed stands first; then what is always on, infrastructure, groups by layout. */
  inOrder(outlets: Iterable<OutletId>): readonly OutletId[];
  /** Things with a button or a sign of readiness that this outlet itself feeds. */
  startedBy(outlet: OutletId): readonly Need[];
  /** The same of things that it needs, however far away. */
  startedBefore(outlet: OutletId): readonly Need[];
};

/** The graph of a cluster. */
export function powerGraph(cluster: Cluster): PowerGraph {
  const outlets = new Map(cluster.outlets.map((outlet) => [outlet.id, outlet]));
  const groupAt = new Map(cluster.groups.map((group) => [group.outlet, group]));
  const groupBy = new Map(cluster.groups.flatMap((group) => group.boards.map((board) => [board, group] as const)));
  const boards = new Map(cluster.boards.map((board) => [board.name, board]));
  const before = closures(outletGraph(cluster));
  const after = new Map<OutletId, Set<OutletId>>(cluster.outlets.map(({ id }) => [id, new Set()]));
  for (const [outlet, needed] of before) for (const one of needed) after.get(one)?.add(outlet);
  const position = positions(cluster, before, groupAt, boards);
  const needsOf = new Map(cluster.needs.map((need) => [need.what, need]));
  const isStarted = (need: Need): boolean => need.start !== null || need.ready !== null;
  const startedBy = (id: OutletId): readonly Need[] => {
    const outlet = outlets.get(id)!;
    return [outlet.circuit, ...outlet.feeds].flatMap((thing) => {
      const need = needsOf.get(thing);
      return need !== undefined && isStarted(need) ? [need] : [];
    });
  };
  const neededThings = (id: OutletId): ReadonlySet<string> => {
    const outlet = outlets.get(id)!;
    const group = groupAt.get(id);
    const seen = new Set<string>();
    const todo = [id, outlet.circuit, ...outlet.feeds, ...(group === undefined ? [] : [group.id])];
    const own = new Set(todo);
    for (const thing of todo)
      for (const one of needsOf.get(thing)?.needs ?? [])
        if (!seen.has(one)) {
          seen.add(one);
          todo.push(one);
        }
    for (const thing of own) seen.delete(thing);
    return seen;
  };
  return {
    cluster,
    outlets,
    boards,
    before: (outlet) => before.get(outlet) ?? nobody,
    after: (outlet) => after.get(outlet) ?? nobody,
    chain: (outlet) => chainOf(outlets, outlet),
    groupOn: (outlet) => groupAt.get(outlet),
    groupOf: (board) => groupBy.get(board),
    inOrder: (some) => [...some].sort((a, b) => position.get(a)! - position.get(b)!),
    startedBy,
    startedBefore: (outlet) => {
      const found = [...neededThings(outlet)].map((thing) => needsOf.get(thing));
      return found.filter((need) => need !== undefined && isStarted(need)) as readonly Need[];
    },
  };
}

const nobody: ReadonlySet<OutletId> = new Set();

/** An outlet and all that it hangs behind, itself first. */
function chainOf(outlets: ReadonlyMap<OutletId, Outlet>, start: OutletId): readonly OutletId[] {
  const chain: OutletId[] = [];
  for (let at = outlets.get(start); at !== undefined && !chain.includes(at.id); at = outlets.get(at.behind ?? ""))
    chain.push(at.id);
  return chain;
}

function closures(direct: ReadonlyMap<OutletId, ReadonlySet<OutletId>>): ReadonlyMap<OutletId, ReadonlySet<OutletId>> {
  const whole = new Map<OutletId, Set<OutletId>>();
  for (const [outlet, needed] of direct) {
    // A set that grows while it is walked is walked to its new end.
    const all = new Set(needed);
    for (const one of all) for (const next of whole.get(one) ?? direct.get(one) ?? []) all.add(next);
    all.delete(outlet);
    whole.set(outlet, all);
  }
  return whole;
}

/**
 * Each outlet's place in one order in which all of them could be switched on. Pass after pass takes what is free, lightest
 * first, so that the order of the layout is kept where needs allow.
 */
function positions(
  cluster: Cluster,
  before: ReadonlyMap<OutletId, ReadonlySet<OutletId>>,
  groupAt: ReadonlyMap<OutletId, Group>,
  boards: ReadonlyMap<string, BoardSlot>,
): ReadonlyMap<OutletId, number> {
  const weigh = ({ id, alwaysOn }: Outlet): number => {
    const group = groupAt.get(id);
    if (group === undefined) return alwaysOn ? -2 : -1;
    return group.boards.reduce((least, board) => Math.min(least, boards.get(board)!.index), Number.MAX_SAFE_INTEGER);
  };
  const weights = new Map(cluster.outlets.map((outlet) => [outlet.id, weigh(outlet)]));
  const place = new Map<OutletId, number>();
  let left = cluster.outlets.map(({ id }) => id).sort((a, b) => weights.get(a)! - weights.get(b)!);
  while (left.length > 0) {
    const later: OutletId[] = [];
    const size = place.size;
    for (const id of left) {
      const isFree = [...(before.get(id) ?? [])].every((need) => place.has(need));
      if (isFree) place.set(id, place.size);
      else later.push(id);
    }
    // The file's checker refuses circles; should one come through, its members follow in the order of the layout.
    if (place.size === size) place.set(later.shift()!, place.size);
    left = later;
  }
  return place;
}
