import type { PowerAnswer, PowerLimitsAnswer } from "@bramble/core/api";
import { expect, test } from "vitest";
import { loadsOf, otherReasons, shareOf, shownLoads } from "./limits.ts";

const limit = (name: string, used: number, allowed: number) =>
  ({
    ...{ limit: name, unit: "W", kind: "steady", used, allowed, peak: allowed * 1.25 },
  }) as PowerAnswer["limits"][number];
const meter = (name: string, watts: number, news: Partial<PowerAnswer["meters"][number]> = {}) =>
  ({
    ...{ limit: name, watts, isMeasured: true, allowed: 1440, rating: 1800, stage: "kept", ...news },
  }) as PowerAnswer["meters"][number];
const of = (...limits: PowerAnswer["limits"]) => ({ limits, meters: [] });
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
    {
      limits: [
        ...[limit("breaker pdu1", 100, 1440), limit("supply u01", 210, 240), limit("supply u02", 210, 240)],
        ...[limit("supply u03", 0, 240), limit("breaker pdu2", 100, 1440), limit("site", 200, 19_200)],
      ],
      meters: [
        ...[meter("breaker pdu1", 70), meter("breaker pdu2", 60, { stage: "thinned" }), meter("site", 130)],
        ...["supply u01", "supply u02"].map((name, at) => meter(name, 100 + at, { isMeasured: false })),
      ],
    },
    reasons,
  );
  expect(
    loads.map(({ limit, count, why, now, stage }) => [limit, count, why?.limit, now?.least, now?.most, stage]),
  ).toEqual([
    ["site", 1, "site", 130, 130, "kept"],
    ["supply u[01-02]", 2, "supply u[01-03]", 100, 101, "kept"],
    ["breaker pdu1", 1, "breaker pdu[1-2]", 70, 70, "kept"],
    ["breaker pdu2", 1, "breaker pdu[1-2]", 60, 60, "thinned"],
    ["supply u03", 1, "supply u[01-03]", undefined, undefined, "kept"],
  ]);
  expect(loads.map(({ now }) => now?.isMeasured)).toEqual([true, false, true, true, undefined]);
});

test("before the head has told why, limits stand without a reason", () => {
  expect(loadsOf(of(limit("site", 1, 2)), [])[0]?.why).toBeNull();
});

test("reasons that are no load are told apart", () => {
  const others = otherReasons([limit("site", 1, 2), limit("supply u02", 1, 2), limit("breaker pdu1", 1, 2)], reasons);
  expect(others.map(({ limit }) => limit)).toEqual(["wave", "rule x"]);
});

test("six limits are shown, and every one that is broken", () => {
  const loads = loadsOf(
    of(...Array.from({ length: 9 }, (_, at) => limit(`breaker p${at}`, at === 8 ? 2000 : 100 + at, 1440))),
    [],
  );
  const { shown, rest } = shownLoads(loads);
  expect(shown[0]?.limit).toBe("breaker p8");
  expect([shown.length, rest.length]).toEqual([6, 3]);
  const broken = loadsOf(of(...Array.from({ length: 9 }, (_, at) => limit(`breaker p${at}`, 2000 + at, 1440))), []);
  expect(shownLoads(broken).rest).toEqual([]);
});

test("a limit whose cut-out has gone on is seen, however little is on it by now", () => {
  const limits = Array.from({ length: 9 }, (_, at) => limit(`breaker p${at}`, 1000 - at, 1440));
  const loads = loadsOf({ limits, meters: [meter("breaker p8", 10, { stage: "shed" })] }, []);
  expect(shownLoads(loads).shown.map(({ limit }) => limit)).toContain("breaker p8");
});

test("a limit of nothing is broken by anything", () => {
  expect([shareOf({ used: 1, allowed: 0 }), shareOf({ used: 0, allowed: 0 })]).toEqual([Number.POSITIVE_INFINITY, 0]);
});
