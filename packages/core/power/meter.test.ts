import { expect, test } from "vitest";
import { exampleCluster } from "../cluster/testing.ts";
import type { OutletReading } from "./driver.ts";
import { fakeCluster } from "./fake-cluster.ts";
import { powerGraph } from "./graph.ts";
import { loadBook } from "./load.ts";
import { loadWatts, type MeterFacts, readMeters } from "./meter.ts";

/** Boards draw 3 W, nothing measures, all is on; unless said otherwise. */
function read(
  cluster: ReturnType<typeof fakeCluster>,
  outlets: Readonly<Record<string, Partial<OutletReading>>> = {},
  facts: Partial<MeterFacts> = {},
) {
  const graph = powerGraph(cluster);
  const readings = (id: string): OutletReading => ({ on: true, watts: null, ...outlets[id] });
  const all = readMeters(graph, loadBook(graph), { readings, pduWatts: () => null, boardWatts: () => 3, ...facts });
  return new Map(all.map((each) => [each.limit, each]));
}

const switched = fakeCluster(
  [
    { id: "g01", boards: 4, supply: { watts: 25, peakWatts: 29 } },
    { id: "g02", boards: 2, supply: { watts: 25, peakWatts: 29 } },
    { id: "lead", boards: 3, behind: "g02" },
    { id: "misc", feeds: ["lamp"] },
  ],
  {
    breakerAmps: 1,
    devices: [
      { id: "lamp", kind: "pixels", driver: null, address: null, count: null, mac: null, watts: 7, settings: {} },
    ],
  },
);

test("where nothing measures, limits carry what boards say they draw, and what the file says of things", () => {
  const found = read(switched, { "pdu0.1": { on: false } });
  expect(found.get("site")).toMatchObject({ watts: 3 * 5 + 7, isMeasured: false });
  expect(found.get("breaker pdu0")).toMatchObject({ watts: 22, allowedWatts: 96, ratingWatts: 120 });
  expect(found.get("supply u-g01")).toMatchObject({ watts: 0, groups: [] });
  expect(found.get("supply u-g02")).toMatchObject({ watts: 6, allowedWatts: 20, ratingWatts: 29, groups: ["g02"] });
  expect(found.get("breaker pdu0")?.groups).toEqual(["g02", "lead"]);
  expect(found.get("breaker pdu0")?.allowedText).toBe("96 W (80 % of 1 A at 120 V)");
});

test("an outlet's meter sees what hangs behind it, once; supplies give on most of what they take", () => {
  const found = read(switched, { "pdu0.2": { watts: 50 }, "pdu0.3": { watts: 20 } });
  expect(found.get("site")).toMatchObject({ watts: 50 + 4 * 3 + 7, isMeasured: true });
  expect(found.get("supply u-g02")).toMatchObject({ watts: 25.5, isMeasured: true });
  expect(found.get("supply u-g01")).toMatchObject({ watts: 12, isMeasured: false });
});

test("what hangs behind an outlet that is off draws nothing, whatever its own relay says", () => {
  expect(read(switched, { "pdu0.2": { on: false } }).get("site")?.watts).toBe(4 * 3 + 7);
});

test("the meter of a whole PDU goes before its outlets', but not where its leads hang behind another's", () => {
  const whole = read(switched, {}, { pduWatts: () => 99 });
  expect(whole.get("breaker pdu0")).toMatchObject({ watts: 99, isMeasured: true });
  const garage = exampleCluster("police-box-garage");
  const watts = new Map([
    ["pdu1", 900],
    ["pdu3", 600],
  ]);
  const found = read(
    garage,
    { "pdu2.1": { on: false } },
    { pduWatts: (pdu) => watts.get(pdu) ?? null, boardWatts: () => 1 },
  );
  const pdu2 = found.get("breaker pdu2")!.watts;
  expect(found.get("breaker pdu3")).toMatchObject({ watts: 600 });
  // The leads of pdu3 are in pdu1's figure; what is always on hangs on an outlet of pdu3 of its own.
  expect(found.get("site")?.watts).toBe(900 + pdu2);
});

test.each([
  ["nothing", [], null],
  ["watts", [{ name: "input", amps: 2, watts: 210 }], 210],
  ["amperes", [{ name: "input", amps: 2, watts: null }], 240],
  [
    "phases, with banks that are parts of them",
    [
      { name: "phase 1", amps: 2, watts: null },
      { name: "phase 2", amps: 1, watts: null },
      { name: "bank 1", amps: 1.5, watts: null },
    ],
    360,
  ],
  [
    "banks alone",
    [
      { name: "bank 1", amps: 1, watts: null },
      { name: "bank 2", amps: 1, watts: null },
    ],
    240,
  ],
  [
    "a phase that does not tell",
    [
      { name: "phase 1", amps: 2, watts: null },
      { name: "phase 2", amps: null, watts: null },
    ],
    null,
  ],
] as const)("a PDU that tells %s", (_, loads, watts) => expect(loadWatts(loads, 120)).toBe(watts));
