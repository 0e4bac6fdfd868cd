import type { Millis } from "../base/index.ts";
import type { Cluster, Outlet, OutletId } from "../cluster/index.ts";
import type { PowerGraph } from "./graph.ts";
import type { LimitUse } from "./plan.ts";

/** How long an inrush lasts at most: what starts in the second after another start is added to it. */
const inrushMs: Millis = 1000;

/** One limit in watts. */
type WattLimit = {
  /** `site`, `breaker pdu1`, `supply u03`. */
  readonly name: string;
  /** What is on always, whatever is switched. */
  readonly baseWatts: number;
  readonly steadyWatts: number;
  readonly peakWatts: number;
  /** `1440 W (80 % of 15 A at 120 V)`. */
  readonly steadyText: string;
  readonly peakText: string;
};

/** What one outlet by itself puts on one limit. */
type Share = { readonly limit: WattLimit; readonly steadyWatts: number; readonly startWatts: number };

/** Limits of a cluster, and what each outlet puts on them. */
export type LoadBook = {
  readonly limits: readonly WattLimit[];
  /** Of the outlet itself, without what hangs behind it. */
  shares(outlet: OutletId): readonly Share[];
  /** All that starts at once with an outlet, in watts: boards in their inrush, switches and devices. */
  startWatts(outlet: OutletId): number;
};

/** One limit that would be broken. */
export type Breach = {
  readonly limit: WattLimit;
  readonly kind: "steady" | "peak";
  readonly watts: number;
  readonly outlet: OutletId;
};

/** Follows the watts while outlets go on and off, and remembers the worst moment of each limit. */
export type LoadMeter = {
  /** Give these outlets power, or take it, in one instant. @returns limits that break in this moment. */
  turn(outlets: readonly OutletId[], on: boolean): readonly Breach[];
  /** What would break if one of these, all on now, were cycled: each starts again while the others work. */
  restart(outlets: readonly OutletId[]): readonly Breach[];
  has(outlet: OutletId): boolean;
  uses(): readonly LimitUse[];
};

/** Works out all limits in watts: the site, each PDU with a rating or breaker, each supply. */
export function loadBook(graph: PowerGraph): LoadBook {
  const { cluster } = graph;
  const draw = drawOf(cluster);
  const site = siteLimit(cluster, draw);
  const pdus = new Map(cluster.pdus.map((pdu) => [pdu.id, pduLimit(cluster, pdu)]));
  const supplies = new Map(cluster.supplies.map((supply) => [supply.id, supplyLimit(cluster, supply)]));
  const own = new Map<OutletId, readonly Share[]>();
  for (const outlet of cluster.outlets) own.set(outlet.id, sharesOf(outlet));
  function sharesOf(outlet: Outlet): readonly Share[] {
    const boards = (graph.groupOn(outlet.id)?.boards ?? []).map((name) => graph.boards.get(name)!);
    const things = outlet.feeds.reduce((sum, id) => sum + (draw.get(id) ?? 0), 0);
    const steadyWatts = boards.reduce((sum, { watts }) => sum + watts.max, things);
    const startWatts = boards.reduce((sum, { watts }) => sum + watts.inrush, things);
    const through = new Set(graph.chain(outlet.id).map((id) => pdus.get(graph.outlets.get(id)!.pdu)));
    const shares: Share[] = [{ limit: site, steadyWatts, startWatts }];
    for (const limit of through) if (limit) shares.push({ limit, steadyWatts, startWatts });
    for (const [id, members] of Map.groupBy(boards, ({ supply }) => supply)) {
      const limit = id === null ? undefined : supplies.get(id);
      if (limit === undefined) continue;
      shares.push({
        limit,
        steadyWatts: members.reduce((sum, { watts }) => sum + watts.max, 0),
        startWatts: members.reduce((sum, { watts }) => sum + watts.inrush, 0),
      });
    }
    return shares;
  }
  return {
    limits: [site, ...[...pdus.values()].filter((limit) => limit !== null), ...supplies.values()],
    shares: (outlet) => own.get(outlet) ?? [],
    startWatts: (outlet) => own.get(outlet)?.[0]?.startWatts ?? 0,
  };
}

/** A meter at the moment in which `powered` are on, for good or not: what was before is not remembered as a worst moment. */
export function loadMeter(book: LoadBook, powered: Iterable<OutletId> = []): LoadMeter {
  const on = new Set<OutletId>(powered);
  const steady = new Map(book.limits.map((limit) => [limit, limit.baseWatts]));
  for (const outlet of on)
    for (const { limit, steadyWatts } of book.shares(outlet)) steady.set(limit, steady.get(limit)! + steadyWatts);
  const worst = new Map<WattLimit, { steady: number; peak: number }>();
  const note = (limit: WattLimit, kind: "steady" | "peak", watts: number, outlet: OutletId): readonly Breach[] => {
    const seen = worst.get(limit) ?? { steady: 0, peak: 0 };
    seen[kind] = Math.max(seen[kind], watts);
    worst.set(limit, seen);
    const allowed = kind === "steady" ? limit.steadyWatts : limit.peakWatts;
    return watts > allowed + tiny ? [{ limit, kind, watts, outlet }] : [];
  };
  const sumOf = (outlets: readonly OutletId[]): ReadonlyMap<WattLimit, Share> => {
    const sum = new Map<WattLimit, Share>();
    for (const outlet of outlets)
      for (const share of book.shares(outlet)) {
        const before = sum.get(share.limit);
        sum.set(share.limit, {
          limit: share.limit,
          steadyWatts: (before?.steadyWatts ?? 0) + share.steadyWatts,
          startWatts: (before?.startWatts ?? 0) + share.startWatts,
        });
      }
    return sum;
  };
  return {
    turn(outlets, wanted) {
      const moved = outlets.filter((outlet) => on.has(outlet) !== wanted);
      const breaches: Breach[] = [];
      for (const { limit, steadyWatts, startWatts } of sumOf(moved).values()) {
        const before = steady.get(limit)!;
        const after = before + (wanted ? steadyWatts : -steadyWatts);
        steady.set(limit, after);
        if (!wanted) continue;
        breaches.push(
          ...note(limit, "steady", after, moved[0]!),
          ...note(limit, "peak", before + startWatts, moved[0]!),
        );
      }
      for (const outlet of moved) {
        if (wanted) on.add(outlet);
        else on.delete(outlet);
      }
      return breaches;
    },
    restart: (outlets) =>
      outlets.flatMap((outlet) =>
        book
          .shares(outlet)
          .flatMap(({ limit, steadyWatts, startWatts }) =>
            note(limit, "peak", steady.get(limit)! - steadyWatts + startWatts, outlet),
          ),
      ),
    has: (outlet) => on.has(outlet),
    uses: () =>
      [...worst].flatMap(([limit, { steady: used, peak }]): LimitUse[] => [
        { limit: limit.name, unit: "W", kind: "steady", used: round(used), allowed: round(limit.steadyWatts) },
        { limit: limit.name, unit: "W", kind: "peak", used: round(peak), allowed: round(limit.peakWatts) },
      ]),
  };
}

/** Time from the start of one outlet to that of the next: the file's gap, its watts a second, and never within an inrush. */
export function gapAfter(cluster: Cluster, startWatts: number): Millis {
  const { outletsMs, wattsPerSecond } = cluster.limits.stagger;
  return Math.ceil(Math.max(outletsMs, inrushMs, wattsPerSecond > 0 ? (startWatts / wattsPerSecond) * 1000 : 0));
}

const tiny = 1e-6;

/** To a tenth of a watt. */
export function round(watts: number): number {
  return Math.round(watts * 10) / 10;
}

function drawOf(cluster: Cluster): ReadonlyMap<string, number> {
  const draw = new Map<string, number>(cluster.switches.map((one) => [one.id, one.watts]));
  for (const device of cluster.devices) if (device.watts !== null) draw.set(device.id, device.watts);
  return draw;
}

function limit(name: string, rating: number, peakWatts: number, cluster: Cluster, of: string, base = 0): WattLimit {
  const steadyWatts = rating * cluster.limits.loadMax;
  return {
    name,
    baseWatts: base,
    steadyWatts,
    peakWatts,
    steadyText: `${round(steadyWatts)} W (${round(cluster.limits.loadMax * 100)} % of ${of})`,
    peakText: `${round(peakWatts)} W for less than a second`,
  };
}

function siteLimit(cluster: Cluster, draw: ReadonlyMap<string, number>): WattLimit {
  const { amps, volts } = cluster.limits.supply;
  const fed = new Set(cluster.outlets.flatMap(({ feeds }) => feeds));
  const things = [...draw].reduce((sum, [id, watts]) => (fed.has(id) ? sum : sum + watts), 0);
  const base = cluster.boards.reduce((sum, { group, watts }) => (group === null ? sum + watts.max : sum), things);
  return limit("site", amps * volts, amps * volts, cluster, `${amps} A at ${volts} V`, base);
}

function pduLimit(cluster: Cluster, pdu: Cluster["pdus"][number]): WattLimit | null {
  const { volts } = cluster.limits.supply;
  const ratings = [
    ...(pdu.watts === null ? [] : [{ watts: pdu.watts, text: `${pdu.watts} W` }]),
    ...(pdu.breakerAmps === null
      ? []
      : [{ watts: pdu.breakerAmps * volts, text: `${pdu.breakerAmps} A at ${volts} V` }]),
  ];
  const [least] = ratings.sort((a, b) => a.watts - b.watts);
  return least === undefined ? null : limit(`breaker ${pdu.id}`, least.watts, least.watts, cluster, least.text);
}

function supplyLimit(cluster: Cluster, supply: Cluster["supplies"][number]): WattLimit {
  const members = new Set(supply.boards);
  const unswitched = cluster.boards.filter(({ name, group }) => group === null && members.has(name));
  const base = unswitched.reduce((sum, { watts }) => sum + watts.max, 0);
  return limit(`supply ${supply.id}`, supply.watts, supply.peakWatts, cluster, `${supply.watts} W`, base);
}
