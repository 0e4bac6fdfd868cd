import type { FakeClock, LogLine, Mac } from "@bramble/core/base";
import { fakeClock, mac, seededRandom } from "@bramble/core/base";
import type { BootEvent, DhcpMessage, DhcpType, Ipv4, Lease } from "@bramble/core/boot";
import { addressOctets, decodeDhcp, dhcpTypes, encodeDhcp, optionCodes, textOctets } from "@bramble/core/boot";
import type { LeaseStore } from "../../store/leases.ts";
import type { DhcpAlarm } from "./alarm.ts";
import { type DhcpParts, startDhcp } from "./server.ts";
import type { Sighting } from "./sightings.ts";
import type { openWire, Sender } from "./sockets.ts";

/** What left the server. */
type Sent = { readonly message: DhcpMessage | null; readonly port: number; readonly address: string };

/** A server with everything real but its clock, its store and its sockets. For tests. */
export async function dhcpRig(some: Partial<DhcpParts> & { readonly canBroadcast?: boolean } = {}) {
  const { canBroadcast = true, ...changes } = some;
  const clock: FakeClock = fakeClock();
  const sent: Sent[] = [];
  const alarms: DhcpAlarm[] = [];
  const told: [Mac, BootEvent][] = [];
  const seen: Sighting[] = [];
  const lines: [level: string, event: string, facts: Readonly<Record<string, unknown>>][] = [];
  const line =
    (level: string): LogLine =>
    (facts, event) =>
      void lines.push([level, event, facts]);
  const leases = pretendLeases();
  type Hear = Parameters<typeof openWire>[1];
  let hear: Hear | null = null;
  const server = await startDhcp({
    bind: { address: canBroadcast ? "10.0.0.1" : "127.0.0.1", port: 67 },
    network: { cidr: "10.0.0.0/16", gateway: "10.0.0.254", head: "10.0.0.1", pool: poolOf(200) },
    mode: "authoritative",
    place: ({ mac }) => ({ address: slotOf(mac), name: slotOf(mac) === null ? null : `b${mac.slice(-2)}` }),
    bootOf: () => ({ server: "10.0.0.1", file: null, url: null }),
    leases,
    tell: (mac, event) => void told.push([mac, event]),
    seen: async (sighting) => void seen.push(sighting),
    alarm: (alarm) => void alarms.push(alarm),
    clock,
    random: seededRandom("dhcp"),
    log: { error: line("error"), warn: line("warn"), info: line("info"), debug: line("debug") },
    open: async (plan, receivers) => {
      hear = receivers;
      return {
        port: plan.port,
        proxyPort: plan.proxyPort,
        canBroadcast,
        send: (bytes, port, address) =>
          void sent.push({ message: bytes.length < 240 ? null : decodeDhcp(bytes), port, address }),
        poke: (address) => void sent.push({ message: null, port: 9, address }),
        async [Symbol.asyncDispose]() {},
      };
    },
    ...changes,
  });
  const from: Sender = { address: "0.0.0.0", port: 68 };
  return {
    ...{ server, clock, sent, alarms, told, seen, lines, leases },
    /** One datagram to the server's port. */
    hear: (message: DhcpMessage | Uint8Array, sender: Sender = from) =>
      hear!.asServer(message instanceof Uint8Array ? message : encodeDhcp(message), sender),
    hearProxy: (message: DhcpMessage, sender: Sender) => hear!.asProxy(encodeDhcp(message), sender),
    hearClient: (message: DhcpMessage, sender: Sender) => hear!.asClient(encodeDhcp(message), sender),
    /** What has left since the last call, without probes for other servers. */
    answers: () => sent.splice(0).filter(({ message }) => message?.op !== "request"),
  };
}

/** The rig as a value. */
export type DhcpRig = Awaited<ReturnType<typeof dhcpRig>>;

/** A store that keeps, refuses or waits as it is told. */
export function pretendLeases(kept: readonly Lease[] = []) {
  const rows = new Map<Ipv4, Lease>(kept.map((lease) => [lease.address, lease]));
  const state = { fault: null as Error | null, commits: 0, hold: null as Promise<void> | null };
  const store: LeaseStore = {
    all: () => [...rows.values()],
    async save(leases) {
      await state.hold;
      if (state.fault !== null) throw state.fault;
      state.commits++;
      for (const lease of leases) rows.set(lease.address, lease);
    },
  };
  return Object.assign(store, { rows, state });
}

/** The first addresses of the pool: 10.0.250.1 and on. */
export function poolOf(count: number): Ipv4[] {
  return Array.from({ length: count }, (_, n) => `10.0.${250 + (n >> 8)}.${n & 255}`);
}

/** Boards of the file have a MAC that begins with b8:27:eb; their address follows from it. */
export function slotOf(board: Mac): Ipv4 | null {
  if (!board.startsWith("b8:27:eb:00")) return null;
  const [high, low] = board.split(":").slice(4);
  return `10.0.${Number.parseInt(high!, 16) + 10}.${Number.parseInt(low!, 16)}`;
}

/** The n-th board of the file, from 1. */
export function boardMac(n: number): Mac {
  return numbered("b8:27:eb:00", n);
}

/** The n-th board that nobody knows, from 1. */
export function strangerMac(n: number): Mac {
  return numbered("52:54:00:00", n);
}

/** A message of a client. */
export function asks(
  type: DhcpType,
  chaddr: Mac,
  changes: Partial<DhcpMessage> = {},
  options: Options = {},
): DhcpMessage {
  return {
    ...{ op: "request", hops: 0, xid: 0x26f30339, secs: 0, isBroadcast: false, sname: "", file: "", chaddr },
    ...{ ciaddr: "0.0.0.0", yiaddr: "0.0.0.0", siaddr: "0.0.0.0", giaddr: "0.0.0.0" },
    ...changes,
    options: new Map([[optionCodes.type, Uint8Array.of(dhcpTypes[type])], ...optionsOf(options)]),
  };
}

/** Options by their code: an address, a text or octets. */
type Options = Readonly<Record<number, string | Uint8Array>>;

function optionsOf(options: Options): [number, Uint8Array][] {
  return Object.entries(options).map(([code, value]) => {
    if (typeof value !== "string") return [Number(code), value];
    return [Number(code), /^\d+(\.\d+){3}$/.test(value) ? addressOctets(value) : textOctets(value)];
  });
}

function numbered(prefix: string, n: number): Mac {
  const hex = (octet: number): string => octet.toString(16).padStart(2, "0");
  return mac(`${prefix}:${hex(n >> 8)}:${hex(n & 255)}`);
}
