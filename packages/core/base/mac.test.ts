import fc from "fast-check";
import { expect, test } from "vitest";
import { ClusterError } from "./errors.ts";
import { mac, nameOfStranger, parseMac } from "./mac.ts";

test.each([
  ["colons", "B8:27:EB:0a:00:01"],
  ["dashes", "b8-27-eb-0a-00-01"],
  ["Cisco's dots", "b827.eb0a.0001"],
  ["nothing between", "b827eb0a0001"],
  ["blanks around", "  b8:27:eb:0a:00:01\n"],
])("a MAC with %s is read", (_, text) => {
  expect(parseMac(text)).toBe("b8:27:eb:0a:00:01");
});

test.each([
  ["all zero", "00:00:00:00:00:00"],
  ["broadcast", "ff:ff:ff:ff:ff:ff"],
  ["multicast", "01:00:5e:00:00:01"],
  ["a digit short", "b8:27:eb:0a:00:0"],
  ["no hex", "b8:27:eb:0a:00:0g"],
  ["mixed signs", "b8:27-eb:0a:00:01"],
  ["empty", ""],
  ["an address", "172.20.0.1"],
])("a MAC that is %s is no board's", (_, text) => {
  expect(parseMac(text)).toBeNull();
  expect(() => mac(text)).toThrow(ClusterError);
});

test("whatever the text, the answer is a canonical MAC or null, and canonical ones stay", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fA-F:.-]{0,20}$/)), (text) => {
      const read = parseMac(text);
      if (read !== null) {
        expect(read).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
        expect(parseMac(read)).toBe(read);
      }
    }),
  );
});

test("a stranger is named by the end of its MAC", () => {
  expect(nameOfStranger(mac("b8:27:eb:0a:bc:01"))).toBe("x-0abc01");
});
