import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Cluster } from "./model.ts";
import { parseCluster } from "./parse.ts";
import { clusterJsonSchema } from "./schema.ts";
import { exampleCluster, exampleNames, exampleSource } from "./testing.ts";

const box = exampleCluster("police-box");
const garage = exampleCluster("police-box-garage");
const mini = exampleCluster("mini-84");
const desk = exampleCluster("desk-5");

describe.each(exampleNames)("%s", (name) => {
  const cluster = exampleCluster(name);
  const names = new Set(cluster.boards.map((board) => board.name));

  test("numbers its boards as they stand", () => {
    for (const [i, board] of cluster.boards.entries()) expect(board.index).toBe(i);
    expect(names.size).toBe(cluster.boards.length);
  });

  test("has every switched board in exactly one group", () => {
    const members = cluster.groups.flatMap((group) => group.boards);
    expect(new Set(members).size).toBe(members.length);
    for (const board of cluster.boards)
      expect(cluster.groups.filter((group) => group.boards.includes(board.name)).map((group) => group.id)).toEqual([
        board.group,
      ]);
  });

  test("has outlets that hold all boards of the outlets behind them", () => {
    for (const inner of cluster.outlets) {
      const above = cluster.outlets.find((outlet) => outlet.id === inner.behind);
      if (above !== undefined) for (const board of inner.boards) expect(above.boards).toContain(board);
    }
  });

  test("gives no address twice", () => {
    const addresses = cluster.boards.map((board) => board.address);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test("names only things that exist in what needs what", () => {
    const known = new Set([
      ...cluster.outlets.map((outlet) => outlet.circuit),
      ...cluster.switches.map((one) => one.id),
      ...cluster.devices.map((device) => device.id),
    ]);
    for (const need of cluster.needs) for (const id of [need.what, ...need.needs]) expect(known).toContain(id);
  });
});

test("the box has 1050 boards in 50 banks on 25 switches, and 257 fans", () => {
  expect([box.boards.length, box.banks.length, box.groups.length]).toEqual([1050, 50, 25]);
  const fans = box.racks.reduce((total, rack) => total + rack.fans.caddy + rack.fans.large, 0);
  expect(fans).toBe(257);
  expect(box.racks.map((rack) => rack.banks.length)).toEqual([14, 12, 12, 12]);
});

test("boards of the box are numbered by bank and slot, on odd ports and then on even ones", () => {
  const place = (name: string, of: Cluster = box) => {
    const board = of.boards.find((one) => one.name === name);
    return [board?.bank, board?.slot, board?.switch, board?.port, board?.supply, board?.group];
  };
  expect(place("b0001")).toEqual(["k01", 1, "s01", 1, "u01", "g01"]);
  expect(place("b0021")).toEqual(["k01", 21, "s01", 41, "u01", "g01"]);
  expect(place("b0022")).toEqual(["k02", 1, "s01", 2, "u01", "g01"]);
  expect(place("b1050")).toEqual(["k50", 21, "s25", 42, "u25", "g25"]);
  expect(place("b1050", garage)).toEqual(["k50", 21, "s25", 42, "u25", "c-r4-top"]);
});

test("addresses follow the rule where nothing was measured", () => {
  const address = (name: string) => box.boards.find((board) => board.name === name)?.address;
  expect(address("b0001")).toBe("172.20.11.1");
  expect(address("b0022")).toBe("172.20.11.2");
  expect(address("b1050")).toBe("172.20.35.42");
});

test.each([
  ["police-box", box],
  ["police-box-garage", garage],
] as const)("%s keeps all 920 addresses that the original knew", (_, cluster) => {
  const known = cluster.boards.filter((board) => board.addressKnown);
  expect(known.length + cluster.strays.length).toBe(920);
  expect(cluster.strays).toEqual([{ switch: "s01", address: "172.20.217.189" }]);
  const perSwitch = cluster.switches.map((one) => known.filter((board) => board.switch === one.id).length);
  expect(perSwitch).toEqual([
    38, 42, 40, 0, 41, 40, 42, 42, 41, 38, 40, 41, 25, 38, 41, 40, 41, 30, 37, 42, 20, 42, 39, 38, 41, 0, 0,
  ]);
});

test("the ports of s11 are as they were measured, and its other two boards take what is left", () => {
  const last = (port: number) => {
    const board = box.boards.find((one) => one.switch === "s11" && one.port === port);
    return `${board?.address?.split(".")[3]}${board?.addressKnown ? "" : "?"}`;
  };
  const measured =
    "41 38 11 18 28? 22 9 42 39 12 36 17 21 25 37 34 13 29 2 24 15 23 31? 5 16 26 10 7 3 20 35 6 32 14 4 1 19 27 33 30 8 40";
  expect(Array.from({ length: 42 }, (_, i) => last(i + 1)).join(" ")).toBe(measured);
});

test("the box keeps its numbers for starting and for heat", () => {
  expect(box.limits).toEqual({
    waveBoards: 42,
    profiles: [{ name: "venue", boards: 1050, onlyIn: null, from: null }],
    boot: { expect: 42, accept: 37, retries: 3, settleMs: 90_000 },
    stagger: { outletsMs: 5000, wattsPerSecond: 250 },
    thermal: { warnC: 70, alarmC: 80, cutC: 85, sustainMs: 60_000 },
    supply: { amps: 200, volts: 120 },
    loadMax: 0.8,
  });
});

test("the server of the box is started by a button and waited for", () => {
  expect(box.needs.find((need) => need.what === "server")).toEqual({
    what: "server",
    needs: ["serverswitch", "c-server"],
    start: { press: "power", of: "serverswitch", afterMs: 5000 },
    ready: "tcp 172.20.0.10:8880",
    timeoutMs: 300_000,
  });
});

test("126 and 168 boards follow from three and four supplies of 42", () => {
  expect(garage.limits.profiles.map(({ name, boards }) => `${name} ${boards}`)).toEqual([
    "garage 126",
    "garage-fourth-group 168",
    "venue 1050",
  ]);
});

test("in the garage a half rack is one group, except where the third PDU's leads are plugged in", () => {
  expect(garage.groups.map((group) => `${group.id} ${group.outlet} ${group.boards.length}`)).toEqual([
    "c-r1-bottom pdu1.3 168",
    "c-r1-top pdu1.4 126",
    "c-r2-top pdu1.2 126",
    "c-r3-bottom pdu2.2 126",
    "c-r3-top pdu2.3 126",
    "c-r4-bottom pdu2.4 126",
    "c-r4-top pdu2.5 126",
    "group-1 pdu3.1 42",
    "group-2 pdu3.2 42",
    "group-3 pdu3.3 42",
  ]);
  const half = garage.outlets.find((outlet) => outlet.id === "pdu1.1");
  expect(half?.feeds).toEqual(["server", "core-front", "s08", "s09", "s10"]);
  expect(half?.boards).toHaveLength(126);
});

test("the mini cluster has 84 boards behind two outlets, each addressed by bank and slot", () => {
  expect(mini.groups.map((group) => [group.id, group.outlet, group.boards.length])).toEqual([
    ["c-u01", "p1.2", 42],
    ["c-u02", "p1.3", 42],
  ]);
  expect([mini.boards[0]?.address, mini.boards[83]?.address]).toEqual(["10.84.2.1", "10.84.5.21"]);
  expect([mini.boards[0]?.name, mini.boards[83]?.name]).toEqual(["b01", "b84"]);
});

test("on the desk three boards have an outlet each and two share the plug", () => {
  expect(desk.groups.map((group) => `${group.outlet}: ${group.boards.join(" ")}`)).toEqual([
    "plug1.1: b4 b5",
    "s1.1: b1",
    "s1.2: b2",
    "s1.3: b3",
  ]);
  expect(desk.pdus.map((pdu) => `${pdu.id} ${pdu.driver}`)).toEqual(["plug1 shelly-gen2", "s1 snmp-rfc3621"]);
  expect(desk.boards.map((board) => board.model)).toEqual(["pi3b+", "pi3b+", "pi4b", "pi3b+", "pi4b"]);
  expect(desk.boards[2]).toMatchObject({ mac: "dc:a6:32:00:00:03", address: "192.168.77.23", port: 3, supply: null });
});

test("only the garage, wired as it is, gives warnings", () => {
  const warnings = exampleNames.map((name) => {
    const result = parseCluster(exampleSource(name));
    return result.kind === "ok" ? result.warnings.map((problem) => problem.code) : [];
  });
  expect(warnings).toEqual([
    [],
    [
      "cluster.wave-below-group",
      "cluster.breaker-over-load",
      "cluster.breaker-over-load",
      "cluster.breaker-over-load",
      "cluster.mac-twice",
    ],
    [],
    [],
  ]);
});

test("the marks of where a fact comes from are kept in the examples", () => {
  for (const mark of ["[doc]", "[code]", "[est]", "[open]"])
    for (const name of ["police-box", "police-box-garage"] as const) expect(exampleSource(name)).toContain(mark);
});

test("the smallest file of the reference works", () => {
  const page = readFileSync(new URL("../../../docs/cluster-file.md", import.meta.url), "utf8");
  const result = parseCluster(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
  expect(result).toMatchObject({ kind: "ok", warnings: [] });
  if (result.kind === "ok") expect(result.cluster.boards.map((board) => board.address)[4]).toBe("10.9.0.25");
});

test("the reference names every key of the schema", () => {
  const page = readFileSync(new URL("../../../docs/cluster-file.md", import.meta.url), "utf8");
  const keys = new Set(
    JSON.stringify(clusterJsonSchema()).match(/"properties":\{|"[a-z_]+":\{"(?:type|anyOf|enum|patternProperties)"/g),
  );
  const missing = [...keys]
    .map((key) => key.split('"')[1] ?? "")
    .filter((key) => !["properties", "items"].includes(key) && !page.includes(key));
  expect(missing).toEqual([]);
});
