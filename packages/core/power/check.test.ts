import { expect, test } from "vitest";
import { exampleCluster } from "../cluster/testing.ts";
import { checkTrace, type Move } from "./check.ts";
import { fakeCluster } from "./fake-cluster.ts";

const on = (at: number, outlet: string): Move => ({ at, outlet, on: true });
const off = (at: number, outlet: string): Move => ({ at, outlet, on: false });
const stagger = { outletsMs: 1000, wattsPerSecond: 10 };
const plain = fakeCluster(
  [
    { id: "a", boards: 4, supply: { watts: 25, peakWatts: 29 } },
    { id: "b", boards: 4 },
    { id: "c", boards: 4, behind: "b" },
    { id: "d", alwaysOn: true },
  ],
  { stagger, siteAmps: 0.6, breakerAmps: 0.5, needs: [{ what: "a", needs: ["d"] }] },
);

test.each([
  ["a start whose supply bears it steadily but not in the first second", [on(0, "pdu0.1")], ["peak u-a"]],
  ["an outlet that comes on before the one that feeds it", [on(0, "pdu0.3")], ["parent pdu0.3"]],
  [
    "a parent that goes off under its child",
    [on(0, "pdu0.2"), on(5000, "pdu0.3"), off(9000, "pdu0.2")],
    ["parent pdu0.3"],
  ],
  ["something that is always on and goes off", [off(0, "pdu0.4")], ["always-on pdu0.4"]],
  ["an outlet that nobody knows", [on(0, "pdu9.1")], ["unknown-outlet pdu9.1"]],
  ["two starts within a second add their inrush", [on(0, "pdu0.2"), on(999, "pdu0.3")], ["stagger pdu0.3"]],
  [
    "starts with fewer seconds between than their watts ask for",
    [on(0, "pdu0.2"), on(2999, "pdu0.3")],
    ["stagger pdu0.3"],
  ],
  [
    "starts that keep their distance",
    [on(0, "pdu0.2"), on(3000, "pdu0.3"), off(4000, "pdu0.3"), off(4000, "pdu0.2")],
    [],
  ],
  [
    "more than site and breaker bear",
    [on(0, "pdu0.2"), on(10_000, "pdu0.3"), on(20_000, "pdu0.1")],
    ["steady site", "steady pdu0", "peak pdu0", "peak u-a"],
  ],
])("%s", (_, trace, expected) => {
  const found = checkTrace(plain, trace);
  expect(found.map(({ rule, thing }) => `${rule} ${thing}`)).toEqual(expected);
});

test("boards of a profile are counted, and the rack that it is for", () => {
  const garage = exampleCluster("police-box-garage");
  const start = new Map([
    ["pdu1.1", true],
    ["pdu2.1", true],
  ]);
  const two = [on(0, "pdu2.2"), on(60_000, "pdu1.4")];
  expect(checkTrace(garage, two, "garage", start).map(({ message }) => message)).toEqual([
    "252 boards are on; garage allows 126",
  ]);
  const strange = checkTrace(garage, two.slice(0, 1), "garage-fourth-group", start);
  expect(strange.map(({ message }) => message)).toEqual(["126 boards are on outside r1"]);
  expect(checkTrace(garage, two.slice(0, 1), "nobody's", start)).toEqual([]);
});

test("power flows through every PDU on its way, and boards without an outlet draw always", () => {
  const { boards, outlets, ...rest } = fakeCluster(
    [
      { id: "a", boards: 1 },
      { id: "b", boards: 3, behind: "a" },
    ],
    { siteAmps: 0.22 },
  );
  const loose = { ...boards[0]!, name: "loose", index: 4, group: null };
  const cluster = { ...rest, outlets, boards: [...boards, loose] };
  const trace = [on(0, "pdu0.1"), on(60_000, "pdu0.2")];
  expect(checkTrace(cluster, trace).map(({ rule, thing }) => `${rule} ${thing}`)).toEqual(["steady site", "peak site"]);
  expect(checkTrace({ ...cluster, boards }, trace)).toEqual([
    expect.objectContaining({ rule: "peak", message: "site carries 27.5 W for a moment, allowed are 26.4 W" }),
  ]);
});
