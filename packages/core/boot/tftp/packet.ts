import { DecodeError, unreachable } from "../../base/index.ts";

/**
 * One TFTP packet (RFC 1350 §5, option acknowledgement RFC 2347).
 *
 * Names of options are in lower case, each name once; values are as they were sent.
 */
export type TftpPacket =
  | {
      /** RRQ and WRQ. */
      readonly kind: "read" | "write";
      /** As the client said it: not yet trusted. */
      readonly path: string;
      /** In lower case: `octet`, `netascii`, or whatever else was asked. */
      readonly mode: string;
      readonly options: TftpOptions;
    }
  | { readonly kind: "data"; readonly block: number; readonly bytes: Uint8Array }
  | { readonly kind: "ack"; readonly block: number }
  | { readonly kind: "error"; readonly code: number; readonly message: string }
  | { readonly kind: "oack"; readonly options: TftpOptions };

/** Options by name, in the order in which they were asked. */
export type TftpOptions = ReadonlyMap<string, string>;

/** What an ERROR packet says by its number (RFC 1350 §5 and appendix; 8 is of RFC 2347). */
export const tftpErrors = {
  undefined: 0,
  notFound: 1,
  refused: 2,
  diskFull: 3,
  illegal: 4,
  unknownTransfer: 5,
  exists: 6,
  noSuchUser: 7,
  badOptions: 8,
} as const;

/** A request may not be longer than this, options and all (RFC 2347). */
export const maxRequestOctets = 512;

/**
 * Decode one datagram.
 *
 * Lenient where clients are known to be careless and nothing can be misread: octets behind an ACK and an ERROR that is
 * not ended by a zero are accepted, as are zeros that fill up a request.
 *
 * @param bytes UDP payload; the `bytes` of DATA are a view of it, not a copy.
 * @throws DecodeError `tftp.decode` with the offset.
 */
export function decodeTftp(bytes: Uint8Array): TftpPacket {
  if (bytes.length < 4) fail(`cut short: ${bytes.length} octets, 4 are the least`, bytes.length);
  const operation = word(bytes, 0);
  switch (operation) {
    case 1:
    case 2:
      return decodeRequest(bytes, operation === 1 ? "read" : "write");
    case 3:
      return { kind: "data", block: word(bytes, 2), bytes: bytes.subarray(4) };
    case 4:
      return { kind: "ack", block: word(bytes, 2) };
    case 5: {
      const end = bytes.indexOf(0, 4);
      return {
        kind: "error",
        code: word(bytes, 2),
        message: lenient.decode(bytes.subarray(4, end === -1 ? bytes.length : end)),
      };
    }
    case 6:
      return { kind: "oack", options: decodeOptions(bytes, 2) };
    default:
      return fail(`operation ${operation} is none of TFTP`, 0);
  }
}

/** Encode one packet. The path, mode, options and message may not hold a zero: it ends a text. */
export function encodeTftp(packet: TftpPacket): Uint8Array<ArrayBuffer> {
  switch (packet.kind) {
    case "read":
    case "write": {
      const texts = [packet.path, packet.mode, ...[...packet.options].flat()];
      return withTexts([0, packet.kind === "read" ? 1 : 2], texts);
    }
    case "data": {
      const bytes = new Uint8Array(4 + packet.bytes.length);
      frameTftpData(bytes, 0, packet.block);
      bytes.set(packet.bytes, 4);
      return bytes;
    }
    case "ack":
      return Uint8Array.of(0, 4, packet.block >> 8, packet.block);
    case "error":
      return withTexts([0, 5, packet.code >> 8, packet.code], [packet.message]);
    case "oack":
      return withTexts([0, 6], [...packet.options].flat());
    default:
      return unreachable(packet);
  }
}

/** Write the four octets that stand before the content of a DATA packet; of `block` the lower 16 bits count. */
export function frameTftpData(into: Uint8Array, at: number, block: number): void {
  into[at] = 0;
  into[at + 1] = 3;
  into[at + 2] = block >> 8;
  into[at + 3] = block;
}

/** The block that an ACK is for, -1 for any other packet: for the one that a server reads a hundred thousand times a second. */
export function blockOfAck(bytes: Uint8Array): number {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 4 ? word(bytes, 2) : -1;
}

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** For messages of errors: whatever they are, they are shown to a person. */
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

function decodeRequest(bytes: Uint8Array, kind: "read" | "write"): TftpPacket {
  if (bytes.length > maxRequestOctets) {
    fail(`a request of ${bytes.length} octets, at most ${maxRequestOctets} are allowed`, maxRequestOctets);
  }
  const path = textAt(bytes, 2);
  if (path.text === "") fail("a request without a path", 2);
  const mode = textAt(bytes, path.end);
  return { kind, path: path.text, mode: mode.text.toLowerCase(), options: decodeOptions(bytes, mode.end) };
}

function decodeOptions(bytes: Uint8Array, from: number): TftpOptions {
  const options = new Map<string, string>();
  let at = from;
  // An empty name is what fills up the packet: nothing follows.
  while (at < bytes.length && bytes[at] !== 0) {
    const name = textAt(bytes, at);
    const value = textAt(bytes, name.end);
    const key = name.text.toLowerCase();
    // An option may be given only once (RFC 2347): the first counts.
    if (!options.has(key)) options.set(key, value.text);
    at = value.end;
  }
  return options;
}

/** A text and where the next begins. */
function textAt(bytes: Uint8Array, at: number): { readonly text: string; readonly end: number } {
  const end = bytes.indexOf(0, at);
  if (end === -1) fail("cut short: a text without its end", bytes.length);
  try {
    return { text: strict.decode(bytes.subarray(at, end)), end: end + 1 };
  } catch {
    return fail("a text is not UTF-8", at);
  }
}

function withTexts(head: readonly number[], texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoded = texts.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(head.length + encoded.reduce((sum, { length }) => sum + length + 1, 0));
  bytes.set(head);
  let at = head.length;
  for (const text of encoded) {
    bytes.set(text, at);
    at += text.length + 1;
  }
  return bytes;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function fail(message: string, offset: number): never {
  throw new DecodeError("tftp.decode", message, offset);
}
