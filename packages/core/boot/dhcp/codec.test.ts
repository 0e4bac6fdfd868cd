import fc from "fast-check";
import { expect, test } from "vitest";
import { ClusterError, DecodeError, mac } from "../../base/index.ts";
import { decodeDhcp, encodeDhcp } from "./codec.ts";
import type { DhcpMessage } from "./message.ts";
import { optionCodes } from "./options.ts";
import { bareMessage, packetOctets } from "./testing.ts";

const address = fc.ipV4();
const board = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((octets) => octets.map((octet, i) => (i === 0 ? (octet & 0xfe) | 2 : octet)))
  .map((octets) => mac(Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(":")));
const field = (maxLength: number) =>
  fc.array(fc.integer({ min: 1, max: 255 }), { maxLength }).map((codes) => String.fromCharCode(...codes));
const code = fc.integer({ min: 1, max: 254 }).filter((one) => one !== optionCodes.overload);
const value = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 250, maxLength: 600 }));

const message: fc.Arbitrary<DhcpMessage> = fc.record({
  op: fc.constantFrom("request", "reply"),
  hops: fc.nat(255),
  xid: fc.nat(0xffffffff),
  secs: fc.nat(65_535),
  isBroadcast: fc.boolean(),
  ciaddr: address,
  yiaddr: address,
  siaddr: address,
  giaddr: address,
  chaddr: board,
  sname: field(64),
  file: field(128),
  options: fc
    .uniqueArray(fc.tuple(code, value), { selector: ([one]) => one, maxLength: 5 })
    .map((pairs) => new Map(pairs)),
});

/** The smallest message: no options at all. */
const bare = bareMessage();

/** `bare` with these octets after the cookie, and changes by offset. */
function packet(options: readonly number[], changes: Readonly<Record<number, number>> = {}): Uint8Array {
  const bytes = new Uint8Array(240 + options.length);
  bytes.set(encodeDhcp(bare).subarray(0, 240));
  bytes.set(options, 240);
  for (const [at, octet] of Object.entries(changes)) bytes[Number(at)] = octet;
  return bytes;
}

test("a message reads back as it was written, and what is read is written as it was", () => {
  fc.assert(
    fc.property(message, (one) => {
      const bytes = encodeDhcp(one, 0);
      expect(bytes.length).toBeGreaterThan(240);
      const back = decodeDhcp(bytes);
      expect(back).toEqual(one);
      expect([...back.options.keys()]).toEqual([...one.options.keys()]);
      expect(encodeDhcp(back, 0)).toEqual(bytes);
    }),
  );
});

test("a message that is cut, flipped or made up gives a value or a decode error with its offset", () => {
  const broken = fc.oneof(
    fc
      .tuple(message, fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }), fc.nat(2000))
      .map(([one, flips, cut]) => {
        const bytes = encodeDhcp(one);
        for (const [at, octet] of flips) bytes[at % bytes.length] = octet;
        return bytes.subarray(0, cut);
      }),
    fc.uint8Array({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 400 }).map((octets) => packet([...octets])),
  );
  fc.assert(
    fc.property(broken, (bytes) => {
      try {
        decodeDhcp(bytes);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DecodeError);
        expect((thrown as DecodeError).code).toBe("dhcp.decode");
        expect((thrown as DecodeError).offset).toBeLessThanOrEqual(bytes.length);
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["nothing", new Uint8Array(0), /cut short.* at octet 0/],
  ["cut before its cookie ends", packet([]).subarray(0, 239), /cut short.* at octet 239/],
  ["BOOTP without the cookie", packet([255], { 236: 0 }), /BOOTP without the magic cookie .*at octet 236/],
  ["neither request nor reply", packet([255], { 0: 3 }), /op 3/],
  ["of another kind of network", packet([255], { 1: 6 }), /hardware type 6 is not Ethernet/],
  ["with a long hardware address", packet([255], { 2: 16 }), /hardware address of 16 octets/],
  ["from a multicast MAC", packet([255], { 28: 1 }), /01:27:eb:00:00:01 is the MAC of no board/],
  ["from no MAC", packet([255], { 28: 0, 29: 0, 30: 0, 33: 0 }), /00:00:00:00:00:00 is the MAC of no board/],
  ["with an option without a length", packet([53]), /option 53 has no length at octet 241/],
  ["with an option that is cut", packet([53, 4, 1]), /option 53 of 4 octets is cut short at octet 242/],
  ["with an option cut in an overloaded file", packet([52, 1, 1, 255], { 235: 12 }), /option 12 has no length/],
  ["with an overload of 4", packet([52, 1, 4, 255]), /overload/],
  ["with an overload of two octets", packet([52, 2, 1, 1, 255]), /overload/],
  ["huge", packet(new Array<number>(5000).fill(0)), /5240 octets, at most 4096/],
])("a message that is %s is refused", (_, bytes, message) => {
  expect(() => decodeDhcp(bytes)).toThrow(message);
});

test("options in several pieces, in file and in sname are one value in the order of RFC 3396", () => {
  const bytes = packet([43, 1, 1, 0, 52, 1, 3, 43, 1, 2, 255], {});
  bytes.set([43, 1, 3, 53, 1, 1, 52, 1, 1, 255], 108);
  bytes.set([43, 1, 4, 255], 44);
  const read = decodeDhcp(bytes);
  expect([...read.options]).toEqual([
    [43, Uint8Array.of(1, 2, 3, 4)],
    [53, Uint8Array.of(1)],
  ]);
  expect([read.sname, read.file]).toEqual(["", ""]);
});

test("only the field that the overload names is read as options", () => {
  const bytes = packet([52, 1, 1, 255], { 44: 0x68, 45: 0x69, 108: 12, 109: 1, 110: 0x62 });
  expect(decodeDhcp(bytes)).toMatchObject({ sname: "hi", file: "", options: new Map([[12, Uint8Array.of(0x62)]]) });
  const other = packet([52, 1, 2, 255], { 44: 12, 45: 1, 46: 0x62, 108: 0x68 });
  expect(decodeDhcp(other)).toMatchObject({ sname: "", file: "h", options: new Map([[12, Uint8Array.of(0x62)]]) });
});

test("options that end with the packet, and rubbish after END, are no fault", () => {
  expect(decodeDhcp(packet([53, 1, 1])).options).toEqual(new Map([[53, Uint8Array.of(1)]]));
  expect(decodeDhcp(packet([0, 0, 255, 53, 9])).options).toEqual(new Map());
});

test("what was decoded does not change with the buffer that it came in", () => {
  const bytes = packet([12, 1, 0x62, 255]);
  const read = decodeDhcp(bytes);
  bytes.fill(9);
  expect(read.options.get(12)).toEqual(Uint8Array.of(0x62));
});

test.each([
  ["pi3b-discover", 320],
  ["pi3b-plus-discover", 322],
  ["pi4-discover", 322],
  ["pc-bios-discover", 548],
])("%s is written again octet by octet", (name, length) => {
  const octets = packetOctets(name);
  expect(octets.length).toBe(length);
  expect(encodeDhcp(decodeDhcp(octets), length)).toEqual(octets);
});

test("a message is padded after END, never before it", () => {
  const bytes = encodeDhcp({ ...bare, options: new Map([[53, Uint8Array.of(2)]]) });
  expect(bytes.length).toBe(300);
  expect([...bytes.subarray(240, 245)]).toEqual([53, 1, 2, 255, 0]);
  expect(bytes.subarray(244).every((octet) => octet === 0)).toBe(true);
});

test("an option longer than 255 octets goes out in pieces", () => {
  const long = new Uint8Array(300).fill(7);
  const bytes = encodeDhcp({ ...bare, options: new Map([[43, long]]) });
  expect([bytes[240], bytes[241], bytes[497], bytes[498], bytes[544]]).toEqual([43, 255, 43, 45, 255]);
});

test.each<[string, Partial<DhcpMessage>]>([
  ["an sname of 65 letters", { sname: "x".repeat(65) }],
  ["a file with a letter beyond Latin-1", { file: "start\u2192.elf" }],
  ["a file with a NUL", { file: "a\0b" }],
  ["an overload", { options: new Map([[52, Uint8Array.of(1)]]) }],
  ["a pad", { options: new Map([[0, Uint8Array.of(1)]]) }],
  ["an option beyond 255", { options: new Map([[256, Uint8Array.of(1)]]) }],
  ["an address with a part too large", { yiaddr: "1.2.3.256" }],
  ["an address of three parts", { yiaddr: "1.2.3" }],
  ["an address of five parts", { yiaddr: "1.2.3.4.5" }],
  ["an address with an empty part", { yiaddr: "1..3.4" }],
  ["an address with four digits in a part", { yiaddr: "1.2.3.0004" }],
  ["an address in words", { yiaddr: "localhost" }],
])("%s is not encoded", (_, change) => {
  expect(() => encodeDhcp({ ...bare, ...change })).toThrow(ClusterError);
});
