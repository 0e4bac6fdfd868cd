import type { PowerAnswer, PowerLimitsAnswer } from "@bramble/core/api";
import { expect, test } from "vitest";
import { loadsOf, otherReasons, shareOf, shownLoads } from "./limits.ts";

const limit = (name: string, used: number, allowed: number, measured: number | null = null) =>
  ({
    limit: name,
    unit: "W",
    kind: "steady",
    used,
    allowed,
    measured,
    peak: allowed * 1.25,
  }) as PowerAnswer["limits"][number];
const reason = (name: string, open: string | null = null): PowerLimitsAnswer["limits"][number] => ({
  ...{ limit: name, value: `value of ${name}`, from: "the file", open },
});
const reasons = [
  reason("site"),
  reason("supply u[01-03]"),
  reason("breaker pdu[1-2]"),
  reason("wave"),
  reason("rule x", "who knows?"),
];

test("alike limits are told once, each with its reason; the site first, then the fullest", () => {
  const loads = loadsOf(
    [
      ...[limit("breaker pdu1", 100, 1440, 70), limit("supply u01", 210, 240), limit("supply u02", 210, 240)],
      ...[limit("supply u03", 0, 240), limit("breaker pdu2", 100, 1440, 60), limit("site", 200, 19_200, 130)],
    ],
    reasons,
  );
  expect(loads.map(({ limit, count, why }) => [limit, count, why?.limit])).toEqual([
    ["site", 1, "site"],
    ["supply u[01-02]", 2, "supply u[01-03]"],
    ["breaker pdu1", 1, "breaker pdu[1-2]"],
    ["breaker pdu2", 1, "breaker pdu[1-2]"],
    ["supply u03", 1, "supply u[01-03]"],
  ]);
});

test("before the head has told why, limits stand without a reason", () => {
  expect(loadsOf([limit("site", 1, 2)], [])[0]?.why).toBeNull();
});

test("reasons that are no load are told apart", () => {
  const others = otherReasons([limit("site", 1, 2), limit("supply u02", 1, 2), limit("breaker pdu1", 1, 2)], reasons);
  expect(others.map(({ limit }) => limit)).toEqual(["wave", "rule x"]);
});

test("six limits are shown, and every one that is broken", () => {
  const loads = loadsOf(
    Array.from({ length: 9 }, (_, at) => limit(`breaker p${at}`, at === 8 ? 2000 : 100 + at, 1440)),
    [],
  );
  const { shown, rest } = shownLoads(loads);
  expect(shown[0]?.limit).toBe("breaker p8");
  expect([shown.length, rest.length]).toEqual([6, 3]);
  const broken = loadsOf(
    Array.from({ length: 9 }, (_, at) => limit(`breaker p${at}`, 2000 + at, 1440)),
    [],
  );
  expect(shownLoads(broken).rest).toEqual([]);
});

test("a limit of nothing is broken by anything", () => {
  expect([shareOf({ used: 1, allowed: 0 }), shareOf({ used: 0, allowed: 0 })]).toEqual([Number.POSITIVE_INFINITY, 0]);
});
