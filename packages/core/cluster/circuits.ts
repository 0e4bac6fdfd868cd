import { nearest } from "../base/index.ts";
import type { BoardPlan } from "./boards.ts";
import type { Resolving, ThingKind } from "./context.ts";
import type { Path } from "./document.ts";
import type { Group, Outlet, Pdu, Supply } from "./model.ts";
import { compareNames } from "./names.ts";
import type { BankPlan, SwitchPlan } from "./places.ts";

/** Power as wired: what hangs on what. */
export type Wiring = {
  readonly supplies: readonly Supply[];
  readonly pdus: readonly Pdu[];
  readonly outlets: readonly Outlet[];
  readonly groups: readonly Group[];
  /** The circuit that feeds a supply, switch or device. */
  readonly circuitOf: ReadonlyMap<string, string>;
  /** Where a circuit stands in the file. */
  readonly pathOf: ReadonlyMap<string, Path>;
};

/** Everything known about places before power is looked at. */
export type Places = {
  readonly switches: ReadonlyMap<string, SwitchPlan>;
  readonly banks: readonly BankPlan[];
  readonly boards: readonly BoardPlan[];
};

/** Follow the power from each board up to its outlet. */
export function resolveWiring(resolving: Resolving, places: Places): Wiring {
  const pdus = resolvePdus(resolving, places);
  const circuits = readCircuits(resolving, pdus);
  const supplies = resolveSupplies(resolving, places.boards);
  const circuitOf = feed(resolving, circuits, supplies, places);
  const outlets = [...circuits.values()].map((circuit) => circuit.outlet);
  const wired = [...outlets, ...poeOutlets(places.boards, circuits, circuitOf)].map(
    (outlet): Outlet => ({ ...outlet, feeds: outlet.feeds.filter((id) => circuitOf.get(id) === outlet.circuit) }),
  );
  const own = boardsByCircuit(places.boards, circuitOf);
  const behind = new Map<string, Outlet[]>();
  for (const outlet of wired)
    if (outlet.behind !== null) behind.set(outlet.behind, [...(behind.get(outlet.behind) ?? []), outlet]);
  const order = new Map(places.boards.map((board) => [board.name, board.index]));
  const collect = (outlet: Outlet, seen: Set<string>): string[] => {
    if (seen.has(outlet.id)) return [];
    seen.add(outlet.id);
    return [
      ...(own.get(outlet.circuit) ?? []),
      ...(behind.get(outlet.id) ?? []).flatMap((inner) => collect(inner, seen)),
    ];
  };
  const finished = wired
    .map(
      (outlet): Outlet => ({
        ...outlet,
        boards: collect(outlet, new Set()).sort((a, b) => order.get(a)! - order.get(b)!),
      }),
    )
    .sort((a, b) => compareNames(a.id, b.id));
  return {
    supplies: supplies.map((supply) => ({ ...supply, circuit: circuitOf.get(supply.id) ?? null })),
    pdus,
    outlets: finished,
    groups: finished
      .filter((outlet) => own.has(outlet.circuit))
      .map((outlet) => ({ id: outlet.circuit, outlet: outlet.id, boards: own.get(outlet.circuit)! }))
      .sort((a, b) => compareNames(a.id, b.id)),
    circuitOf,
    pathOf: new Map([...circuits].map(([id, circuit]) => [id, circuit.path])),
  };
}

type Circuit = { readonly outlet: Outlet; readonly path: Path };

function resolvePdus(resolving: Resolving, places: Places): readonly Pdu[] {
  const pdus = (resolving.file.pdus ?? []).flatMap((pdu, i): Pdu[] => {
    const path: Path = ["pdus", i];
    const model = resolving.model(pdu.model, "pdu", [...path, "model"]);
    const address = resolving.address(pdu.address, [...path, "address"]);
    if (model === null) return [];
    const { driver, outlets, watts } = model;
    const settings = { ...model.settings, ...pdu.settings };
    const breakerAmps = pdu.breaker_amps ?? null;
    return [{ id: pdu.id, model: pdu.model, driver, address, outlets, watts, breakerAmps, settings }];
  });
  const poe = [...places.switches.values()].flatMap((one): Pdu[] => {
    if (one.poe === null) return [];
    const { driver, watts, settings } = one.poe;
    const { id, model, address, ports: outlets } = one;
    return [{ id, model, driver, address, outlets, watts, breakerAmps: null, settings }];
  });
  return [...pdus, ...poe];
}

function readCircuits(resolving: Resolving, pdus: readonly Pdu[]): ReadonlyMap<string, Circuit> {
  const circuits = new Map<string, Circuit>();
  const takenBy = new Map<string, string>();
  const outletOf = new Map<string, string>();
  const entries = resolving.file.circuits ?? [];
  for (const [i, entry] of entries.entries()) {
    const path: Path = ["circuits", i];
    const outlets = resolving.spell(entry.outlet, [...path, "outlet"]);
    const ids = entry.id === undefined ? outlets : resolving.spell(entry.id, [...path, "id"]);
    const outletAt = resolving.inStep(entry.outlet, ids.length, [...path, "outlet"]);
    const feedsAt = entry.feeds.map((text, k) => ({
      at: ids.length > 1 ? resolving.inStep(text, ids.length, [...path, "feeds", k]) : null,
      all: ids.length > 1 ? [] : resolving.spell(text, [...path, "feeds", k]),
      path: [...path, "feeds", k],
    }));
    if (entry.only_in !== undefined) resolving.demand(entry.only_in, ["rack"], [...path, "only_in"]);
    for (const [nth, id] of ids.entries()) {
      const outlet = outletAt(nth);
      if (outlet === null || circuits.has(id)) continue;
      const place = readOutlet(resolving, outlet, pdus, [...path, "outlet"]);
      if (place === null) continue;
      const owner = takenBy.get(outlet);
      if (owner !== undefined)
        resolving.error(
          "cluster.outlet-twice",
          [...path, "outlet"],
          `circuit ${id} hangs on ${outlet}, which circuit ${owner} uses`,
          {
            expected: "an outlet that no other circuit uses",
          },
        );
      takenBy.set(outlet, id);
      outletOf.set(id, outlet);
      const feeds = feedsAt.flatMap((one) =>
        one.at === null ? one.all : [one.at(nth)].filter((name) => name !== null),
      );
      circuits.set(id, {
        path,
        outlet: {
          id: outlet,
          ...place,
          circuit: id,
          feeds,
          boards: [],
          alwaysOn: entry.always_on ?? false,
          behind: null,
          replug: entry.replug ?? false,
        },
      });
    }
  }
  for (const [id, { outlet, path }] of circuits) {
    const above = entries[path[1] as number]?.behind;
    if (above === undefined || !resolving.demand(above, ["circuit"], [...path, "behind"])) continue;
    circuits.set(id, { path, outlet: { ...outlet, behind: outletOf.get(above) ?? null } });
  }
  return circuits;
}

function readOutlet(
  resolving: Resolving,
  text: string,
  pdus: readonly Pdu[],
  path: Path,
): { pdu: string; number: number } | null {
  const dot = text.lastIndexOf(".");
  const pdu = pdus.find((one) => one.id === text.slice(0, dot));
  const number = Number(text.slice(dot + 1));
  if (dot < 0 || pdu === undefined || !Number.isInteger(number)) {
    const known = pdus.map((one) => `${one.id}.1 to ${one.id}.${one.outlets}`).join(", ");
    const near = nearestPdu(text, pdus);
    resolving.error(
      "cluster.unknown-outlet",
      path,
      `there is no outlet ${text}${near === null ? "" : `; did you mean "${near}"?`}`,
      {
        expected: known === "" ? "an outlet; but the file has no PDU" : known,
        nearest: near,
      },
    );
    return null;
  }
  if (number >= 1 && number <= pdu.outlets) return { pdu: pdu.id, number };
  resolving.error(
    "cluster.outlet-beyond",
    path,
    `${pdu.id} (${pdu.model}) has outlets 1 to ${pdu.outlets}, not ${number}`,
    {
      expected: `${pdu.id}.1 to ${pdu.id}.${pdu.outlets}`,
    },
  );
  return null;
}

function resolveSupplies(resolving: Resolving, boards: readonly BoardPlan[]): readonly Supply[] {
  const fed = new Map<string, string[]>();
  for (const board of boards)
    if (board.supply !== null) fed.set(board.supply, [...(fed.get(board.supply) ?? []), board.name]);
  return (resolving.file.supplies ?? []).flatMap((entry, i): Supply[] => {
    const model = resolving.model(entry.model, "supply", ["supplies", i, "model"]);
    if (model === null) return [];
    const { ports, watts, peak_watts: peakWatts } = model;
    return resolving
      .spell(entry.id, ["supplies", i, "id"])
      .map((id): Supply => ({ id, ports, watts, peakWatts, circuit: null, boards: fed.get(id) ?? [] }));
  });
}

/** Decide which circuit feeds each thing: what is named wins over what only stands in a named rack or half. */
function feed(
  resolving: Resolving,
  circuits: ReadonlyMap<string, Circuit>,
  supplies: readonly Supply[],
  places: Places,
): Map<string, string> {
  const circuitOf = new Map<string, string>();
  const claim = (thing: string, circuit: string, path: Path) => {
    const owner = circuitOf.get(thing);
    if (owner === undefined) circuitOf.set(thing, circuit);
    else if (owner !== circuit)
      resolving.error("cluster.fed-twice", path, `${thing} is fed by ${circuit} and by ${owner}`, {
        expected: "one circuit a thing",
      });
  };
  const roomy: { place: string; circuit: string; path: Path }[] = [];
  const feedable: readonly ThingKind[] = ["supply", "switch", "device", "rack", "half"];
  for (const [id, { outlet, path }] of circuits)
    for (const thing of outlet.feeds) {
      const where = [...path, "feeds"];
      if (!resolving.demand(thing, feedable, where)) continue;
      const kind = resolving.kindOf(thing);
      if (kind === "rack" || kind === "half") roomy.push({ place: thing, circuit: id, path: where });
      else claim(thing, id, where);
    }
  const named = new Set(circuitOf.keys());
  for (const { place, circuit, path } of roomy) {
    const inside = [...thingsIn(place, supplies, places)];
    for (const thing of inside) if (!named.has(thing)) claim(thing, circuit, path);
    const entry = circuits.get(circuit);
    // The resolved outlet lists things, not places.
    (entry?.outlet.feeds as string[] | undefined)?.push(...inside);
  }
  return circuitOf;
}

/** Switches that stand in a rack or half, and supplies all of whose boards do. */
function* thingsIn(place: string, supplies: readonly Supply[], places: Places): Iterable<string> {
  const isIn = (rack: string | null, half: string | null) => rack === place || `${rack}-${half}` === place;
  for (const one of places.switches.values()) if (isIn(one.rack, one.half)) yield one.id;
  const banks = new Set(places.banks.filter((bank) => isIn(bank.rack, bank.half)).map((bank) => bank.id));
  const bankOf = new Map(places.boards.map((board) => [board.name, board.bank]));
  for (const supply of supplies)
    if (supply.boards.length > 0 && supply.boards.every((board) => banks.has(bankOf.get(board)!))) yield supply.id;
}

/** Each switch port that powers a board is an outlet, behind whatever feeds the switch. */
function poeOutlets(
  boards: readonly BoardPlan[],
  circuits: ReadonlyMap<string, Circuit>,
  circuitOf: ReadonlyMap<string, string>,
): Outlet[] {
  const declared = new Set([...circuits.values()].map((circuit) => circuit.outlet.id));
  return boards.flatMap((board): Outlet[] => {
    if (board.poe === null || board.port === null) return [];
    const id = `${board.poe.id}.${board.port}`;
    if (declared.has(id)) return [];
    const above = circuitOf.get(board.poe.id);
    const behind = above === undefined ? null : circuits.get(above)!.outlet.id;
    return [
      {
        id,
        pdu: board.poe.id,
        number: board.port,
        circuit: id,
        feeds: [],
        boards: [],
        alwaysOn: false,
        behind,
        replug: false,
      },
    ];
  });
}

function boardsByCircuit(boards: readonly BoardPlan[], circuitOf: ReadonlyMap<string, string>): Map<string, string[]> {
  const own = new Map<string, string[]>();
  for (const board of boards) {
    const viaSupply = board.supply === null ? undefined : circuitOf.get(board.supply);
    const circuit = board.poe !== null ? `${board.poe.id}.${board.port}` : viaSupply;
    if (circuit === undefined) continue;
    const list = own.get(circuit) ?? [];
    list.push(board.name);
    own.set(circuit, list);
  }
  return own;
}

function nearestPdu(text: string, pdus: readonly Pdu[]): string | null {
  const dot = text.lastIndexOf(".");
  const near = nearest(
    dot < 0 ? text : text.slice(0, dot),
    pdus.map((pdu) => pdu.id),
  );
  return near === null ? null : `${near}.${dot < 0 ? "1" : text.slice(dot + 1)}`;
}
