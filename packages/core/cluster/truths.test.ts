import { expect, test } from "vitest";
import { describeTruths } from "./describe.ts";
import { parseCluster } from "./parse.ts";
import { exampleCluster, exampleNames, exampleSource } from "./testing.ts";
import { deriveTruths } from "./truths.ts";

const box = deriveTruths(exampleCluster("police-box"));
const garage = deriveTruths(exampleCluster("police-box-garage"));
const desk = deriveTruths(exampleCluster("desk-5"));

test("the box draws what its parts draw, at rest, at work and at a start", () => {
  // 1050 boards of 1.9, 5 and 7.5 W; 27 switches of 56 W; one server of 350 W.
  const things = 27 * 56 + 350;
  expect(box.power.idle.watts).toBe(1050 * 1.9 + things);
  expect(box.power.steady).toEqual({ watts: 1050 * 5 + things, amps: 59.3 });
  expect(box.power.startAtOnce.watts).toBe(1050 * 7.5 + things);
  expect(box.power.startInWaves.watts).toBe(1050 * 5 + things + 42 * 2.5);
  expect(box.power.allowed).toEqual({ watts: 19_200, amps: 160 });
  expect(box.power.uncounted).toEqual(["fans", "serverswitch", "netlight", "sound"]);
});

test("a PDU of the box carries four groups within 80 % of its breaker", () => {
  const pdu1 = box.breakers.find((breaker) => breaker.pdu === "pdu1");
  expect(pdu1).toMatchObject({
    rating: { amps: 15 },
    allowed: { amps: 12 },
    cases: [{ profile: "venue", worst: { watts: 1064 }, isAllowed: true }],
  });
});

test("126 and 168 boards are derived from half racks of three and four supplies", () => {
  expect(garage.halves.map((half) => `${half.circuit} ${half.boards} = ${half.sum}`)).toEqual([
    "c-r2-bottom 126 = 3 x 42",
    "c-r2-top 126 = 3 x 42",
    "c-r1-bottom 168 = 4 x 42",
    "c-r1-top 126 = 3 x 42",
    "c-r3-bottom 126 = 3 x 42",
    "c-r3-top 126 = 3 x 42",
    "c-r4-bottom 126 = 3 x 42",
    "c-r4-top 126 = 3 x 42",
  ]);
});

test("the garage bears 126 boards, the fourth group only past the 80 % rule, and a venue not at all", () => {
  expect(garage.profiles.map(({ name, against }) => [name, against])).toEqual([
    ["garage", []],
    ["garage-fourth-group", ["pdu1 may carry 13.7 A, past 80 % of 15 A (12 A)"]],
    ["venue", ["pdu1 may carry 32.2 A, past its 15 A", "pdu2 may carry 27.1 A, past its 15 A"]],
  ]);
});

test("cycling a group takes its switch along; cycling the server's outlet everything", () => {
  expect(box.groups.find((group) => group.id === "g03")).toMatchObject({
    boards: 42,
    nodeSet: "b[0085-0126]",
    takesAlong: ["s03"],
  });
  expect(box.outlets.find((outlet) => outlet.circuit === "c-server")?.forces).toHaveLength(25);
  expect(box.outlets.find((outlet) => outlet.circuit === "c-core-back")?.forces).toHaveLength(12);
});

test("power goes on in an order in which nothing waits for a later step", () => {
  for (const truths of [box, garage, desk]) {
    const step = new Map(truths.order.flatMap((ids, i) => ids.map((id) => [id, i] as const)));
    for (const need of truths.needs)
      for (const one of need.needs)
        expect(step.get(one)!, `${need.what} needs ${one}`).toBeLessThan(step.get(need.what)!);
  }
});

test("25 waves bring up the box, 10 the garage, one the desk", () => {
  expect([box.waves, garage.waves, desk.waves]).toEqual([25, 10, 1]);
});

test("the addresses are counted as known, by rule, or open", () => {
  expect(box.addresses).toMatchObject({
    first: "172.20.11.1",
    last: "172.20.35.42",
    given: 1050,
    known: 919,
    unknown: 0,
    macs: 0,
  });
  expect(desk.addresses).toMatchObject({ first: "192.168.77.21", last: "192.168.77.25", macs: 5 });
});

test.each(exampleNames)("the text about %s fits a terminal of 80 columns and names the cluster", (name) => {
  const text = describeTruths(deriveTruths(exampleCluster(name)));
  for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(text.startsWith(`${exampleCluster(name).name}: `)).toBe(true);
  expect(text).not.toMatch(/undefined|NaN|Infinity/);
});

test("the text says in words what the garage may not do", () => {
  const text = describeTruths(garage);
  expect(text).toContain("pdu1 may carry 13.7 A, past 80 % of 15 A (12 A)");
  expect(text).toContain("c-r1-bottom (pdu1.3) is 168 boards: 4 x 42, supplies u[01-04]");
  expect(text).toContain("c-r2-bottom (pdu1.1): server, core-front, s08, s09, s10, 126 boards");
});

test("a cluster without any switched power still has truths", () => {
  const source = exampleSource("desk-5")
    .replace(", power: poe", "")
    .replaceAll(", power: u1", "")
    .replace(/\nsupplies:\n.*\n\npdus:\n.*\n(\n#.*)*\ncircuits:\n.*\n/, "\n");
  const result = parseCluster(source);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  const truths = deriveTruths(result.cluster);
  expect(truths.boards.unswitched).toHaveLength(5);
  expect(describeTruths(truths)).toContain("5 boards without a switched outlet: b[1-5]");
});
