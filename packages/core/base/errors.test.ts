import { expect, test } from "vitest";
import { ClusterError, DecodeError, messageOf, unreachable } from "./errors.ts";
import { silentLog } from "./log.ts";

test("an error carries its code, its own name and what caused it", () => {
  const cause = new Error("cable");
  const error = new ClusterError("power.timeout", "no answer", { cause });
  expect(error).toMatchObject({ code: "power.timeout", message: "no answer", name: "ClusterError", cause });
  expect(new DecodeError("samples.decode", "cut short", 7)).toMatchObject({
    name: "DecodeError",
    message: "cut short at octet 7",
    offset: 7,
  });
});

test("a case that a switch forgot is thrown with what it was", () => {
  expect(() => unreachable({ kind: "new" } as never)).toThrow('a case was forgotten: {"kind":"new"}');
});

test("whatever is thrown has a sentence", () => {
  expect([messageOf(new Error("a")), messageOf("b"), messageOf(undefined), messageOf(7)]).toEqual([
    "a",
    "b",
    "undefined",
    "7",
  ]);
});

test("a silent log takes every line and keeps none", () => {
  for (const level of ["error", "warn", "info", "debug"] as const)
    expect(silentLog[level]({}, "event")).toBeUndefined();
});
