import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../../base/index.ts";
import type { TftpOptions, TftpPacket } from "./packet.ts";
import { blockOfAck, decodeTftp, encodeTftp, frameTftpData, maxRequestOctets } from "./packet.ts";

/** Octets of a packet written as text: `\0` is a zero. */
const octets = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const none: TftpOptions = new Map();

describe("packets as real clients send them", () => {
  const cases: readonly (readonly [what: string, bytes: string, packet: TftpPacket])[] = [
    ["the first request of a Pi 3's ROM", "\0\x01bootcode.bin\0octet\0", read("bootcode.bin", {})],
    [
      "start.elf, asked for its size",
      "\0\x01a2ef5644/start.elf\0octet\0tsize\x000\0",
      read("a2ef5644/start.elf", { tsize: "0" }),
    ],
    [
      "a Pi 4's bootloader",
      "\0\x019ffefdef/start4.elf\0octet\0tsize\x000\0blksize\x001024\0",
      read("9ffefdef/start4.elf", { tsize: "0", blksize: "1024" }),
    ],
    ["mode and options in capitals", "\0\x01x\0OCTET\0BLKSIZE\x00512\0", read("x", { blksize: "512" })],
    ["an option given twice: the first counts", "\0\x01x\0octet\0tsize\x000\0TSIZE\x009\0", read("x", { tsize: "0" })],
    ["a request filled up with zeros", "\0\x01x\0octet\0\0\0\0\0", read("x", {})],
    ["a write", "\0\x02x\0netascii\0", { kind: "write", path: "x", mode: "netascii", options: none }],
    ["an acknowledgement with octets behind it", "\0\x04\x12\x34more", { kind: "ack", block: 0x1234 }],
    [
      "the end of an existence probe",
      "\0\x05\0\0Early terminate\0",
      { kind: "error", code: 0, message: "Early terminate" },
    ],
    ["an error that is not ended", "\0\x05\0\x01no", { kind: "error", code: 1, message: "no" }],
    ["an empty last block", "\0\x03\0\x02", { kind: "data", block: 2, bytes: new Uint8Array() }],
    ["an option acknowledgement", "\0\x06tsize\x0042\0", { kind: "oack", options: new Map([["tsize", "42"]]) }],
  ];

  test.each(cases)("%s", (_, bytes, packet) => {
    expect(decodeTftp(octets(bytes))).toEqual(packet);
  });
});

describe("what is no packet is refused with its place", () => {
  const cases: readonly (readonly [what: string, bytes: Uint8Array, offset: number])[] = [
    ["nothing", new Uint8Array(), 0],
    ["three octets", octets("\0\x04\0"), 3],
    ["an unknown operation", octets("\0\x07\0\0"), 0],
    ["a path without its end", octets("\0\x01boot"), 6],
    ["no mode", octets("\0\x01boot\0"), 7],
    ["no path", octets("\0\x01\0octet\0"), 2],
    ["a name of an option without a value", octets("\0\x01x\0octet\0tsize\0"), 16],
    ["a path that is not UTF-8", octets("\0\x01\xff\xfe\0octet\0"), 2],
    ["a path of ten thousand letters", octets(`\0\x01${"../".repeat(3334)}\0octet\0`), maxRequestOctets],
  ];

  test.each(cases)("%s", (_, bytes, offset) => {
    expect(refusalOf(bytes)).toMatchObject({ code: "tftp.decode", offset });
  });
});

const text = fc
  .string({ unit: "grapheme", maxLength: 20 })
  .filter((value) => !value.includes("\0") && value.isWellFormed());
const block = fc.nat(0xffff);
const options = fc
  .uniqueArray(
    fc.tuple(
      text.map((name) => `o${name}`.toLowerCase()),
      text,
    ),
    { selector: ([name]) => name, maxLength: 3 },
  )
  // Capitals that have no stable lower case are no names of options.
  .map((pairs): TftpOptions => new Map(pairs.filter(([name]) => name === name.toLowerCase())));
const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
  fc
    .record({
      kind: fc.constantFrom("read", "write"),
      path: text.map((path) => `p${path}`),
      mode: fc.constantFrom("octet", "netascii"),
      options,
    })
    .filter((request) => encodeTftp(request).length <= maxRequestOctets),
  fc.record({ kind: fc.constant("data"), block, bytes: fc.uint8Array({ maxLength: 1500 }) }),
  fc.record({ kind: fc.constant("ack"), block }),
  fc.record({ kind: fc.constant("error"), code: block, message: text }),
  options.filter(({ size }) => size > 0).map((all) => ({ kind: "oack" as const, options: all })),
);

test("decode undoes encode, and encode undoes decode", () => {
  fc.assert(
    fc.property(packet, (value) => {
      const bytes = encodeTftp(value);
      expect(decodeTftp(bytes)).toEqual(value);
      expect(encodeTftp(decodeTftp(bytes))).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});

test("a packet that is cut or flipped gives a packet or a decode error", () => {
  fc.assert(
    fc.property(packet, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (value, cut, at, flip) => {
      const bytes = encodeTftp(value);
      const whole = bytes.slice(0, cut % (bytes.length + 1));
      if (whole.length > 0) whole[at % whole.length]! ^= flip;
      const refusal = refusalOf(whole);
      expect(refusal === null || refusal instanceof DecodeError).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("any octets give a packet or a decode error", () => {
  fc.assert(
    fc.property(fc.nat(7), fc.uint8Array({ maxLength: 600 }), (operation, rest) => {
      const refusal = refusalOf(Uint8Array.of(0, operation, ...rest));
      expect(refusal === null || refusal instanceof DecodeError).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("the quick reader of acknowledgements agrees with the decoder", () => {
  fc.assert(
    fc.property(packet, (value) => {
      expect(blockOfAck(encodeTftp(value))).toBe(value.kind === "ack" ? value.block : -1);
    }),
  );
  expect(blockOfAck(octets("\0\x04\0"))).toBe(-1);
});

test("the head of DATA is the same wherever it is written, and counts on past 65535 from 0", () => {
  const bytes = new Uint8Array(10);
  frameTftpData(bytes, 3, 65536 + 258);
  expect(decodeTftp(bytes.subarray(3))).toEqual({ kind: "data", block: 258, bytes: new Uint8Array(3) });
});

function read(path: string, asked: Readonly<Record<string, string>>): TftpPacket {
  return { kind: "read", path, mode: "octet", options: new Map(Object.entries(asked)) };
}

/** What the decoder threw; null when it gave a packet. */
function refusalOf(bytes: Uint8Array): unknown {
  try {
    decodeTftp(bytes);
    return null;
  } catch (thrown) {
    return thrown;
  }
}
