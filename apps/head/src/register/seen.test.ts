import { mac } from "@bramble/core/base";
import { expect, test } from "vitest";
import { recordAfter } from "./seen.ts";

const board = mac("b8:27:eb:00:00:01");
const seat = { index: 0, name: "b1", slot: null };
const serialAfter = (...seen: (string | null)[]) =>
  seen.reduce(
    (known: ReturnType<typeof recordAfter> | null, serial) => recordAfter(known, { mac: board, serial }, seat, 0),
    null,
  )?.serial;

test.each([
  [
    "the short form that firmware tells is kept until more is known",
    ["eb000001", "00000000eb000001"],
    "00000000eb000001",
  ],
  ["and is no news of the long one, however late it comes", ["00000000eb000001", "eb000001", null], "00000000eb000001"],
  ["another board's serial is news", ["00000000eb000001", "ab000002"], "ab000002"],
] as const)("a serial: %s", (_, seen, kept) => {
  expect(serialAfter(...seen)).toBe(kept);
});
