import type { Mac } from "@bramble/core/base";
import { nameOfStranger } from "@bramble/core/base";
import type { Ipv4, SwitchPort } from "@bramble/core/boot";
import type { BoardSlot, Cluster } from "@bramble/core/cluster";
import type { BoardRecord } from "@bramble/core/register";
import type { Bus } from "../bus.ts";
import type { Entry, Roster } from "../register/roster.ts";

/** Who a board is and where it belongs, by whatever its first packets tell. All of it answers at once. */
export type Whereabouts = {
  /**
   * The place of a board that asks for an address: the one that the file gives to its MAC; the one it has kept; that of its
   * switch port (option 82), unless another board lives there; else none.
   */
  place(who: { readonly mac: Mac; readonly port: SwitchPort | null; readonly giaddr: Ipv4 }): {
    readonly address: Ipv4 | null;
    readonly name: string | null;
    /** It is that of its switch port. */
    readonly isPlugged: boolean;
  };
  /** Its name, or the one it will have once it is registered. */
  nameOf(mac: Mac): string;
  slotOf(mac: Mac): BoardSlot | null;
  addressOf(mac: Mac): Ipv4 | null;
  /** The place that a switch says it is plugged in at. */
  slotAt(port: SwitchPort, giaddr: Ipv4): BoardSlot | null;
  /** The board that speaks from `address`; a simulated board's loopback address stands for the one in its network. */
  boardAt(address: string): Mac | null;
  boardBySerial(serial: string): Mac | null;
  serialOf(mac: Mac): string | null;
  /** A board has told its serial. */
  learn(mac: Mac, serial: string): void;
  /** Did anybody hear of this board: the file, the register, or a DISCOVER of this start? */
  knows(mac: Mac): boolean;
};

/**
 * @param holderOf who was given an address by DHCP.
 * @param isGiver whether this head gives the addresses: where another server does, boards live where they say, not where
 * the file would have them.
 */
export function createWhereabouts(parts: {
  readonly cluster: Cluster;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly holderOf: (address: Ipv4) => Mac | null;
  readonly isGiver?: boolean;
}): Whereabouts & Disposable {
  const { cluster, roster, bus, holderOf, isGiver = true } = parts;
  const byMac = new Map<Mac, BoardSlot>();
  const byPort = new Map<string, BoardSlot>();
  const byAddress = new Map<string, BoardSlot>();
  for (const slot of cluster.boards) {
    if (slot.mac !== null) byMac.set(slot.mac, slot);
    if (slot.address !== null) byAddress.set(slot.address, slot);
    if (slot.switch !== null && slot.port !== null) byPort.set(`${slot.switch}/${slot.port}`, slot);
  }
  const switches = new Map(cluster.switches.flatMap(({ id, address }) => (address === null ? [] : [[address, id]])));
  const network = cluster.network.cidr.split(".").slice(0, 2).join(".");
  /** Boards that were placed and are not in the register yet; serials that were told. */
  const placed = bounded<Mac, BoardSlot | null>(maxKept);
  const serials = bounded<string, Mac>(maxKept);
  const told = bounded<Mac, string>(maxKept);

  /** Addresses that boards have said themselves: all there is where another server gives them. */
  const said = bounded<string, Mac>(maxKept);
  const note = (record: BoardRecord | null): void => {
    if (record?.address != null) said.set(record.address, record.mac);
  };
  for (const { record } of roster.all()) note(record);
  const end = bus.on("board.registered", ({ record }) => note(record));

  const slotAt = ({ switch: named, port }: SwitchPort, giaddr: Ipv4): BoardSlot | null => {
    if (port === null) return null;
    for (const name of [named, switches.get(named ?? ""), switches.get(giaddr)]) {
      const slot = byPort.get(`${name}/${port}`);
      if (slot !== undefined) return slot;
    }
    return null;
  };
  /** May this board have the place of its switch port? */
  const isFree = (slot: BoardSlot, mac: Mac): boolean => {
    if (slot.mac !== null) return slot.mac === mac;
    const told = slot.address === null ? null : holderOf(slot.address);
    const holders = [roster.at(slot.index), told === null ? null : roster.byMac(told)];
    return holders.every((holder) => holder?.record == null || holder.record.mac === mac || !isLive(holder));
  };
  const slotOf = (mac: Mac): BoardSlot | null => byMac.get(mac) ?? roster.byMac(mac)?.slot ?? placed.get(mac) ?? null;

  return {
    place({ mac, port, giaddr }) {
      const kept = byMac.get(mac) ?? roster.byMac(mac)?.slot ?? null;
      const plugged = kept === null && port !== null ? slotAt(port, giaddr) : null;
      const isPlugged = plugged !== null && isFree(plugged, mac);
      const slot = isPlugged ? plugged : kept;
      placed.set(mac, slot);
      return { address: slot?.address ?? null, name: slot?.name ?? roster.byMac(mac)?.name ?? null, isPlugged };
    },
    nameOf: (mac) => slotOf(mac)?.name ?? roster.byMac(mac)?.name ?? nameOfStranger(mac),
    slotOf,
    addressOf(mac) {
      const [ours, theirs] = [slotOf(mac)?.address ?? null, roster.byMac(mac)?.record?.address ?? null];
      return isGiver ? (ours ?? theirs) : (theirs ?? ours);
    },
    slotAt,
    boardAt(from) {
      const address = from.startsWith("127.") ? from.replace(/^\d+\.\d+/, network) : from;
      const holder = holderOf(address);
      if (holder !== null) return holder;
      const seen = said.get(address) ?? null;
      if (!isGiver && seen !== null) return seen;
      const slot = byAddress.get(address);
      if (slot !== undefined) return slot.mac ?? roster.at(slot.index)?.record?.mac ?? null;
      return seen;
    },
    boardBySerial(serial) {
      const wanted = lastDigits(serial);
      const heard = serials.get(wanted);
      if (heard !== undefined) return heard;
      // One pass for all: a serial that is not there is asked for once, its board has told it by then.
      for (const { record } of roster.all())
        if (record?.serial != null) serials.set(lastDigits(record.serial), record.mac);
      return serials.get(wanted) ?? null;
    },
    serialOf: (mac) => told.get(mac) ?? roster.byMac(mac)?.record?.serial ?? null,
    learn(mac, serial) {
      serials.set(lastDigits(serial), mac);
      told.set(mac, serial);
    },
    knows: (mac) => byMac.has(mac) || placed.has(mac) || roster.byMac(mac) !== null,
    [Symbol.dispose]: end,
  };
}

const maxKept = 8192;

/** A serial has eight digits on the wire, and sixteen where the system tells it. */
function lastDigits(serial: string): string {
  return serial.toLowerCase().slice(-8);
}

function isLive({ isLinked, standing }: Entry): boolean {
  return isLinked || ["up", "draining", "leasing", "loading", "starting"].includes(standing.state.kind);
}

/** A map that forgets what it took first. */
function bounded<K, V>(most: number): Map<K, V> {
  const map = new Map<K, V>();
  const set = map.set.bind(map);
  map.set = (key, value) => {
    if (!map.has(key) && map.size >= most) for (const [oldest] of map) if (map.delete(oldest)) break;
    return set(key, value);
  };
  return map;
}
