import { expect, test } from "vitest";
import type { DhcpMessage } from "./message.ts";
import {
  addressOctets,
  addressOf,
  textOctets,
  textOf,
  typeOctets,
  typeOf,
  u8Of,
  u16Octets,
  u16Of,
  u32Octets,
  u32Of,
} from "./options.ts";
import { bareMessage } from "./testing.ts";

function holding(code: number, value: Uint8Array): DhcpMessage {
  return bareMessage({ options: new Map([[code, value]]) });
}

test("what the writers write the readers read", () => {
  expect(typeOf(holding(53, typeOctets("inform")))).toBe("inform");
  expect(textOf(holding(12, textOctets("b0412 ü")), 12)).toBe("b0412 ü");
  expect(addressOf(holding(54, addressOctets("172.20.0.1")), 54)).toBe("172.20.0.1");
  expect(u16Of(holding(57, u16Octets(1500)), 57)).toBe(1500);
  expect(u32Of(holding(51, u32Octets(0xffffffff)), 51)).toBe(0xffffffff);
  expect(u8Of(holding(53, Uint8Array.of(3)), 53)).toBe(3);
});

test("a text ends before the NULs that some clients send", () => {
  expect(textOf(holding(60, Uint8Array.of(0x61, 0, 0)), 60)).toBe("a");
  expect(textOf(holding(60, Uint8Array.of(0, 0)), 60)).toBe("");
});

test("lists give their first", () => {
  expect(addressOf(holding(3, Uint8Array.of(10, 0, 0, 1, 10, 0, 0, 2)), 3)).toBe("10.0.0.1");
  expect(u16Of(holding(93, Uint8Array.of(0, 11, 0, 7)), 93)).toBe(11);
});

test("an option that is absent or of the wrong length is null", () => {
  const odd = holding(50, Uint8Array.of());
  for (const read of [textOf, addressOf, u8Of, u16Of, u32Of]) expect(read(odd, 51)).toBeNull();
  for (const read of [addressOf, u8Of, u16Of, u32Of]) expect(read(odd, 50)).toBeNull();
  expect(typeOf(odd)).toBeNull();
  expect(typeOf(holding(53, Uint8Array.of(0)))).toBeNull();
  expect(typeOf(holding(53, Uint8Array.of(99)))).toBeNull();
  expect(typeOf(holding(53, Uint8Array.of(1, 1)))).toBeNull();
});
