import { expect, test } from "vitest";
import { maskOf } from "./addresses.ts";

test.each([
  ["172.20.0.0/16", { mask: "255.255.0.0", broadcast: "172.20.255.255" }],
  ["192.168.77.0/24", { mask: "255.255.255.0", broadcast: "192.168.77.255" }],
  ["10.0.0.0/8", { mask: "255.0.0.0", broadcast: "10.255.255.255" }],
  ["10.0.0.4/30", { mask: "255.255.255.252", broadcast: "10.0.0.7" }],
  ["0.0.0.0/0", { mask: "0.0.0.0", broadcast: "255.255.255.255" }],
  ["10.0.0.1/24", null],
  ["ten", null],
])("the mask and broadcast address of %s", (cidr, terms) => {
  expect(maskOf(cidr)).toEqual(terms);
});
