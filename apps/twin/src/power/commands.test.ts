import type { PostPowerPlanBody } from "@bramble/core/api";
import { expect, test } from "vitest";
import { brambleOf, curlOf } from "./commands.ts";

test.each([
  ["plain", { action: "on", set: "@g03" }, "bramble up @g03"],
  ["what a shell would read is quoted", { action: "off", set: "b[1-42]!@x" }, "bramble down 'b[1-42]!@x'"],
  [
    "everything said",
    {
      ...{ action: "cycle", set: "all", profile: "venue", withParents: true, allowCollateral: true, confirm: 84 },
      why: "it's hot",
    },
    "bramble cycle all --profile venue --with-parents --collateral --reason 'it'\\''s hot' --yes 84",
  ],
  [
    "up takes nobody along and asks for no number",
    { action: "on", set: "all", allowCollateral: true, confirm: 84, profile: null, why: null },
    "bramble up all",
  ],
] satisfies [string, PostPowerPlanBody, string][])("the command line's words: %s", (_, wish, command) => {
  expect(brambleOf(wish)).toBe(command);
});

test("the same as curl, safe for a shell", () => {
  expect(curlOf("http://head:8880", { action: "on", set: "b[1-2]", why: "it's 5" }, "web-1")).toBe(
    "curl -X POST http://head:8880/api/v1/power/plans -H 'content-type: application/json' -H 'idempotency-key: web-1' " +
      `-d '{"action":"on","set":"b[1-2]","why":"it'\\''s 5"}'`,
  );
});
