import type { Resolving } from "./context.ts";
import type { Path } from "./document.ts";
import type { Pdu, Switch } from "./model.ts";
import { compareNames, expandNumbers } from "./names.ts";

/** A switch with what only resolving needs to know. */
export type SwitchPlan = Switch & {
  readonly poe: {
    readonly driver: string;
    readonly watts: number;
    readonly perPort: number;
    readonly settings: Pdu["settings"];
  } | null;
  readonly path: Path;
};

/** A bank before its boards have names. */
export type BankPlan = {
  readonly id: string;
  readonly rack: string;
  readonly half: "bottom" | "top" | null;
  readonly slots: number;
  readonly heightU: number;
  readonly caddyFans: number;
  readonly switch: SwitchPlan | null;
  /** Switch port by slot; empty where the file does not tell. */
  readonly ports: readonly number[];
  readonly power: string | null;
  readonly path: Path;
};

/** Make every name of the file known before any is looked up. */
export function declareNames(resolving: Resolving): void {
  const { file } = resolving;
  for (const [i, rack] of file.racks.entries()) resolving.declare(rack.id, "rack", ["racks", i, "id"]);
  for (const [i, one] of file.switches.entries()) {
    resolving.declare(one.id, "switch", ["switches", i, "id"]);
    const half = `${one.rack}-${one.half}`;
    if (one.rack !== undefined && one.half !== undefined && resolving.kindOf(half) !== "half")
      resolving.declare(half, "half", ["switches", i, "half"]);
  }
  for (const [i, bank] of file.banks.entries())
    for (const name of resolving.spell(bank.id, ["banks", i, "id"]))
      resolving.declare(name, "bank", ["banks", i, "id"]);
  for (const [i, supply] of (file.supplies ?? []).entries())
    for (const name of resolving.spell(supply.id, ["supplies", i, "id"]))
      resolving.declare(name, "supply", ["supplies", i, "id"]);
  for (const [i, pdu] of (file.pdus ?? []).entries()) resolving.declare(pdu.id, "PDU", ["pdus", i, "id"]);
  for (const [i, circuit] of (file.circuits ?? []).entries()) {
    const key = circuit.id === undefined ? "outlet" : "id";
    for (const name of resolving.spell(circuit.id ?? circuit.outlet, ["circuits", i, key]))
      resolving.declare(name, "circuit", ["circuits", i, key]);
  }
  for (const [i, device] of (file.devices ?? []).entries())
    resolving.declare(device.id, "device", ["devices", i, "id"]);
}

/** All switches, in the order of the file. */
export function resolveSwitches(resolving: Resolving): ReadonlyMap<string, SwitchPlan> {
  const switches = new Map<string, SwitchPlan>();
  for (const [i, one] of resolving.file.switches.entries()) {
    const path: Path = ["switches", i];
    const model = resolving.model(one.model, "switch", [...path, "model"]);
    const isPlaced = one.rack !== undefined && resolving.demand(one.rack, ["rack"], [...path, "rack"]);
    if (one.uplink !== undefined) resolving.demand(one.uplink, ["switch", "device"], [...path, "uplink"]);
    if (model === null || switches.has(one.id)) continue;
    const { poe } = model;
    switches.set(one.id, {
      id: one.id,
      model: one.model,
      rack: isPlaced ? one.rack! : null,
      half: isPlaced ? (one.half ?? null) : null,
      address: resolving.address(one.address, [...path, "address"]),
      ports: model.ports,
      // A PoE switch's own rating counts what it gives to boards; they are counted one by one.
      watts: Math.max(0, model.watts.max - (poe?.watts ?? 0)),
      poe:
        poe === undefined
          ? null
          : { driver: poe.driver, watts: poe.watts, perPort: poe.per_port, settings: poe.settings ?? {} },
      path,
    });
  }
  return switches;
}

/** All banks that stand in a rack, in the natural order of their names. */
export function resolveBanks(resolving: Resolving, switches: ReadonlyMap<string, SwitchPlan>): readonly BankPlan[] {
  const banks: BankPlan[] = [];
  const taken = new Map<string, string>();
  for (const [i, entry] of resolving.file.banks.entries()) {
    const path: Path = ["banks", i];
    const ids = resolving.spell(entry.id, [...path, "id"]);
    const model = resolving.model(entry.model, "bank", [...path, "model"]);
    const hasRack = entry.rack === undefined || resolving.demand(entry.rack, ["rack"], [...path, "rack"]);
    const switchAt =
      entry.switch === undefined ? null : resolving.inStep(entry.switch, ids.length, [...path, "switch"]);
    const powerAt = entry.power === undefined ? null : resolving.inStep(entry.power, ids.length, [...path, "power"]);
    const ports = readPorts(resolving, entry, model?.slots ?? null, path);
    for (const [nth, id] of ids.entries()) {
      const switchId = switchAt?.(nth) ?? null;
      const isKnown = switchId !== null && resolving.demand(switchId, ["switch"], [...path, "switch"]);
      const own = isKnown ? (switches.get(switchId) ?? null) : null;
      const power = powerAt?.(nth) ?? null;
      const isFed = power === null || power === "poe" || resolving.demand(power, ["supply"], [...path, "power"]);
      const rack = entry.rack ?? own?.rack ?? null;
      if (rack === null && (switchId === null || own !== null))
        resolving.error(
          "cluster.bank-without-rack",
          path,
          `bank ${id} stands in no rack: say rack, or give its switch one`,
          {
            expected: "rack: the name of a rack",
          },
        );
      if (model === null || rack === null || !hasRack) continue;
      if (own !== null) claimPorts(resolving, taken, own, id, ports, [...path, "ports"]);
      banks.push({
        id,
        rack,
        half: own?.rack === rack ? own.half : null,
        slots: model.slots,
        heightU: model.height_u,
        caddyFans: model.fan_every === undefined ? 0 : Math.ceil(model.slots / model.fan_every),
        switch: own,
        ports: own === null ? [] : ports,
        power: isFed ? power : null,
        path,
      });
    }
  }
  return banks.sort((a, b) => compareNames(a.id, b.id));
}

function readPorts(
  resolving: Resolving,
  entry: { readonly ports?: string; readonly switch?: string },
  slots: number | null,
  path: Path,
): readonly number[] {
  if (entry.ports === undefined) return [];
  const where = [...path, "ports"];
  if (entry.switch === undefined)
    resolving.error("cluster.ports-without-switch", where, "ports are given, but no switch they belong to", {
      expected: "switch: the name of a switch",
    });
  const spelled = expandNumbers(entry.ports, 0, 10_000);
  if (spelled.kind === "invalid") {
    resolving.error("cluster.range", where, spelled.message, { expected: "ports like 1-21 or 1-41/2" });
    return [];
  }
  const ports = spelled.names.map(Number);
  if (slots !== null && ports.length < slots)
    resolving.error("cluster.ports-too-few", where, `${entry.ports} are ${ports.length} ports for ${slots} slots`, {
      expected: `${slots} ports`,
    });
  return ports.slice(0, slots ?? ports.length);
}

function claimPorts(
  resolving: Resolving,
  taken: Map<string, string>,
  own: SwitchPlan,
  bank: string,
  ports: readonly number[],
  path: Path,
): void {
  const twice = new Map<string, number[]>();
  for (const port of ports) {
    const key = `${own.id}/${port}`;
    const owner = taken.get(key);
    if (owner === undefined) taken.set(key, bank);
    else twice.set(owner, [...(twice.get(owner) ?? []), port]);
  }
  for (const [owner, shared] of twice) {
    const which = shared.length === 1 ? `port ${shared[0]}` : `${shared.length} ports (${shared[0]}, …)`;
    resolving.error(
      "cluster.port-twice",
      path,
      `bank ${bank} uses ${which} of switch ${own.id}, taken by bank ${owner}`,
      {
        expected: "ports that no other bank uses",
      },
    );
  }
  const beyond = ports.find((port) => port > own.ports || port < 1);
  if (beyond !== undefined)
    resolving.error(
      "cluster.port-beyond",
      path,
      `switch ${own.id} (${own.model}) has ports 1 to ${own.ports}, not ${beyond}`,
      {
        expected: `ports from 1 to ${own.ports}`,
      },
    );
}
