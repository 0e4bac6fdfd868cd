import type { Cluster, Group, Outlet, OutletId } from "../cluster/index.ts";

/** What is switched on together, then waited for. */
export type Wave = {
  /** `infrastructure` (server, core switches, fans, what is always on) carries no boards and needs no waiting for them. */
  readonly kind: "infrastructure" | "boards";
  /** In the order of switching: what is needed stands before what needs it. */
  readonly outlets: readonly OutletId[];
  /** Whole groups, by id. */
  readonly groups: readonly string[];
  /** Names of all boards of these groups. */
  readonly boards: readonly string[];
};

/**
 * The order in which power comes on for `boards`: first what they need, then whole groups, at most
 * `limits.waveBoards` boards a wave. A single group that is larger is a wave of its own, for it cannot be divided.
 *
 * Groups of boards follow the layout (rack, bank). Names that the cluster does not know, and boards whose power
 * nothing switches, are left out. Pure; the sequencer does the switching.
 */
export function planWaves(cluster: Cluster, boards: Iterable<string>): Wave[] {
  const wanted = new Set(boards);
  const targets = cluster.groups.filter((group) => group.boards.some((board) => wanted.has(board)));
  if (targets.length === 0) return [];
  const graph = outletGraph(cluster);
  const groupOf = new Map(cluster.groups.map((group) => [group.outlet, group]));
  const outlets = closure([...targets.map(({ outlet }) => outlet), ...alwaysOn(cluster)], graph);
  const ranked = rank(outlets, graph, groupOf, cluster);

  const waves: Wave[] = [];
  let open: Group[] = [];
  let infrastructure: OutletId[] = [];
  const closeGroups = (): void => {
    if (open.length > 0) waves.push(boardsWave(open));
    open = [];
  };
  const closeInfrastructure = (): void => {
    if (infrastructure.length > 0)
      waves.push({ kind: "infrastructure", outlets: infrastructure, groups: [], boards: [] });
    infrastructure = [];
  };
  for (const outlet of ranked) {
    const group = groupOf.get(outlet);
    if (group === undefined) {
      closeGroups();
      infrastructure.push(outlet);
      continue;
    }
    closeInfrastructure();
    const size = open.reduce((sum, { boards }) => sum + boards.length, 0) + group.boards.length;
    const needsOpen = open.some((other) => closure([outlet], graph).has(other.outlet));
    if (size > cluster.limits.waveBoards || needsOpen) closeGroups();
    open.push(group);
  }
  closeInfrastructure();
  closeGroups();
  return waves;
}

/** For each outlet the outlets that must be on before it, as far as the file tells. */
export function outletGraph(cluster: Cluster): ReadonlyMap<OutletId, ReadonlySet<OutletId>> {
  const feeding = new Map<string, OutletId[]>();
  const note = (thing: string, outlet: OutletId): void => {
    const known = feeding.get(thing) ?? [];
    if (!known.includes(outlet)) feeding.set(thing, [...known, outlet]);
  };
  for (const outlet of cluster.outlets) {
    note(outlet.id, outlet.id);
    note(outlet.circuit, outlet.id);
    for (const thing of outlet.feeds) note(thing, outlet.id);
  }
  for (const group of cluster.groups) note(group.id, group.outlet);

  const groupOf = new Map(cluster.groups.map((group) => [group.outlet, group]));
  const switchOf = new Map(cluster.boards.map((board) => [board.name, board.switch]));
  const needsOf = new Map(cluster.needs.map((need) => [need.what, need.needs]));
  const graph = new Map<OutletId, Set<OutletId>>();
  for (const outlet of cluster.outlets) {
    const before = new Set<OutletId>();
    const seen = new Set<string>();
    const follow = (thing: string): void => {
      if (seen.has(thing)) return;
      seen.add(thing);
      for (const needed of needsOf.get(thing) ?? []) {
        for (const source of feeding.get(needed) ?? []) if (source !== outlet.id) before.add(source);
        follow(needed);
      }
    };
    const group = groupOf.get(outlet.id);
    for (const thing of namesOf(outlet, group)) follow(thing);
    // A board without its switch cannot boot.
    const switches = new Set(group?.boards.map((board) => switchOf.get(board) ?? null));
    for (const id of switches)
      for (const source of (id === null ? null : feeding.get(id)) ?? []) if (source !== outlet.id) before.add(source);
    if (outlet.behind !== null) before.add(outlet.behind);
    graph.set(outlet.id, before);
  }
  return graph;
}

function boardsWave(groups: readonly Group[]): Wave {
  return {
    kind: "boards",
    outlets: groups.map(({ outlet }) => outlet),
    groups: groups.map(({ id }) => id),
    boards: groups.flatMap(({ boards }) => boards),
  };
}

/** Every name under which `needs` may speak of what this outlet feeds. */
function namesOf(outlet: Outlet, group: Group | undefined): string[] {
  return [outlet.id, outlet.circuit, ...outlet.feeds, ...(group === undefined ? [] : [group.id, ...group.boards])];
}

function alwaysOn(cluster: Cluster): OutletId[] {
  return cluster.outlets.filter((outlet) => outlet.alwaysOn).map(({ id }) => id);
}

function closure(
  start: readonly OutletId[],
  graph: ReadonlyMap<OutletId, ReadonlySet<OutletId>>,
  into = new Set<OutletId>(),
): Set<OutletId> {
  for (const outlet of start) {
    if (into.has(outlet)) continue;
    into.add(outlet);
    closure([...(graph.get(outlet) ?? [])], graph, into);
  }
  return into;
}

/**
 * What is needed before what needs it; among equals what is always on, infrastructure,
 * then groups in the order of the layout.
 * Takes the first outlet that is free again and again, so that the order never depends on the file's order of PDUs.
 */
function rank(
  outlets: ReadonlySet<OutletId>,
  graph: ReadonlyMap<OutletId, ReadonlySet<OutletId>>,
  groupOf: ReadonlyMap<OutletId, Group>,
  cluster: Cluster,
): OutletId[] {
  const position = new Map(cluster.boards.map((board) => [board.name, board.index]));
  const staysOn = new Set(alwaysOn(cluster));
  const weight = (outlet: OutletId): number => {
    const group = groupOf.get(outlet);
    if (group === undefined) return staysOn.has(outlet) ? -2 : -1;
    return Math.min(...group.boards.map((board) => position.get(board) ?? Number.MAX_SAFE_INTEGER));
  };
  const order = new Map(cluster.outlets.map(({ id }, at) => [id, at]));
  const left = [...outlets].sort((a, b) => weight(a) - weight(b) || order.get(a)! - order.get(b)!);
  const done = new Set<OutletId>();
  const ranked: OutletId[] = [];
  while (left.length > 0) {
    const free = left.findIndex((outlet) =>
      [...(graph.get(outlet) ?? [])].every((need) => done.has(need) || !outlets.has(need)),
    );
    // The file's checker refuses cycles; should one come through, its members follow in the order of the layout.
    const [next] = left.splice(Math.max(0, free), 1);
    done.add(next!);
    ranked.push(next!);
  }
  return ranked;
}
