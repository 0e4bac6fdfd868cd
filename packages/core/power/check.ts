import type { Millis } from "../base/index.ts";
import type { Cluster, OutletId } from "../cluster/index.ts";

/** One outlet that was switched, at a time of one monotonic clock. */
export type Move = { readonly at: Millis; readonly outlet: OutletId; readonly on: boolean };

/** One thing that was wrong at one instant. */
export type Violation = {
  readonly at: Millis;
  readonly rule: "unknown-outlet" | "always-on" | "parent" | "stagger" | "steady" | "peak" | "profile";
  /** The outlet, supply, PDU or profile that it is about. */
  readonly thing: string;
  readonly message: string;
};

/**
 * Everything that was wrong in a recorded trace of outlets. Written without the planner's own sums and graph, so that each
 * tests the other: parents and children, the gap between two starts, watts of every supply, PDU and the site at every
 * instant (boards at full work; in the first second of power their inrush), boards of the profile.
 *
 * @param trace in the order of time.
 * @param initial how outlets stood before; what it does not name was off, but for what is always on.
 */
export function checkTrace(
  cluster: Cluster,
  trace: readonly Move[],
  profile: string | null = null,
  initial: ReadonlyMap<OutletId, boolean> = new Map(),
): Violation[] {
  const violations: Violation[] = [];
  const isOn = new Map(cluster.outlets.map(({ id, alwaysOn }) => [id, initial.get(id) ?? alwaysOn]));
  const parents = parentsOf(cluster);
  const scales = scalesOf(cluster);
  /** When what hangs on an outlet last got power. */
  const fedSince = new Map<OutletId, Millis>();
  let last: { readonly at: Millis; readonly watts: number } | null = null;

  for (const { at, outlet, on } of trace) {
    const tell = (rule: Violation["rule"], thing: string, message: string): void =>
      void violations.push({ at, rule, thing, message });
    const known = cluster.outlets.find(({ id }) => id === outlet);
    if (known === undefined) {
      tell("unknown-outlet", outlet, `there is no outlet ${outlet}`);
      continue;
    }
    if (known.alwaysOn && !on) tell("always-on", outlet, `${outlet} was switched off, and is always on`);
    const before = poweredOutlets(cluster, isOn);
    isOn.set(outlet, on);
    const powered = poweredOutlets(cluster, isOn);
    const fresh = [...powered].filter((id) => !before.has(id));
    for (const id of fresh) fedSince.set(id, at);

    for (const [child, needed] of parents)
      if (isOn.get(child) === true)
        for (const parent of needed)
          if (isOn.get(parent) !== true)
            tell("parent", child, `${child} is on while ${parent}, which it needs, is off`);

    if (fresh.length > 0) {
      const { outletsMs, wattsPerSecond } = cluster.limits.stagger;
      const ramp = last === null || wattsPerSecond <= 0 ? 0 : (last.watts / wattsPerSecond) * 1000;
      const gap = Math.max(outletsMs, ramp);
      if (last !== null && at - last.at < gap - 1e-6)
        tell(
          "stagger",
          outlet,
          `${outlet} started ${at - last.at} ms after the one before; ${Math.ceil(gap)} ms are due`,
        );
      last = { at, watts: scales[0]!.weigh(new Set(fresh), () => true) };
    }
    for (const scale of scales) {
      const steady = scale.weigh(powered, () => false) + scale.always;
      const now =
        scale.weigh(powered, (id) => at - (fedSince.get(id) ?? Number.NEGATIVE_INFINITY) < 1000) + scale.always;
      if (on && steady > scale.steady + 1e-6)
        tell("steady", scale.thing, `${scale.thing} carries ${watts(steady)}, allowed are ${watts(scale.steady)}`);
      if (on && now > scale.peak + 1e-6)
        tell(
          "peak",
          scale.thing,
          `${scale.thing} carries ${watts(now)} for a moment, allowed are ${watts(scale.peak)}`,
        );
    }
    const chosen =
      profile === null ? cluster.limits.profiles[0] : cluster.limits.profiles.find(({ name }) => name === profile);
    const lit = cluster.groups.filter((group) => powered.has(group.outlet)).flatMap(({ boards }) => boards);
    if (on && chosen !== undefined && lit.length > chosen.boards)
      tell("profile", chosen.name, `${lit.length} boards are on; ${chosen.name} allows ${chosen.boards}`);
    if (on && chosen?.onlyIn) {
      const inside = new Set(cluster.boards.filter(({ rack }) => rack === chosen.onlyIn).map(({ name }) => name));
      const outside = lit.filter((board) => !inside.has(board));
      if (outside.length > 0) tell("profile", chosen.name, `${outside.length} boards are on outside ${chosen.onlyIn}`);
    }
  }
  return violations;
}

/** One thing that has a limit in watts. */
type Scale = {
  readonly thing: string;
  readonly steady: number;
  readonly peak: number;
  /** Of what no outlet switches. */
  readonly always: number;
  /** Watts of the given outlets, those that `isStarting` in their inrush. */
  weigh(powered: ReadonlySet<OutletId>, isStarting: (outlet: OutletId) => boolean): number;
};

function scalesOf(cluster: Cluster): readonly Scale[] {
  const { supply, loadMax } = cluster.limits;
  const thingWatts = (id: string): number =>
    cluster.switches.find((one) => one.id === id)?.watts ?? cluster.devices.find((one) => one.id === id)?.watts ?? 0;
  const boardsOn = new Map(cluster.groups.map((group) => [group.outlet, new Set(group.boards)]));
  const drawOn = new Map(
    cluster.outlets.map(({ id, feeds }) => {
      const boards = cluster.boards.filter(({ name }) => boardsOn.get(id)?.has(name));
      return [id, { boards, things: feeds.reduce((sum, one) => sum + thingWatts(one), 0) }] as const;
    }),
  );
  const scale = (
    thing: string,
    rating: { readonly watts: number; readonly peak: number },
    outlets: ReadonlySet<OutletId>,
    extra: { readonly always: number; readonly only?: ReadonlySet<string> },
  ): Scale => ({
    thing,
    steady: rating.watts * loadMax,
    peak: rating.peak,
    always: extra.always,
    weigh: (powered, isStarting) => {
      let sum = 0;
      for (const id of powered) {
        const draw = outlets.has(id) ? drawOn.get(id) : undefined;
        if (draw === undefined) continue;
        const starting = isStarting(id);
        for (const { name, watts: board } of draw.boards)
          if (extra.only === undefined || extra.only.has(name)) sum += starting ? board.inrush : board.max;
        if (extra.only === undefined) sum += draw.things;
      }
      return sum;
    },
  });
  const all = new Set(cluster.outlets.map(({ id }) => id));
  const fed = new Set(cluster.outlets.flatMap(({ feeds }) => feeds));
  const unswitched = cluster.boards.filter(({ group }) => group === null);
  const loose = [...cluster.switches, ...cluster.devices].filter(({ id }) => !fed.has(id));
  const always = [...unswitched.map(({ watts: board }) => board.max), ...loose.map((one) => one.watts ?? 0)];
  const site = supply.amps * supply.volts;
  const scales = [
    scale("site", { watts: site, peak: site }, all, { always: always.reduce((sum, one) => sum + one, 0) }),
  ];
  for (const pdu of cluster.pdus) {
    const breaker = pdu.breakerAmps === null ? Number.POSITIVE_INFINITY : pdu.breakerAmps * supply.volts;
    const rating = Math.min(breaker, pdu.watts ?? Number.POSITIVE_INFINITY);
    // Whatever hangs behind one of its outlets flows through it too.
    const under = new Set(cluster.outlets.filter((outlet) => outlet.pdu === pdu.id).map(({ id }) => id));
    for (const id of under) for (const one of cluster.outlets) if (one.behind === id) under.add(one.id);
    if (Number.isFinite(rating)) scales.push(scale(pdu.id, { watts: rating, peak: rating }, under, { always: 0 }));
  }
  for (const one of cluster.supplies) {
    const only = new Set(one.boards);
    const own = unswitched.filter(({ name }) => only.has(name)).reduce((sum, { watts: board }) => sum + board.max, 0);
    scales.push(scale(one.id, { watts: one.watts, peak: one.peakWatts }, all, { always: own, only }));
  }
  return scales;
}

/** Outlets that have power to give: they are on, and so is every one that they hang behind. */
function poweredOutlets(cluster: Cluster, isOn: ReadonlyMap<OutletId, boolean>): ReadonlySet<OutletId> {
  const above = new Map(cluster.outlets.map(({ id, behind }) => [id, behind]));
  const powered = new Set<OutletId>();
  for (const { id } of cluster.outlets) {
    let at: OutletId | null = id;
    let steps = 0;
    while (at !== null && isOn.get(at) === true && steps++ < cluster.outlets.length) at = above.get(at) ?? null;
    if (at === null) powered.add(id);
  }
  return powered;
}

/** For each outlet all that must be on with it: what the file's needs say, its boards' switches, what it is behind. */
function parentsOf(cluster: Cluster): ReadonlyMap<OutletId, ReadonlySet<OutletId>> {
  const sources = new Map<string, OutletId[]>();
  for (const { id, circuit, feeds } of cluster.outlets)
    for (const thing of [id, circuit, ...feeds]) sources.set(thing, [...(sources.get(thing) ?? []), id]);
  const needs = Map.groupBy(cluster.needs, ({ what }) => what);
  return new Map(
    cluster.outlets.map((outlet) => {
      const group = cluster.groups.find((one) => one.outlet === outlet.id);
      const members = new Set(group?.boards);
      const things = new Set<string>([
        outlet.id,
        outlet.circuit,
        ...outlet.feeds,
        ...(group === undefined ? [] : [group.id]),
      ]);
      for (const board of cluster.boards)
        if (members.has(board.name) && board.switch !== null) things.add(board.switch);
      if (outlet.behind !== null) things.add(outlet.behind);
      const parents = new Set<OutletId>();
      for (const thing of things) {
        for (const source of sources.get(thing) ?? []) parents.add(source);
        for (const need of needs.get(thing) ?? []) for (const one of need.needs) things.add(one);
      }
      parents.delete(outlet.id);
      return [outlet.id, parents] as const;
    }),
  );
}

function watts(value: number): string {
  return `${Math.round(value * 10) / 10} W`;
}
