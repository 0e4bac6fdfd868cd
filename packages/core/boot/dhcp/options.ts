import type { DhcpMessage, DhcpType, Ipv4 } from "./message.ts";
import { dhcpTypes } from "./message.ts";
import { readIpv4, writeIpv4 } from "./octets.ts";

/** The options that Bramble reads or writes, by the names used here (RFC 2132 unless said otherwise). */
export const optionCodes = {
  subnetMask: 1,
  router: 3,
  dns: 6,
  hostName: 12,
  domain: 15,
  broadcast: 28,
  vendor: 43,
  requested: 50,
  leaseTime: 51,
  overload: 52,
  type: 53,
  server: 54,
  wanted: 55,
  message: 56,
  maxSize: 57,
  renewTime: 58,
  rebindTime: 59,
  vendorClass: 60,
  clientId: 61,
  tftpName: 66,
  bootFile: 67,
  userClass: 77,
  /** RFC 4039. */
  rapidCommit: 80,
  /** Relay agent information (RFC 3046). */
  relay: 82,
  /** Client architecture, network interface and UUID (RFC 4578). */
  arch: 93,
  undi: 94,
  uuid: 97,
  /** iPXE's own options, encapsulated. */
  ipxe: 175,
} as const;

/** The kind of a message (option 53); null for BOOTP and for kinds that nobody knows. */
export function typeOf(message: DhcpMessage): DhcpType | null {
  const value = message.options.get(optionCodes.type);
  return value?.length === 1 ? (typeNames[value[0]!] ?? null) : null;
}

/** An option's text, without the NULs that some clients put at its end; null when it is absent. */
export function textOf(message: DhcpMessage, code: number): string | null {
  const value = message.options.get(code);
  if (value === undefined) return null;
  let length = value.length;
  while (length > 0 && value[length - 1] === 0) length--;
  let text = "";
  for (let i = 0; i < length; i++) {
    const octet = value[i]!;
    if (octet > 0x7f) return decoder.decode(value.subarray(0, length));
    text += String.fromCharCode(octet);
  }
  return text;
}

/** An option's address, the first when there are several; null when it is absent or too short. */
export function addressOf(message: DhcpMessage, code: number): Ipv4 | null {
  const value = message.options.get(code);
  return value === undefined || value.length < 4 ? null : readIpv4(value, 0);
}

/** An option of one octet; null when it is absent or has another length. */
export function u8Of(message: DhcpMessage, code: number): number | null {
  const value = message.options.get(code);
  return value?.length === 1 ? value[0]! : null;
}

/** An option of two octets, or the first two of a list; null when it is absent or too short. */
export function u16Of(message: DhcpMessage, code: number): number | null {
  const value = message.options.get(code);
  return value === undefined || value.length < 2 ? null : (value[0]! << 8) | value[1]!;
}

/** An option of four octets; null when it is absent or has another length. */
export function u32Of(message: DhcpMessage, code: number): number | null {
  const value = message.options.get(code);
  if (value?.length !== 4) return null;
  return ((value[0]! << 24) | (value[1]! << 16) | (value[2]! << 8) | value[3]!) >>> 0;
}

/** The value of option 53. */
export function typeOctets(type: DhcpType): Uint8Array {
  return Uint8Array.of(dhcpTypes[type]);
}

/** A text as an option's value, UTF-8. */
export function textOctets(text: string): Uint8Array {
  // Nearly always ASCII, several for each packet: a fraction of what the encoder takes.
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return encoder.encode(text);
    octets[i] = code;
  }
  return octets;
}

/** An address as an option's value. */
export function addressOctets(address: Ipv4): Uint8Array {
  const octets = new Uint8Array(4);
  writeIpv4(octets, 0, address);
  return octets;
}

/** A number of 16 bits as an option's value. */
export function u16Octets(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

/** A number of 32 bits as an option's value. */
export function u32Octets(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

const names = Object.keys(dhcpTypes) as DhcpType[];
const typeNames = Array.from({ length: 9 }, (_, code) => names.find((name) => dhcpTypes[name] === code) ?? null);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
