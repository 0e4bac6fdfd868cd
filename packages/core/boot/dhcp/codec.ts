import { ClusterError, DecodeError, type Mac } from "../../base/index.ts";
import type { DhcpMessage } from "./message.ts";
import { hexOf, octetOf, readIpv4, writeIpv4 } from "./octets.ts";
import { optionCodes } from "./options.ts";

/**
 * Decode one DHCP message (RFC 2131 §2; options RFC 2132), Ethernet only.
 *
 * @param bytes UDP payload; not kept.
 * @returns fields in host order; repeats joined (RFC 3396), overload (option 52) resolved and taken away. Options that end
 *   with the packet rather than with END are accepted.
 * @throws DecodeError `dhcp.decode` when the message is cut short or huge, is BOOTP without the magic cookie, or not Ethernet.
 */
export function decodeDhcp(bytes: Uint8Array): DhcpMessage {
  if (bytes.length < optionsAt)
    fail(`cut short: a message has at least ${optionsAt} octets, this one ${bytes.length}`, bytes.length);
  // Far beyond one frame; joining thousands of pieces would cost time for nothing.
  if (bytes.length > mostBytes) fail(`${bytes.length} octets, at most ${mostBytes} are allowed`, mostBytes);
  const op = bytes[0] === 1 ? "request" : bytes[0] === 2 ? "reply" : fail(`op ${bytes[0]} is neither 1 nor 2`, 0);
  if (bytes[1] !== ethernet) fail(`hardware type ${bytes[1]} is not Ethernet (1)`, 1);
  if (bytes[2] !== macOctets) fail(`a hardware address of ${bytes[2]} octets, Ethernet has 6`, 2);
  if (u32(bytes, cookieAt) !== cookie) fail("BOOTP without the magic cookie of DHCP", cookieAt);
  const chaddr = readMac(bytes);
  // One copy for all options: their values are windows on it, so that the caller's buffer may be used again.
  const copy = bytes.slice(snameAt);
  const options = new Map<number, Uint8Array>();
  readOptions(copy, optionsAt - snameAt, copy.length, options);
  const overload = options.get(optionCodes.overload);
  const carriers = overload?.length === 1 ? overload[0]! : 0;
  if (overload !== undefined) {
    if (carriers < 1 || carriers > 3) fail("option 52 (overload) is not 1, 2 or 3", optionsAt);
    options.delete(optionCodes.overload);
    // RFC 3396 §5: the options field, then file, then sname.
    if (carriers & 1) readOptions(copy, fileAt - snameAt, cookieAt - snameAt, options);
    if (carriers & 2) readOptions(copy, 0, fileAt - snameAt, options);
    // An overload told in an overloaded field means nothing.
    options.delete(optionCodes.overload);
  }
  return {
    op,
    hops: bytes[3]!,
    xid: u32(bytes, 4),
    secs: u16(bytes, 8),
    isBroadcast: bytes[10]! >= 0x80,
    ciaddr: readIpv4(bytes, 12),
    yiaddr: readIpv4(bytes, 16),
    siaddr: readIpv4(bytes, 20),
    giaddr: readIpv4(bytes, 24),
    chaddr,
    sname: carriers & 2 ? "" : readField(bytes, snameAt, fileAt),
    file: carriers & 1 ? "" : readField(bytes, fileAt, cookieAt),
    options,
  };
}

/**
 * Encode one DHCP message: options in their order, those longer than 255 octets in pieces (RFC 3396), END, and after it
 * zeros up to `leastBytes` (300: what BOOTP relays and old clients insist on, RFC 1542 §2.1). No PAD stands before END: old
 * Raspberry Pi 4 bootloaders ignore a reply that has one (rpi-eeprom issue 82).
 *
 * @throws ClusterError `dhcp.encode` for a name or file that does not fit its field, and for options 0, 52 and 255.
 */
export function encodeDhcp(message: DhcpMessage, leastBytes = 300): Uint8Array<ArrayBuffer> {
  let length = optionsAt + 1;
  for (const value of message.options.values()) length += value.length + 2 * Math.max(1, Math.ceil(value.length / 255));
  const bytes = new Uint8Array(Math.max(length, leastBytes));
  bytes[0] = message.op === "request" ? 1 : 2;
  bytes[1] = ethernet;
  bytes[2] = macOctets;
  bytes[3] = message.hops;
  putU32(bytes, 4, message.xid);
  bytes[8] = message.secs >>> 8;
  bytes[9] = message.secs;
  bytes[10] = message.isBroadcast ? 0x80 : 0;
  writeIpv4(bytes, 12, message.ciaddr);
  writeIpv4(bytes, 16, message.yiaddr);
  writeIpv4(bytes, 20, message.siaddr);
  writeIpv4(bytes, 24, message.giaddr);
  for (let octet = 0; octet < macOctets; octet++) bytes[chaddrAt + octet] = octetOf(message.chaddr, octet * 3);
  writeField(bytes, snameAt, fileAt, message.sname);
  writeField(bytes, fileAt, cookieAt, message.file);
  putU32(bytes, cookieAt, cookie);
  let at = optionsAt;
  for (const [code, value] of message.options) at = writeOption(bytes, at, code, value);
  bytes[at] = end;
  return bytes;
}

function readOptions(bytes: Uint8Array, from: number, to: number, into: Map<number, Uint8Array>): void {
  let at = from;
  while (at < to) {
    const code = bytes[at++]!;
    if (code === pad) continue;
    if (code === end) return;
    if (at >= to) fail(`option ${code} has no length`, at + snameAt);
    const length = bytes[at++]!;
    if (length > to - at) fail(`option ${code} of ${length} octets is cut short`, at + snameAt);
    const value = bytes.subarray(at, at + length);
    const before = into.get(code);
    into.set(code, before === undefined ? value : joined(before, value));
    at += length;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function writeOption(bytes: Uint8Array, from: number, code: number, value: Uint8Array): number {
  if (code === pad || code === end || code === optionCodes.overload || code > 255)
    throw new ClusterError("dhcp.encode", `option ${code} is part of the layout, not a value to send`);
  let at = from;
  let sent = 0;
  do {
    const piece = Math.min(255, value.length - sent);
    bytes[at++] = code;
    bytes[at++] = piece;
    bytes.set(sent === 0 && piece === value.length ? value : value.subarray(sent, sent + piece), at);
    at += piece;
    sent += piece;
  } while (sent < value.length);
  return at;
}

/** Text up to the first NUL, an octet a letter (Latin-1), so that nothing is lost on the way back. */
function readField(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to && bytes[at] !== 0; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

function writeField(bytes: Uint8Array, from: number, to: number, text: string): void {
  if (text.length > to - from)
    throw new ClusterError("dhcp.encode", `"${text.slice(0, 40)}…" has more than ${to - from} octets`);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 255)
      throw new ClusterError("dhcp.encode", `"${text.slice(0, 40)}" has a letter that no octet can hold`);
    bytes[from + i] = code;
  }
}

function readMac(bytes: Uint8Array): Mac {
  let text = "";
  let sum = 0;
  for (let at = chaddrAt; at < chaddrAt + macOctets; at++) {
    const octet = bytes[at]!;
    sum |= octet;
    text += (at === chaddrAt ? "" : ":") + hexOf[octet];
  }
  if (sum === 0 || bytes[chaddrAt]! & 1) fail(`${text} is the MAC of no board`, chaddrAt);
  return text as Mac;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function fail(message: string, at: number): never {
  throw new DecodeError("dhcp.decode", message, at);
}

const pad = 0;
const end = 255;
const ethernet = 1;
const macOctets = 6;
const mostBytes = 4096;
const cookie = 0x63825363;
/** Where the fields stand (RFC 2131 §2, figure 1). */
const chaddrAt = 28;
const snameAt = 44;
const fileAt = 108;
const cookieAt = 236;
const optionsAt = 240;
