import { nearest } from "../base/index.ts";
import {
  type AddressRule,
  formatIpv4,
  type Ipv4Network,
  isHostOf,
  parseAddressRule,
  parseCidr,
  parseIpv4,
  rulePlaceNames,
} from "./address.ts";
import type { Resolving } from "./context.ts";
import type { Path } from "./document.ts";
import { numberOf } from "./names.ts";
import type { SwitchPlan } from "./places.ts";

/** A board as far as its address goes. */
export type Seat = {
  readonly name: string;
  readonly index: number;
  readonly bank: string;
  readonly slot: number;
  readonly switch: SwitchPlan | null;
  readonly port: number | null;
};

/** Addresses by board name, and what was seen but fits no board. */
export type Addresses = {
  readonly byBoard: ReadonlyMap<string, { readonly address: string; readonly isKnown: boolean }>;
  readonly strays: readonly { readonly switch: string; readonly address: string }[];
};

/** Every board's address: said, measured on a port, or by the rule; and what speaks against it. */
export function resolveAddresses(resolving: Resolving, seats: readonly Seat[]): Addresses {
  const { network, boards } = resolving.file;
  const inside = readNetwork(resolving);
  const byRule = addressesByRule(resolving, seats, inside);
  const byBoard = new Map<string, { address: string; isKnown: boolean }>();
  const measured = addressesByPort(resolving, seats, byRule, inside);
  for (const seat of seats) {
    const said = boards.known?.[seat.name]?.address;
    if (said !== undefined && isUsable(resolving, said, inside, ["boards", "known", seat.name, "address"]))
      byBoard.set(seat.name, { address: said, isKnown: true });
    const rule = byRule.get(seat.name);
    if (byBoard.has(seat.name)) continue;
    const port = measured.get(seat.name);
    if (port !== undefined) byBoard.set(seat.name, port);
    else if (rule !== undefined) byBoard.set(seat.name, { address: rule, isKnown: false });
  }
  const strays = markSeen(resolving, seats, byBoard, inside);
  checkOwners(resolving, byBoard, network.head, network.gateway);
  return { byBoard, strays };
}

type Inside = { readonly cluster: Ipv4Network | null; readonly uplink: Ipv4Network | null; readonly text: string };

function readNetwork(resolving: Resolving): Inside {
  const { network } = resolving.file;
  const read = (text: string | undefined, path: Path): Ipv4Network | null => {
    if (text === undefined) return null;
    const parsed = parseCidr(text);
    if (parsed === null)
      resolving.error("cluster.address", path, `"${text}" is no network: its first address and 0 to 30 bits`, {
        expected: "a network like 10.0.0.0/16",
      });
    return parsed;
  };
  const inside: Inside = {
    cluster: read(network.cidr, ["network", "cidr"]),
    uplink: read(network.uplink?.cidr, ["network", "uplink", "cidr"]),
    text: network.cidr,
  };
  isUsable(resolving, network.head, inside, ["network", "head"]);
  if (network.gateway !== undefined) isUsable(resolving, network.gateway, inside, ["network", "gateway"]);
  const { switches, pdus = [], devices = [] } = resolving.file;
  const reachable: [string | undefined, Path][] = [
    ...switches.map((one, i): [string | undefined, Path] => [one.address, ["switches", i, "address"]]),
    ...pdus.map((one, i): [string | undefined, Path] => [one.address, ["pdus", i, "address"]]),
    ...devices.map((one, i): [string | undefined, Path] => [one.address, ["devices", i, "address"]]),
  ];
  for (const [text, path] of reachable)
    if (text !== undefined && !text.startsWith("$")) isUsable(resolving, text.split(":")[0]!, inside, path, true);
  return inside;
}

/** Whether a text is an address of the cluster's network; things other than boards may also stand on the uplink's. */
function isUsable(resolving: Resolving, text: string, inside: Inside, path: Path, mayBeOutside = false): boolean {
  const address = parseIpv4(text);
  if (address === null) {
    resolving.error("cluster.address", path, `"${text}" is no IPv4 address`, { expected: "an address like 10.0.0.1" });
    return false;
  }
  if (inside.cluster === null || isHostOf(inside.cluster, address)) return true;
  if (mayBeOutside && inside.uplink !== null && isHostOf(inside.uplink, address)) return true;
  resolving.error("cluster.address-outside", path, `${text} is outside the network ${inside.text}`, {
    expected: rangeOf(inside.cluster),
  });
  return false;
}

function rangeOf(network: Ipv4Network): string {
  return `an address from ${formatIpv4(network.first + 1)} to ${formatIpv4(network.first + network.size - 2)}`;
}

function addressesByRule(resolving: Resolving, seats: readonly Seat[], inside: Inside): Map<string, string> {
  const found = new Map<string, string>();
  const text = resolving.file.network.addresses;
  if (text === undefined) return found;
  const path = ["network", "addresses"];
  const parsed = parseAddressRule(text);
  if (parsed.kind === "invalid") {
    const near = nearest(parsed.place.replace(/^.*\+/, ""), rulePlaceNames);
    resolving.error("cluster.address-rule", path, `"${parsed.place}" is no place in an address rule`, {
      expected: `numbers, dots and ${rulePlaceNames.map((name) => `<${name}>`).join(", ")}`,
      nearest: near,
    });
    return found;
  }
  const outside: string[] = [];
  for (const seat of seats) {
    const address = applyRule(parsed.rule, seat);
    if (address === null) continue;
    const value = parseIpv4(address);
    if (value === null) {
      resolving.error(
        "cluster.address-rule",
        path,
        `the rule gives ${seat.name} the address ${address}, which is none`,
        {
          expected: "four numbers up to 255",
        },
      );
      return new Map();
    }
    if (inside.cluster !== null && !isHostOf(inside.cluster, value)) outside.push(`${seat.name} ${address}`);
    found.set(seat.name, address);
  }
  if (outside.length > 0 && inside.cluster !== null)
    resolving.error(
      "cluster.address-outside",
      path,
      `the rule puts ${outside.length} boards outside the network ${inside.text}, first ${outside[0]}`,
      { expected: rangeOf(inside.cluster) },
    );
  return found;
}

function applyRule(rule: AddressRule, seat: Seat): string | null {
  return rule({
    switch: seat.switch === null ? null : numberOf(seat.switch.id),
    bank: numberOf(seat.bank),
    port: seat.port,
    slot: seat.slot,
    board: seat.index + 1,
  });
}

/**
 * Addresses of boards on switches whose ports were measured. A board whose port is not in the table
 * takes, in the order of ports, what the rule gives to the switch and the table leaves over.
 */
function addressesByPort(
  resolving: Resolving,
  seats: readonly Seat[],
  byRule: ReadonlyMap<string, string>,
  inside: Inside,
): Map<string, { address: string; isKnown: boolean }> {
  const found = new Map<string, { address: string; isKnown: boolean }>();
  for (const [switchId, table] of Object.entries(resolving.file.boards.ports ?? {})) {
    const path: Path = ["boards", "ports", switchId];
    if (!resolving.demand(switchId, ["switch"], path)) continue;
    const here = seats.filter((seat) => seat.switch?.id === switchId).sort((a, b) => (a.port ?? 0) - (b.port ?? 0));
    for (const [port, address] of Object.entries(table)) {
      const seat = here.find((one) => one.port === Number(port));
      if (seat === undefined)
        resolving.error(
          "cluster.port-beyond",
          [...path, port],
          `no board is plugged into port ${port} of ${switchId}`,
          {
            expected: "a port that a bank uses",
          },
        );
      else if (isUsable(resolving, address, inside, [...path, port])) found.set(seat.name, { address, isKnown: true });
    }
    const used = new Set(Object.values(table));
    const left = here
      .map((seat) => byRule.get(seat.name))
      .filter((address) => address !== undefined && !used.has(address));
    for (const seat of here) {
      const address = found.has(seat.name) ? undefined : left.shift();
      if (address !== undefined) found.set(seat.name, { address, isKnown: false });
    }
  }
  return found;
}

/** Marks the boards whose address was seen on their switch; gives back the addresses that fit none. */
function markSeen(
  resolving: Resolving,
  seats: readonly Seat[],
  byBoard: Map<string, { address: string; isKnown: boolean }>,
  inside: Inside,
): { switch: string; address: string }[] {
  const strays: { switch: string; address: string }[] = [];
  const owners = new Map([...byBoard].map(([name, { address }]) => [address, name]));
  const switchOf = new Map(seats.map((seat) => [seat.name, seat.switch?.id ?? null]));
  for (const [switchId, texts] of Object.entries(resolving.file.boards.seen ?? {})) {
    if (!resolving.demand(switchId, ["switch"], ["boards", "seen", switchId])) continue;
    for (const { name: address, path } of resolving.spellAll(texts, ["boards", "seen", switchId])) {
      if (!isUsable(resolving, address, inside, path)) continue;
      const owner = owners.get(address);
      if (owner !== undefined && switchOf.get(owner) === switchId) byBoard.set(owner, { address, isKnown: true });
      else strays.push({ switch: switchId, address });
    }
  }
  return strays;
}

function checkOwners(
  resolving: Resolving,
  byBoard: ReadonlyMap<string, { readonly address: string }>,
  head: string,
  gateway: string | undefined,
): void {
  const owners = new Map<string, string>();
  const claim = (address: string | undefined, owner: string, path: Path) => {
    if (address === undefined || parseIpv4(address) === null) return;
    const earlier = owners.get(address);
    if (earlier === undefined) owners.set(address, owner);
    else
      resolving.error("cluster.address-twice", path, `${owner} and ${earlier} both have the address ${address}`, {
        expected: "an address of its own",
      });
  };
  const { file } = resolving;
  claim(gateway, "the gateway", ["network", "gateway"]);
  claim(head, "the head", ["network", "head"]);
  for (const [i, one] of file.switches.entries()) claim(one.address, `switch ${one.id}`, ["switches", i, "address"]);
  for (const [i, one] of (file.pdus ?? []).entries()) claim(one.address, `PDU ${one.id}`, ["pdus", i, "address"]);
  for (const [i, one] of (file.devices ?? []).entries())
    claim(one.address, `device ${one.id}`, ["devices", i, "address"]);
  for (const [name, { address }] of byBoard) {
    const isSaid = file.boards.known?.[name]?.address === address;
    claim(address, `board ${name}`, isSaid ? ["boards", "known", name, "address"] : ["network", "addresses"]);
  }
}
