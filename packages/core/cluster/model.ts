import type { Mac } from "../base/index.ts";

/** A board's own port on a PDU or PoE switch: `pdu1.3`, `s1.2`. */
export type OutletId = string;

/** What the cluster file says, resolved: every name is known, every board has its path upward. Deeply frozen. */
export type Cluster = {
  readonly name: string;
  readonly description: string;
  /** IANA name, for schedules. */
  readonly timezone: string;
  readonly network: Network;
  readonly boot: Boot;
  readonly limits: Limits;
  readonly racks: readonly Rack[];
  readonly banks: readonly Bank[];
  readonly switches: readonly Switch[];
  readonly supplies: readonly Supply[];
  /** Everything that switches power: PDUs, PoE switches, plugs. */
  readonly pdus: readonly Pdu[];
  readonly outlets: readonly Outlet[];
  readonly groups: readonly Group[];
  /** Each board's place, in the order of the layout: `boards[i].index === i`. */
  readonly boards: readonly BoardSlot[];
  readonly roles: readonly Role[];
  readonly devices: readonly Device[];
  readonly needs: readonly Need[];
  readonly rules: readonly Rule[];
  /** Addresses once seen on a switch that no board of it has by rule. */
  readonly strays: readonly { readonly switch: string; readonly address: string }[];
};

/** The network that the boards are on. */
export type Network = {
  /** The boards' own network, `172.20.0.0/16`. */
  readonly cidr: string;
  readonly gateway: string | null;
  /** The head's address on that network. */
  readonly head: string;
  /** Addresses that boards get which nobody knows, in the order in which they are given. */
  readonly pool: readonly string[];
};

/** How boards boot over the network where no operator has said otherwise. */
export type Boot = {
  /** For every board of the file that `plans` does not name. */
  readonly plan: FilePlan;
  /** The image to boot from; null where there is only one. */
  readonly image: string | null;
  /** How the root comes to a board; null: as the image says. */
  readonly root: "nfs" | "http" | null;
  /** In the order of the file: a later one wins. */
  readonly plans: readonly { readonly set: string; readonly boards: readonly string[]; readonly plan: FilePlan }[];
};

/** A boot plan as the file names it: one of `bootPlans` of the room `boot`. */
export type FilePlan = "live" | "discovery" | "local" | "rescue";

/** What the cluster may draw, and how carefully it is started and cooled. */
export type Limits = {
  /** At most this many boards start at once. */
  readonly waveBoards: number;
  /** Boards on at the same time, by profile; the first profile is the default. */
  readonly profiles: readonly {
    readonly name: string;
    readonly boards: number;
    /** The rack that the profile is for; null means anywhere. */
    readonly onlyIn: string | null;
    /** How the number was found, where the file gives a count of supplies: `3 supplies of 42`. */
    readonly from: string | null;
  }[];
  readonly boot: {
    readonly expect: number;
    readonly accept: number;
    readonly retries: number;
    readonly settleMs: number;
  };
  readonly stagger: { readonly outletsMs: number; readonly wattsPerSecond: number };
  readonly thermal: {
    readonly warnC: number;
    readonly alarmC: number;
    readonly cutC: number;
    readonly sustainMs: number;
  };
  readonly supply: { readonly amps: number; readonly volts: number };
  /** Steady load allowed on a supply or breaker, as a part of its rating: 0.8. */
  readonly loadMax: number;
};

/** One rack with its banks. */
export type Rack = {
  readonly id: string;
  readonly label: string;
  readonly side: string | null;
  readonly banks: readonly string[];
  /** Fans in caddies follow from the banks; large ones are counted by the file. */
  readonly fans: { readonly caddy: number; readonly large: number };
};

/** One carrier of boards in a rack. */
export type Bank = {
  readonly id: string;
  readonly rack: string;
  /** Half of the rack, where the file tells. */
  readonly half: "bottom" | "top" | null;
  readonly slots: number;
  readonly heightU: number;
  readonly switch: string | null;
  readonly boards: readonly string[];
};

/** One network switch. */
export type Switch = {
  readonly id: string;
  readonly model: string;
  readonly rack: string | null;
  readonly half: "bottom" | "top" | null;
  readonly address: string | null;
  readonly ports: number;
  /** What the switch itself draws, without the boards that it feeds over Ethernet. */
  readonly watts: number;
};

/** One power supply with its boards. */
export type Supply = {
  readonly id: string;
  readonly ports: number;
  readonly watts: number;
  readonly peakWatts: number;
  /** Null where no circuit of the file feeds it: its boards cannot be switched. */
  readonly circuit: string | null;
  readonly boards: readonly string[];
};

/** One power distribution unit, or a PoE switch that acts as one. */
export type Pdu = {
  readonly id: string;
  readonly model: string;
  /** Which driver switches it: `synaccess-telnet`, `snmp-rfc3621`, … */
  readonly driver: string;
  /** Where it listens, as the file says; null where the file leaves it open. */
  readonly address: string | null;
  readonly outlets: number;
  readonly watts: number | null;
  readonly breakerAmps: number | null;
  /** For its driver: the model's, and over them its own. */
  readonly settings: Readonly<Record<string, string | number | boolean | readonly string[]>>;
};

/** One switched power feed with all that hangs on it. */
export type Outlet = {
  readonly id: OutletId;
  readonly pdu: string;
  /** As the PDU counts them, from 1. */
  readonly number: number;
  /** The circuit of the file that hangs on it (`g03`), or the outlet's own id. */
  readonly circuit: string;
  /** Things fed, by id: supplies, switches, the server, fans, devices. */
  readonly feeds: readonly string[];
  /** Names of all boards that go dark with it, those of outlets behind it included. */
  readonly boards: readonly string[];
  readonly alwaysOn: boolean;
  /** The outlet that feeds this one: when that is off, so is this. */
  readonly behind: OutletId | null;
  /** Its leads are moved by hand now and then. */
  readonly replug: boolean;
};

/**
 * All boards behind one switched outlet: the smallest set that power can reach. Every switched board is in exactly one.
 * Its id is the circuit's: `g03`, `c-r1-top`, `group-1`, `plug1.1`, `s1.2`.
 */
export type Group = { readonly id: string; readonly outlet: OutletId; readonly boards: readonly string[] };

/** One place for a board: what the file knows of the board that belongs there. */
export type BoardSlot = {
  readonly index: number;
  readonly name: string;
  readonly model: string;
  readonly rack: string;
  readonly bank: string;
  /** From 1, left to right. */
  readonly slot: number;
  readonly switch: string | null;
  readonly port: number | null;
  readonly address: string | null;
  /** True when the file has seen or measured the address; false when only the rule says so. */
  readonly addressKnown: boolean;
  readonly mac: Mac | null;
  readonly supply: string | null;
  readonly group: string | null;
  readonly watts: { readonly max: number; readonly idle: number; readonly inrush: number };
};

/** A thing that is no board: a server, fans, a lamp. */
export type Device = {
  readonly id: string;
  readonly kind: string;
  readonly driver: string | null;
  readonly address: string | null;
  readonly count: number | null;
  readonly mac: Mac | null;
  /** What it draws; null where the file does not say. */
  readonly watts: number | null;
  /** For its driver. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
};

/**
 * `what` may only be on while everything in `needs` is on. One entry a thing, all needs of it together.
 * Ids of circuits (an outlet's or group's `circuit`), switches and devices, the server among them. That a thing needs its
 * own circuit, and an outlet the one it is behind, is said here too.
 */
export type Need = {
  readonly what: string;
  readonly needs: readonly string[];
  /** A button that must be pressed once it has power. */
  readonly start: { readonly press: string; readonly of: string; readonly afterMs: number } | null;
  /** Answers when it is up: `tcp 172.20.0.10:8880`. */
  readonly ready: string | null;
  readonly timeoutMs: number | null;
};

/** What people must know about the cluster, and schedules. */
export type Rule = {
  readonly id: string;
  readonly text: string | null;
  readonly conflict: string | null;
  readonly schedule: {
    readonly what: "shutdown all";
    /** Time of day in the cluster's time zone, `00:00`; null when an operator starts it. */
    readonly at: string | null;
    readonly warnMinutes: readonly number[];
    readonly reason: string | null;
    readonly enabled: boolean;
  } | null;
};

/** What a board runs once it is up. */
export type Role = {
  readonly id: string;
  readonly text: string | null;
  /** The node set that the file gives it to; null: nobody, until an operator says so. */
  readonly for: string | null;
  /** Names of the boards that have it by the file, those left out that a later role names. In the order of the layout. */
  readonly boards: readonly string[];
  /** May write anywhere and run as root. */
  readonly isRoot: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: string; readonly mode: number; readonly content: RoleContent }[];
  readonly units: readonly { readonly name: string; readonly isEnabled: boolean; readonly content: RoleContent }[];
  readonly start: { readonly run: readonly string[]; readonly as: string | null; readonly timeoutMs: number } | null;
};

/** A content that stands in the cluster file, or in a file beside it. */
export type RoleContent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "beside"; readonly from: string };
