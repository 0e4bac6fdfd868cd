import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { DecodeError } from "./errors.ts";

const whole = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, Number.MAX_SAFE_INTEGER),
);

test("numbers, texts and octets read back as they were written", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.record({ kind: fc.constant("varint" as const), value: whole }),
          // A zigzag doubles the number, so that half of the range is left for it.
          fc.record({ kind: fc.constant("zigzag" as const), value: fc.integer({ min: -(2 ** 51), max: 2 ** 51 }) }),
          fc.record({ kind: fc.constant("f64" as const), value: fc.double() }),
          fc.record({ kind: fc.constant("u8" as const), value: fc.nat(255) }),
          fc.record({ kind: fc.constant("u16" as const), value: fc.nat(65_535) }),
          fc.record({ kind: fc.constant("u32" as const), value: fc.nat(4_294_967_295) }),
          fc.record({ kind: fc.constant("text" as const), value: fc.string({ unit: "binary" }) }),
        ),
      ),
      (items) => {
        const out = new ByteWriter(1);
        for (const item of items) {
          if (item.kind === "text") out.text(item.value);
          else out[item.kind](item.value);
        }
        const bytes = out.finish();
        expect(bytes.length).toBe(out.length);
        const input = new ByteReader(bytes, "test.decode");
        for (const item of items)
          expect(item.kind === "text" ? input.text(10_000) : input[item.kind]()).toEqual(item.value);
        input.end();
      },
    ),
  );
});

test("octets that follow no rule end in a value or a decode error with its offset", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom("varint", "zigzag", "text", "f64", "raw"),
      (bytes, read) => {
        const input = new ByteReader(bytes, "test.decode");
        try {
          if (read === "text" || read === "raw") input[read](20);
          else expect(Number.isInteger(input[read as "varint"]()) || read === "f64").toBe(true);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DecodeError);
          expect((thrown as DecodeError).code).toBe("test.decode");
          expect((thrown as DecodeError).offset).toBeLessThanOrEqual(bytes.length);
        }
      },
    ),
  );
});

test.each([
  ["a number with a needless last octet", [0x80, 0x00]],
  ["a number past 2^53", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ["a number without an end", [0xff, 0xff]],
])("%s is refused", (_, octets) => {
  expect(() => new ByteReader(Uint8Array.from(octets), "test.decode").varint()).toThrow(DecodeError);
});

test.each([
  ["longer than allowed", [5, 1, 2, 3, 4, 5], /at most 4/],
  ["cut", [3, 0x61], /cut short/],
  ["not UTF-8", [2, 0xc3, 0x28], /UTF-8/],
])("a text that is %s is refused", (_, octets, message) => {
  expect(() => new ByteReader(Uint8Array.from(octets), "test.decode").text(4)).toThrow(message);
});

test("octets after the end are told", () => {
  const input = new ByteReader(Uint8Array.of(1, 2, 3), "test.decode");
  input.u8();
  expect(() => input.end()).toThrow(/2 octets too many at octet 1/);
});

test("what was read is a copy: the buffer may be used again", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const read = new ByteReader(bytes, "test.decode").raw(3);
  bytes.fill(9);
  expect([...read]).toEqual([1, 2, 3]);
});
