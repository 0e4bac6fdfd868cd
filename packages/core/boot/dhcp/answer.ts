import type { Millis } from "../../base/index.ts";
import type { BootClient } from "../client.ts";
import { type BootTerms, bootOptions } from "./boot-options.ts";
import type { DhcpMessage, DhcpType, Ipv4 } from "./message.ts";
import { addressOctets, optionCodes, textOctets, typeOctets, typeOf, u16Of, u32Octets } from "./options.ts";
import { follows } from "./quirks.ts";

/** What was decided about a message. */
export type DhcpVerdict =
  | { readonly kind: "offer" | "ack"; readonly address: Ipv4 }
  | { readonly kind: "nak"; readonly why: string }
  /** It has an address and asks for the rest (RFC 2131 §4.3.5). */
  | { readonly kind: "inform" }
  /** Another server gives the address, we only tell what to boot. */
  | { readonly kind: "proxy" };

/** What is told to every board of a network. */
export type DhcpTerms = {
  /** Our server identifier (option 54). */
  readonly server: Ipv4;
  readonly mask: Ipv4;
  readonly broadcast: Ipv4;
  readonly gateway: Ipv4 | null;
  readonly dns: readonly Ipv4[];
  readonly domain: string | null;
  readonly leaseMs: Millis;
  /** 67 and 68, except in a simulation; relays are answered on the server's. */
  readonly ports: { readonly server: number; readonly client: number };
  /** Whether the machine has a neighbour entry for an address that its board does not have yet. */
  readonly reaches: (address: Ipv4) => boolean;
};

/** What is told to one board. */
export type BoardTerms = { readonly hostName: string | null; readonly boot: BootTerms | null };

/** How an answer is sent. */
export type Delivery = {
  readonly to: "relay" | "broadcast" | "unicast";
  readonly address: Ipv4;
  readonly port: number;
  /** Counted from the message's arrival. */
  readonly delayMs: Millis;
  /** Times from the message's arrival at which some small frame, whatever it holds, goes to the board's address. */
  readonly wakeFrames: readonly Millis[];
};

/** An answer ready to be encoded and sent. */
export type DhcpAnswer = { readonly message: DhcpMessage; readonly delivery: Delivery };

/** The answer to `message` (RFC 2131 §4.3, table 3), with what this client needs to boot and to take it. */
export function answerDhcp(
  message: DhcpMessage,
  client: BootClient,
  verdict: DhcpVerdict,
  board: BoardTerms,
  terms: DhcpTerms,
): DhcpAnswer {
  const type = typeFor(message, verdict);
  const yiaddr = verdict.kind === "offer" || verdict.kind === "ack" ? verdict.address : "0.0.0.0";
  const isRefusal = verdict.kind === "nak";
  const boot = bootOptions(client, isRefusal ? null : board.boot, verdict.kind === "proxy");
  const reply: DhcpMessage = {
    op: "reply",
    hops: 0,
    xid: message.xid,
    secs: 0,
    // A relay must not send a NAK to an address that is not the board's (RFC 2131 §4.3.2).
    isBroadcast: message.isBroadcast || (isRefusal && message.giaddr !== "0.0.0.0"),
    ciaddr: type === "ack" ? message.ciaddr : "0.0.0.0",
    yiaddr,
    siaddr: boot.siaddr,
    giaddr: message.giaddr,
    chaddr: message.chaddr,
    sname: "",
    file: boot.file,
    options: inOrder(message, client, collect(message, type, verdict, board, terms, boot.options)),
  };
  return { message: reply, delivery: deliver(message, client, verdict, reply, terms) };
}

function typeFor(message: DhcpMessage, verdict: DhcpVerdict): DhcpType {
  if (verdict.kind === "proxy") return typeOf(message) === "discover" ? "offer" : "ack";
  return verdict.kind === "inform" ? "ack" : verdict.kind;
}

type Options = Map<number, Uint8Array>;

/** All that may be said, the most needed first. */
function collect(
  message: DhcpMessage,
  type: DhcpType,
  verdict: DhcpVerdict,
  board: BoardTerms,
  terms: DhcpTerms,
  boot: readonly (readonly [number, Uint8Array])[],
): Options {
  const options: Options = new Map([
    [optionCodes.type, typeOctets(type)],
    [optionCodes.server, addressOctets(terms.server)],
  ]);
  if (verdict.kind === "nak") options.set(optionCodes.message, textOctets(verdict.why));
  else if (verdict.kind !== "proxy") {
    if (verdict.kind !== "inform") {
      const seconds = Math.floor(terms.leaseMs / 1000);
      options.set(optionCodes.leaseTime, u32Octets(seconds));
      options.set(optionCodes.renewTime, u32Octets(Math.floor(seconds / 2)));
      options.set(optionCodes.rebindTime, u32Octets(Math.floor((seconds * 7) / 8)));
    }
    options.set(optionCodes.subnetMask, addressOctets(terms.mask));
    if (terms.gateway !== null) options.set(optionCodes.router, addressOctets(terms.gateway));
    addExtras(message, board, terms, options);
  }
  for (const [code, value] of boot) options.set(code, value);
  for (const code of [optionCodes.uuid, optionCodes.clientId, optionCodes.relay]) {
    // RFC 4578 §2.3, RFC 6842, RFC 3046 §2.2: given back as they came.
    const value = message.options.get(code);
    if (value !== undefined) options.set(code, value);
  }
  return options;
}

/** What is only said to those who ask, or who leave it to us. */
function addExtras(message: DhcpMessage, board: BoardTerms, terms: DhcpTerms, options: Options): void {
  const wanted = message.options.get(optionCodes.wanted);
  const add = (code: number, value: () => Uint8Array): void => {
    if (wanted === undefined || wanted.includes(code)) options.set(code, value());
  };
  const { hostName } = board;
  const { dns, domain } = terms;
  if (hostName !== null) add(optionCodes.hostName, () => textOctets(hostName));
  if (dns.length > 0) add(optionCodes.dns, () => Uint8Array.from(dns.flatMap((one) => [...addressOctets(one)])));
  if (domain !== null) add(optionCodes.domain, () => textOctets(domain));
  add(optionCodes.broadcast, () => addressOctets(terms.broadcast));
}

/**
 * The options in the order of the answer: the kind first, then what the client asks for in its order, relay information
 * last (RFC 3046 §2.2). What a client can do without is left out where it has no room (option 57).
 */
function inOrder(message: DhcpMessage, client: BootClient, options: Options): Options {
  const room = Math.max(leastSize, u16Of(message, optionCodes.maxSize) ?? 0) - headersSize;
  let size = 241;
  for (const value of options.values()) size += value.length + 2 * Math.max(1, Math.ceil(value.length / 255));
  for (const code of dispensable) {
    if (size <= room) break;
    const value = options.get(code);
    if (value === undefined) continue;
    options.delete(code);
    size -= value.length + 2;
  }
  const last: number[] = follows("server-in-digits-last", client) ? [optionCodes.tftpName] : [];
  last.push(optionCodes.relay);
  const ordered: Options = new Map();
  const take = (code: number): void => {
    const value = options.get(code);
    if (value !== undefined) ordered.set(code, value);
  };
  for (const code of [optionCodes.type, optionCodes.server, optionCodes.leaseTime]) take(code);
  for (const code of message.options.get(optionCodes.wanted) ?? []) if (!last.includes(code)) take(code);
  for (const code of options.keys()) if (!last.includes(code)) take(code);
  for (const code of last) take(code);
  return ordered;
}

/** RFC 2131 §4.1: to the relay; to the address that it has; to all; to the address that it is about to have. */
function deliver(
  message: DhcpMessage,
  client: BootClient,
  verdict: DhcpVerdict,
  { yiaddr }: DhcpMessage,
  { ports, reaches }: DhcpTerms,
): Delivery {
  const isLate = typeOf(message) === "discover" && follows("late-reply", client);
  const now = { delayMs: isLate ? lateReply.delayMs : 0, wakeFrames: [] };
  if (message.giaddr !== "0.0.0.0") return { to: "relay", address: message.giaddr, port: ports.server, ...now };
  const toAll: Delivery = { to: "broadcast", address: "255.255.255.255", port: ports.client, ...now };
  if (verdict.kind === "nak") return toAll;
  if (message.ciaddr !== "0.0.0.0") return { to: "unicast", address: message.ciaddr, port: ports.client, ...now };
  const canReach = yiaddr !== "0.0.0.0" && reaches(yiaddr);
  const wakeFrames = isLate && canReach ? lateReply.wakeFrames : [];
  if (message.isBroadcast || !canReach) return { ...toAll, wakeFrames };
  return { to: "unicast", address: yiaddr, port: ports.client, ...now, wakeFrames };
}

/**
 * For `late-reply`: after two seconds, in which an OFFER may lock up the ROM, and before it asks again at five. Its attempt
 * ends after a second without a frame, so one comes before each has passed, and one after the OFFER that it acts on.
 */
const lateReply = { delayMs: 2_100, wakeFrames: [600, 1_200, 1_800, 2_700] } as const;

/** What every client takes (RFC 2132 §9.10), with the headers of IP and UDP. */
const leastSize = 576;
const headersSize = 28;
/** What goes first where there is no room. */
const dispensable = [
  optionCodes.domain,
  optionCodes.broadcast,
  optionCodes.dns,
  optionCodes.hostName,
  optionCodes.renewTime,
  optionCodes.rebindTime,
] as const;
