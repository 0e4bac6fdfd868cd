import type { Mac } from "../../base/index.ts";

/** An IPv4 address in dotted form: `172.20.11.1`; `0.0.0.0` where a field is empty. */
export type Ipv4 = string;

/**
 * One DHCP message (RFC 2131 §2), fields in host order.
 *
 * `options` keeps the order received, each code once: what stood in several pieces is joined (RFC 3396), what `sname` and
 * `file` carried by overload (RFC 2132 §9.3) is among them. Pad and end are not kept.
 */
export type DhcpMessage = {
  readonly op: "request" | "reply";
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  /** Flags bit 15: the client cannot take unicast before it has an address. */
  readonly isBroadcast: boolean;
  readonly ciaddr: Ipv4;
  readonly yiaddr: Ipv4;
  readonly siaddr: Ipv4;
  readonly giaddr: Ipv4;
  readonly chaddr: Mac;
  readonly sname: string;
  readonly file: string;
  readonly options: ReadonlyMap<number, Uint8Array>;
};

/** Option 53 (RFC 2132 §9.6). */
export const dhcpTypes = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** A kind of DHCP message. */
export type DhcpType = keyof typeof dhcpTypes;
