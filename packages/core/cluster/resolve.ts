import { type Mac, parseMac } from "../base/index.ts";
import { type BoardPlan, resolveBoards } from "./boards.ts";
import { plainBoot, resolveBoot } from "./boot.ts";
import { resolveWiring, type Wiring } from "./circuits.ts";
import type { Resolving } from "./context.ts";
import { checkLimits } from "./limits.ts";
import type { BoardSlot, Cluster, Device, Limits, Rack, Rule } from "./model.ts";
import { resolveNeeds } from "./needs.ts";
import { type BankPlan, declareNames, resolveBanks, resolveSwitches } from "./places.ts";
import { resolvePool } from "./pool.ts";
import { resolveRoles } from "./roles.ts";

/** Turn a well-formed file into a cluster. What is wrong is told to `resolving`; the result is good only without errors. */
export function resolveCluster(resolving: Resolving): Cluster {
  const { file } = resolving;
  declareNames(resolving);
  const switches = resolveSwitches(resolving);
  const banks = resolveBanks(resolving, switches);
  const { boards: plans, strays } = resolveBoards(resolving, banks);
  const wiring = resolveWiring(resolving, { switches, banks, boards: plans });
  const boards = plans.map((plan) => boardSlot(plan, wiring));
  const halves = new Map(banks.map((bank) => [bank.id, `${bank.rack}-${bank.half}`]));
  const cluster: Cluster = {
    name: file.cluster.name,
    description: file.cluster.description ?? "",
    timezone: readTimezone(resolving),
    network: { cidr: file.network.cidr, gateway: file.network.gateway ?? null, head: file.network.head, pool: [] },
    boot: plainBoot,
    limits: resolveLimits(resolving, wiring, boards),
    racks: file.racks.map((rack): Rack => {
      const inside = banks.filter((bank) => bank.rack === rack.id);
      const caddy = inside.reduce((total, bank) => total + bank.caddyFans, 0);
      return {
        id: rack.id,
        label: rack.label ?? rack.id,
        side: rack.side ?? null,
        banks: inside.map((bank) => bank.id),
        fans: { caddy, large: rack.fans ?? 0 },
      };
    }),
    banks: resolvedBanks(banks, boards),
    switches: [...switches.values()].map(({ id, model, rack, half, address, ports, watts }) => ({
      id,
      model,
      rack,
      half,
      address,
      ports,
      watts,
    })),
    supplies: wiring.supplies,
    pdus: wiring.pdus,
    outlets: wiring.outlets,
    groups: wiring.groups,
    boards,
    roles: [],
    devices: resolveDevices(resolving),
    needs: resolveNeeds(resolving, wiring, boards, halves),
    rules: (file.rules ?? []).map(readRule),
    strays,
  };
  // With names that are wrong already, a node set would only repeat it.
  if (resolving.errors.length > 0) return cluster;
  checkLimits(resolving, cluster);
  return {
    ...cluster,
    network: { ...cluster.network, pool: resolvePool(resolving, cluster) },
    boot: resolveBoot(resolving, cluster),
    roles: resolveRoles(resolving, cluster),
  };
}

function boardSlot(plan: BoardPlan, wiring: Wiring): BoardSlot {
  const { poe, ...board } = plan;
  const viaSupply = board.supply === null ? null : (wiring.circuitOf.get(board.supply) ?? null);
  return { ...board, group: poe === null ? viaSupply : `${poe.id}.${board.port}` };
}

function resolvedBanks(banks: readonly BankPlan[], boards: readonly BoardSlot[]): Cluster["banks"] {
  const names = new Map<string, string[]>(banks.map((bank) => [bank.id, []]));
  for (const board of boards) names.get(board.bank)?.push(board.name);
  return banks.map(({ id, rack, half, slots, heightU, switch: own }) => ({
    id,
    rack,
    half,
    slots,
    heightU,
    switch: own?.id ?? null,
    boards: names.get(id)!,
  }));
}

function resolveLimits(resolving: Resolving, wiring: Wiring, boards: readonly BoardSlot[]): Limits {
  const { limits } = resolving.file;
  const rackOf = new Map(boards.map((board) => [board.name, board.rack]));
  return {
    waveBoards: limits.wave.boards,
    profiles: limits.profiles.map((profile, i) => {
      const path = ["limits", "profiles", i];
      const onlyIn = profile.only_in ?? null;
      if (onlyIn !== null) resolving.demand(onlyIn, ["rack"], [...path, "only_in"]);
      if ((profile.boards === undefined) === (profile.supplies === undefined))
        resolving.error("cluster.profile", path, `profile ${profile.id} must say either boards or supplies`, {
          expected: "boards: a number or all; or supplies: a number",
        });
      const fixed = profile.boards === "all" || profile.boards === undefined ? boards.length : profile.boards;
      if (profile.supplies === undefined)
        return { name: profile.id, boards: Math.min(fixed, boards.length), onlyIn, from: null };
      const sizes = wiring.supplies
        .filter((supply) => onlyIn === null || supply.boards.every((board) => rackOf.get(board) === onlyIn))
        .map((supply) => supply.boards.length)
        .sort((a, b) => b - a)
        .slice(0, profile.supplies);
      const total = sizes.reduce((all, one) => all + one, 0);
      return { name: profile.id, boards: total, onlyIn, from: `${sizes.length} supplies of ${sizes[0] ?? 0}` };
    }),
    boot: {
      expect: limits.wave.boards,
      accept: limits.wave.accept,
      retries: limits.wave.retries,
      settleMs: limits.wave.settle_s * 1000,
    },
    stagger: { outletsMs: limits.stagger.outlets_s * 1000, wattsPerSecond: limits.stagger.watts_per_s },
    thermal: {
      warnC: limits.thermal_c.warn,
      alarmC: limits.thermal_c.alarm,
      cutC: limits.thermal_c.cut,
      sustainMs: limits.thermal_c.sustain_s * 1000,
    },
    supply: { amps: limits.supply.amps, volts: limits.supply.volts },
    loadMax: limits.load_max,
  };
}

function resolveDevices(resolving: Resolving): readonly Device[] {
  return (resolving.file.devices ?? []).map((device, i): Device => {
    const mac: Mac | null = device.mac === undefined ? null : parseMac(device.mac);
    return {
      id: device.id,
      kind: device.kind,
      driver: device.driver ?? null,
      address: resolving.address(device.address, ["devices", i, "address"]),
      count: device.count ?? null,
      mac,
      watts: device.watts?.max ?? null,
      settings: device.settings ?? {},
    };
  });
}

function readRule(rule: NonNullable<Resolving["file"]["rules"]>[number]): Rule {
  const schedule =
    rule.do === undefined
      ? null
      : {
          what: rule.do,
          at: rule.at ?? null,
          warnMinutes: rule.warn_minutes ?? [],
          reason: rule.reason ?? null,
          enabled: rule.enabled ?? true,
        };
  return { id: rule.id, text: rule.text ?? null, conflict: rule.conflict ?? null, schedule };
}

function readTimezone(resolving: Resolving): string {
  const zone = resolving.file.cluster.timezone ?? "UTC";
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    resolving.error("cluster.timezone", ["cluster", "timezone"], `there is no time zone "${zone}"`, {
      expected: "an IANA name like Europe/Zurich",
    });
    return "UTC";
  }
}
