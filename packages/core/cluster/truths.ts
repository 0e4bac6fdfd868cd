import { formatIpv4, parseIpv4 } from "./address.ts";
import { allowanceOf, type Loads, loadsOf, worstCase } from "./loads.ts";
import type { Cluster, Need, OutletId } from "./model.ts";
import { foldNodeSet } from "./names.ts";
import { orderOfPower } from "./order.ts";

/** Power of some set of things, in watts and in amperes at the site's voltage. */
export type Power = { readonly watts: number; readonly amps: number };

/** What follows from a cluster file without being said in it. */
export type Truths = {
  readonly cluster: string;
  readonly boards: {
    readonly total: number;
    readonly banks: number;
    readonly racks: number;
    readonly switches: number;
    readonly models: readonly { readonly model: string; readonly boards: number }[];
    /** Boards that the file gives no power: they cannot be switched. */
    readonly unswitched: readonly string[];
  };
  readonly fans: { readonly caddy: number; readonly large: number };
  readonly power: {
    readonly volts: number;
    /** Everything on, boards idle. */
    readonly idle: Power;
    /** Everything on, boards at full work. */
    readonly steady: Power;
    /** The worst moment of a start wave by wave: all others at full work, one wave in its inrush. */
    readonly startInWaves: Power;
    /** All boards switched on in one instant, which nobody should. */
    readonly startAtOnce: Power;
    /** What the site may bear steadily. */
    readonly allowed: Power;
    /** Things fed by an outlet whose watts the file does not say. */
    readonly uncounted: readonly string[];
  };
  readonly profiles: readonly ProfileTruth[];
  readonly halves: readonly HalfTruth[];
  readonly supplies: readonly SupplyTruth[];
  readonly breakers: readonly BreakerTruth[];
  readonly groups: readonly GroupTruth[];
  readonly outlets: readonly OutletTruth[];
  readonly addresses: AddressTruth;
  readonly needs: readonly Need[];
  /** What is switched on first, then next: the things of one step need nothing of a later one. */
  readonly order: readonly (readonly string[])[];
  /** Waves needed to bring up every board, whole groups at a time. */
  readonly waves: number;
};

/** How many boards may be on by one profile, and whether everything bears that. */
export type ProfileTruth = {
  readonly name: string;
  readonly boards: number;
  readonly from: string | null;
  readonly steady: Power;
  /** Sentences that say what does not bear it; empty when all is well. */
  readonly against: readonly string[];
};

/** One circuit with more than one supply: its size is a limit that follows from the wiring. */
export type HalfTruth = {
  readonly circuit: string;
  readonly outlet: OutletId;
  readonly boards: number;
  /** `4 x 42`. */
  readonly sum: string;
  readonly supplies: readonly string[];
};

/** A supply against its rating. */
export type SupplyTruth = {
  readonly id: string;
  readonly boards: number;
  readonly steadyWatts: number;
  readonly allowedWatts: number;
  readonly startWatts: number;
  readonly peakWatts: number;
};

/** A PDU against its breaker or rating, by profile. */
export type BreakerTruth = {
  readonly pdu: string;
  readonly rating: Power;
  readonly allowed: Power;
  readonly cases: readonly {
    readonly profile: string;
    readonly boards: number;
    readonly worst: Power;
    readonly isAllowed: boolean;
  }[];
};

/** A group, and what goes dark or must go dark with it. */
export type GroupTruth = {
  readonly id: string;
  readonly outlet: OutletId;
  readonly boards: number;
  readonly nodeSet: string;
  readonly steady: Power;
  readonly start: Power;
  /** Switches and devices that lose power with the group. */
  readonly takesAlong: readonly string[];
};

/** An outlet, and everything that goes dark when it is cycled. */
export type OutletTruth = {
  readonly id: OutletId;
  readonly circuit: string;
  readonly boards: number;
  readonly things: readonly string[];
  /** Circuits that must be off too, because what they need loses power. */
  readonly forces: readonly string[];
  readonly isAlwaysOn: boolean;
};

/** Where the boards' addresses lie. */
export type AddressTruth = {
  readonly network: string;
  readonly first: string | null;
  readonly last: string | null;
  readonly given: number;
  readonly known: number;
  readonly unknown: number;
  readonly macs: number;
  readonly strays: readonly { readonly switch: string; readonly address: string }[];
};

/** Everything that follows from a cluster file. Pure and quick enough to be asked at any time. */
export function deriveTruths(cluster: Cluster): Truths {
  const loads = loadsOf(cluster);
  const names = cluster.boards.map((board) => board.name);
  const all = loads.ofBoards(names);
  const { volts, amps } = cluster.limits.supply;
  const power = (watts: number): Power => ({ watts: round(watts), amps: round(watts / volts) });
  const rises = cluster.boards.map((board) => board.watts.inrush - board.watts.max).sort((a, b) => b - a);
  // A group larger than a wave still starts whole.
  const together = Math.max(cluster.limits.waveBoards, ...cluster.groups.map((group) => group.boards.length));
  const rise = rises.slice(0, together).reduce((total, one) => total + one, 0);
  const fans = cluster.racks.reduce(
    (total, rack) => ({ caddy: total.caddy + rack.fans.caddy, large: total.large + rack.fans.large }),
    { caddy: 0, large: 0 },
  );
  const breakers = breakerTruths(cluster, loads, power);
  return {
    cluster: cluster.name,
    boards: {
      total: names.length,
      banks: cluster.banks.length,
      racks: cluster.racks.length,
      switches: cluster.switches.length,
      models: countModels(cluster),
      unswitched: cluster.boards.filter((board) => board.group === null).map((board) => board.name),
    },
    fans,
    power: {
      volts,
      idle: power(all.idleWatts + loads.things),
      steady: power(all.steadyWatts + loads.things),
      startInWaves: power(all.steadyWatts + loads.things + rise),
      startAtOnce: power(all.startWatts + loads.things),
      allowed: power(amps * volts * cluster.limits.loadMax),
      uncounted: loads.uncounted,
    },
    profiles: profileTruths(cluster, loads, breakers, power),
    halves: halfTruths(cluster),
    supplies: cluster.supplies.map((supply) => {
      const load = loads.ofBoards(supply.boards);
      return {
        id: supply.id,
        boards: supply.boards.length,
        steadyWatts: round(load.steadyWatts),
        allowedWatts: round(supply.watts * cluster.limits.loadMax),
        startWatts: round(load.startWatts),
        peakWatts: supply.peakWatts,
      };
    }),
    breakers,
    groups: groupTruths(cluster, loads, power),
    outlets: outletTruths(cluster),
    addresses: addressTruth(cluster),
    needs: cluster.needs,
    order: orderOfPower(cluster),
    waves: countWaves(cluster),
  };
}

type Scale = (watts: number) => Power;

function countModels(cluster: Cluster): Truths["boards"]["models"] {
  const counts = new Map<string, number>();
  for (const board of cluster.boards) counts.set(board.model, (counts.get(board.model) ?? 0) + 1);
  return [...counts].map(([model, boards]) => ({ model, boards }));
}

function breakerTruths(cluster: Cluster, loads: Loads, power: Scale): readonly BreakerTruth[] {
  return cluster.pdus.flatMap((pdu): BreakerTruth[] => {
    const allowance = allowanceOf(cluster, pdu);
    if (allowance === null || loads.under(pdu.id).length === 0) return [];
    return [
      {
        pdu: pdu.id,
        rating: power(allowance.ratingWatts),
        allowed: power(allowance.allowedWatts),
        cases: cluster.limits.profiles.map((profile) => {
          const { watts } = worstCase(loads, pdu, profile.boards);
          return {
            profile: profile.name,
            boards: profile.boards,
            worst: power(watts),
            isAllowed: watts <= allowance.allowedWatts + 1e-6,
          };
        }),
      },
    ];
  });
}

function profileTruths(
  cluster: Cluster,
  loads: Loads,
  breakers: readonly BreakerTruth[],
  power: Scale,
): readonly ProfileTruth[] {
  const draws = cluster.boards.map((board) => board.watts.max).sort((a, b) => b - a);
  const { amps, volts } = cluster.limits.supply;
  const allowed = amps * volts * cluster.limits.loadMax;
  return cluster.limits.profiles.map((profile) => {
    const watts = loads.things + draws.slice(0, profile.boards).reduce((total, one) => total + one, 0);
    const percent = round(cluster.limits.loadMax * 100);
    const against = breakers.flatMap((breaker) =>
      breaker.cases
        .filter((one) => one.profile === profile.name && !one.isAllowed)
        .map((one) => {
          const isPast = one.worst.amps > breaker.rating.amps;
          const what = isPast
            ? `past its ${breaker.rating.amps} A`
            : `past ${percent} % of ${breaker.rating.amps} A (${breaker.allowed.amps} A)`;
          return `${breaker.pdu} may carry ${one.worst.amps} A, ${what}`;
        }),
    );
    if (watts > allowed) against.push(`the site would give ${power(watts).amps} A, past ${percent} % of ${amps} A`);
    return { name: profile.name, boards: profile.boards, from: profile.from, steady: power(watts), against };
  });
}

function halfTruths(cluster: Cluster): readonly HalfTruth[] {
  const boardsOf = new Map(cluster.outlets.map((outlet) => [outlet.id, new Set(outlet.boards)]));
  return cluster.outlets.flatMap((outlet): HalfTruth[] => {
    const inside = cluster.supplies.filter(
      (supply) => supply.boards.length > 0 && supply.boards.every((board) => boardsOf.get(outlet.id)?.has(board)),
    );
    if (inside.length < 2) return [];
    const sizes = new Map<number, number>();
    for (const supply of inside) sizes.set(supply.boards.length, (sizes.get(supply.boards.length) ?? 0) + 1);
    const sum = [...sizes].map(([size, times]) => `${times} x ${size}`).join(" + ");
    return [
      {
        circuit: outlet.circuit,
        outlet: outlet.id,
        boards: outlet.boards.length,
        sum,
        supplies: inside.map((one) => one.id),
      },
    ];
  });
}

function groupTruths(cluster: Cluster, loads: Loads, power: Scale): readonly GroupTruth[] {
  const outlets = new Map(cluster.outlets.map((outlet) => [outlet.id, outlet]));
  const supplies = new Set(cluster.supplies.map((supply) => supply.id));
  return cluster.groups.map((group) => {
    const outlet = outlets.get(group.outlet)!;
    const load = loads.ofBoards(group.boards);
    const things = loads.ofThings(outlet);
    return {
      id: group.id,
      outlet: group.outlet,
      boards: group.boards.length,
      nodeSet: foldNodeSet(group.boards),
      steady: power(load.steadyWatts + things),
      start: power(load.startWatts + things),
      takesAlong: outlet.feeds.filter((id) => !supplies.has(id)),
    };
  });
}

/** Follow the needs upward: whatever needs something dark must be dark too. */
function outletTruths(cluster: Cluster): readonly OutletTruth[] {
  const dependents = new Map<string, string[]>();
  for (const need of cluster.needs)
    for (const one of need.needs) dependents.set(one, [...(dependents.get(one) ?? []), need.what]);
  const circuits = new Set(cluster.outlets.map((outlet) => outlet.circuit));
  return cluster.outlets.map((outlet) => {
    const dark = new Set<string>([outlet.circuit]);
    for (const id of dark) for (const next of dependents.get(id) ?? []) dark.add(next);
    dark.delete(outlet.circuit);
    return {
      id: outlet.id,
      circuit: outlet.circuit,
      boards: outlet.boards.length,
      things: outlet.feeds,
      forces: [...dark].filter((id) => circuits.has(id)),
      isAlwaysOn: outlet.alwaysOn,
    };
  });
}

function addressTruth(cluster: Cluster): AddressTruth {
  const given = cluster.boards.flatMap((board) => (board.address === null ? [] : [parseIpv4(board.address)!]));
  const edge = (pick: (...values: number[]) => number) =>
    given.length === 0 ? null : formatIpv4(given.reduce((a, b) => pick(a, b)));
  return {
    network: cluster.network.cidr,
    first: edge(Math.min),
    last: edge(Math.max),
    given: given.length,
    known: cluster.boards.filter((board) => board.addressKnown).length,
    unknown: cluster.boards.length - given.length,
    macs: cluster.boards.filter((board) => board.mac !== null).length,
    strays: cluster.strays,
  };
}

/** Whole groups, in order, as many as a wave holds; a group larger than a wave is a wave of its own. */
function countWaves(cluster: Cluster): number {
  let waves = 0;
  let room = 0;
  for (const { boards } of cluster.groups) {
    if (boards.length > room) {
      waves++;
      room = cluster.limits.waveBoards;
    }
    room -= boards.length;
  }
  return waves;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
