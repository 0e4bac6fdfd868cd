import { expect, test } from "vitest";
import { errorBody, errorTable, statusOf } from "./errors.ts";

test("every code has an HTTP status of an error and a sentence for the operator", () => {
  for (const [code, { status, hint }] of Object.entries(errorTable)) {
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(status, code).toBeLessThan(600);
    expect(hint.length, code).toBeGreaterThan(10);
    expect(statusOf(code)).toBe(status);
    expect(errorBody(code, "what was wrong")).toEqual({ error: { code, message: "what was wrong", hint } });
  }
});

test("a code that the table does not know is our mistake, whatever it is called", () => {
  for (const code of ["nobody.knows", "", "constructor", "__proto__", "toString"]) {
    expect(statusOf(code), code).toBe(500);
    expect(errorBody(code, "m").error.hint).toBe(errorTable.internal.hint);
  }
});
