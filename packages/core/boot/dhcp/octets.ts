import { ClusterError } from "../../base/index.ts";
import type { Ipv4 } from "./message.ts";

/** The address that stands in four octets. */
export function readIpv4(bytes: Uint8Array, at: number): Ipv4 {
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  // Most address fields of most messages are empty.
  return (a | b | c | d) === 0 ? "0.0.0.0" : `${a}.${b}.${c}.${d}`;
}

/** Put an address into four octets. @throws ClusterError `dhcp.encode` when the text is no address. */
export function writeIpv4(bytes: Uint8Array, at: number, address: Ipv4): void {
  if (address === "0.0.0.0") {
    bytes.fill(0, at, at + 4);
    return;
  }
  let octet = 0;
  let digits = 0;
  let part = 0;
  for (let i = 0; i <= address.length; i++) {
    const code = i < address.length ? address.charCodeAt(i) : dot;
    if (code === dot) {
      if (digits === 0 || octet > 255 || part > 3) throw notAnAddress(address);
      bytes[at + part++] = octet;
      octet = 0;
      digits = 0;
    } else if (code >= zero && code <= zero + 9 && digits < 3) {
      octet = octet * 10 + (code - zero);
      digits++;
    } else throw notAnAddress(address);
  }
  if (part !== 4) throw notAnAddress(address);
}

/** An octet in two hex digits. */
export const hexOf: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

/** The octet that two hex digits in lower case stand for. */
export function octetOf(text: string, at: number): number {
  return (digitOf(text.charCodeAt(at)) << 4) | digitOf(text.charCodeAt(at + 1));
}

function digitOf(code: number): number {
  return code > nine ? code - letters : code - zero;
}

function notAnAddress(text: string): ClusterError {
  return new ClusterError("dhcp.encode", `"${text.slice(0, 40)}" is no IPv4 address`);
}

const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
/** What turns `a` into ten. */
const letters = 0x61 - 10;
