import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBeacon, encodeBeacon } from "./beacon.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a beacon reads back as it was sent", () => {
  fc.assert(
    fc.property(
      fc.record({
        bramble: fc.constant(1 as const),
        head: fc.constantFrom("http://127.0.0.1:8880", "https://10.0.0.1:8880", "https://head.example"),
        key: fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/)),
        id: fc.string({ maxLength: 64 }),
      }),
      (beacon) => {
        expect(decodeBeacon(encodeBeacon(beacon))).toEqual(beacon);
      },
    ),
  );
});

test.each([
  ["another version", '{"bramble":2,"head":"http://10.0.0.1:8880","key":null,"id":"a"}'],
  ["another scheme", '{"bramble":1,"head":"file:///etc/passwd","key":null,"id":"a"}'],
  ["no address", '{"bramble":1,"head":"everywhere","key":null,"id":"a"}'],
  ["no id", '{"bramble":1,"head":"http://10.0.0.1:8880"}'],
  ["null", "null"],
  ["a list", "[1]"],
  ["older software's words", "MASTER 192.168.1.1"],
  ["nothing", ""],
])("a datagram with %s is no beacon", (_, text) => {
  expect(decodeBeacon(utf8(text))).toBeNull();
});

test("a beacon too large for one is not even read", () => {
  expect(
    decodeBeacon(utf8(`{"bramble":1,"head":"http://10.0.0.1:8880","id":"a","x":"${"y".repeat(1100)}"}`)),
  ).toBeNull();
});

test("only the origin of the address is kept", () => {
  expect(decodeBeacon(utf8('{"bramble":1,"head":"http://u:p@10.0.0.1:8880/x?y","id":"a"}'))?.head).toBe(
    "http://10.0.0.1:8880",
  );
});

test("no octets whatever make it throw", () => {
  const beacon = encodeBeacon({ bramble: 1, head: "http://127.0.0.1:8880", key: null, id: "h" });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(beacon.length), fc.nat(255), (noise, at, octet) => {
      decodeBeacon(noise);
      decodeBeacon(beacon.subarray(0, at));
      const flipped = beacon.slice();
      if (at < flipped.length) flipped[at] = octet;
      decodeBeacon(flipped);
    }),
  );
});
