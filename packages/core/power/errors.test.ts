import { expect, test } from "vitest";
import { PowerError } from "./errors.ts";

test.each([
  ["power.connection", true],
  ["power.timeout", true],
  ["power.readback", true],
  ["power.refused", false],
  ["power.config", false],
] as const)("after %s it is worth trying again: %s", (code, isRetryable) => {
  const cause = new Error("cable");
  expect(new PowerError(code, "pdu1", "no answer", { cause })).toMatchObject({
    code,
    pdu: "pdu1",
    message: "pdu1: no answer",
    isRetryable,
    cause,
  });
});
