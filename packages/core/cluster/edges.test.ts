import { describe, expect, test } from "vitest";
import { parseAddressRule, parseCidr } from "./address.ts";
import { describeTruths } from "./describe.ts";
import { type Located, offsetOf } from "./document.ts";
import type { Cluster } from "./model.ts";
import { compareNames, foldNodeSet } from "./names.ts";
import { resolveNodeSet } from "./node-set.ts";
import { orderOfPower } from "./order.ts";
import { parseCluster } from "./parse.ts";
import type { Problem } from "./problem.ts";
import { type ExampleName, exampleCluster, exampleSource } from "./testing.ts";
import { deriveTruths } from "./truths.ts";

type Edits = readonly (readonly [from: string, to: string])[];

function edited(file: ExampleName, edits: Edits): string {
  return edits.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, exampleSource(file));
}

function problemsOf(source: string): readonly Problem[] {
  const result = parseCluster(source);
  return result.kind === "ok" ? result.warnings : result.problems;
}

function clusterOf(source: string): Cluster {
  const result = parseCluster(source);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.cluster;
}

// One mistake each, with the sentence that tells it; the tables beside semantics.test.ts hold those with their place.
test.each<readonly [what: string, file: ExampleName, edits: Edits, says: string]>([
  ["a network of one address", "desk-5", [["192.168.77.0/24", "192.168.77.0/31"]], '"192.168.77.0/31" is no network'],
  ["a rule with an empty place", "desk-5", [["<20+board>", "<20+>"]], '"20+" is no place in an address rule'],
  ["a rule with letters", "desk-5", [["192.168.77.<20+board>", "192.x.77.<board>"]], '"192.x.77." is no place'],
  [
    "a table of ports for a switch that is none",
    "police-box",
    [["    s11:\n      1: 172.20.21.41", "    s99:\n      1: 172.20.21.41"]],
    "s99",
  ],
  [
    "a measured address outside",
    "police-box",
    [["      1: 172.20.21.41", "      1: 172.21.21.41"]],
    "172.21.21.41 is outside",
  ],
  [
    "a device with a MAC of many",
    "desk-5",
    [["{ id: gw, kind: gateway }", '{ id: gw, kind: gateway, mac: "ff:ff:ff:ff:ff:ff" }']],
    "is no MAC that a device can have",
  ],
  [
    "power over a cable that is not there",
    "desk-5",
    [
      [
        "{ id: k1, model: shelf5, switch: s1, ports: 1-5, power: poe }",
        "{ id: k1, model: shelf5, rack: desk, power: poe }",
      ],
    ],
    "b1 hangs on no switch port, which gives no power",
  ],
  ["an outlet without its number", "desk-5", [["outlet: plug1.1", "outlet: plugg1"]], "plug"],
  ["a range that runs backwards", "mini-84", [["ports: 1-21", "ports: 21-1"]], "the range 21-1 runs backwards"],
  [
    "names that run backwards",
    "mini-84",
    [['"c-u[01-02]", outlet', '"c-u[02-01]", outlet']],
    "the range 02-01 runs backwards",
  ],
  [
    "a profile that says nothing",
    "desk-5",
    [["{ id: all-on, boards: all }", "{ id: all-on }"]],
    "must say either boards or supplies",
  ],
  [
    "a profile that draws more than the site gives, by choice",
    "desk-5",
    [
      ["{ id: all-on, boards: all }", "{ id: one, boards: 1 }\n    - { id: all-on, boards: all }"],
      ["amps: 10,", "amps: 0.1,"],
    ],
    "draws",
  ],
  ["a switch that is not yes or no", "mini-84", [["always_on: true", "always_on: 1"]], "1 stands where"],
  [
    "a list with nothing in it",
    "desk-5",
    [["  profiles:\n    - { id: all-on, boards: all }", "  profiles: []"]],
    "the list is empty",
  ],
  ["a key longer than any", "desk-5", [["  gateway:", `  ${"gateway".repeat(10)}:`]], "is no key here"],
  [
    "a model that is none",
    "mini-84",
    [['model: bank21, switch: "s[01-02]", ports: 1-21', 'model: bank22, switch: "s[01-02]", ports: 1-21']],
    "bank22",
  ],
  ["two banks on the same ports", "mini-84", [["ports: 22-42", "ports: 1-21"]], "21 ports (1, …)"],
  [
    "outlets that stand behind each other in a circle",
    "mini-84",
    [
      ["feeds: [fans] }", "feeds: [fans], behind: misc }"],
      ["outlet: p1.8, feeds: []", "outlet: p1.8, feeds: [], behind: c-fans"],
    ],
    "none of them could ever be switched on",
  ],
])("%s is told", (_, file, edits, says) => {
  expect(
    problemsOf(edited(file, edits))
      .map((problem) => problem.message)
      .join("\n"),
  ).toContain(says);
});

test("seen addresses that fit no board are strays, and what is no address is told", () => {
  const source = exampleSource("police-box");
  const at = source.indexOf("  seen:");
  expect(at).toBeGreaterThan(0);
  const of = (seen: string) => problemsOf(`${source.slice(0, at)}  seen:\n    ${seen}\n`).map(({ message }) => message);
  expect(of("s99: [172.20.21.41]").join()).toContain("s99");
  expect(of("s11: [172.21.0.1]").join()).toContain("172.21.0.1 is outside the network");
  const cluster = clusterOf(`${source.slice(0, at)}  seen:\n    s11: [172.20.99.99]\n`);
  expect(cluster.strays).toEqual([{ switch: "s11", address: "172.20.99.99" }]);
});

test("a switch may have its address on the uplink's network", () => {
  const wide: Edits = [
    ["wan: dhcp", "wan: dhcp, cidr: 10.9.0.0/24"],
    ["192.168.77.2,", "10.9.0.7,"],
  ];
  expect(clusterOf(edited("desk-5", wide)).switches[0]?.address).toBe("10.9.0.7");
  expect(problemsOf(edited("desk-5", wide.slice(1)))[0]?.code).toBe("cluster.address-outside");
});

test("a board whose place has no number gets no address by the rule", () => {
  const cluster = clusterOf(
    edited("desk-5", [
      ["<20+board>", "<20+bank>"],
      ["id: k1,", "id: shelf,"],
    ]),
  );
  expect(cluster.boards.map(({ address }) => address)).toEqual([null, null, null, null, null]);
  expect(describeTruths(deriveTruths(cluster))).toContain("no board has one, in 192.168.77.0/24: 0 known");
});

test("the ports of a PoE switch that is switched itself stand behind its outlet", () => {
  const cluster = clusterOf(edited("desk-5", [["feeds: [u1] }", "feeds: [u1, s1, s1] }"]]));
  const behind = new Map(cluster.outlets.map((outlet) => [outlet.id, outlet.behind]));
  expect(behind.get("s1.1")).toBe("plug1.1");
  expect(cluster.outlets.find(({ id }) => id === "plug1.1")?.boards).toEqual(["b1", "b2", "b3", "b4", "b5"]);
});

test("a PDU of which nothing is known carries what it must", () => {
  const cluster = exampleCluster("desk-5");
  const pdus = cluster.pdus.map((pdu) => ({ ...pdu, watts: null, breakerAmps: null }));
  expect(deriveTruths({ ...cluster, pdus }).breakers).toEqual([]);
});

test("a profile past what the site gives says so in the truths", () => {
  const source = edited("desk-5", [
    ["{ id: all-on, boards: all }", "{ id: one, boards: 1 }\n    - { id: all-on, boards: all }"],
    ["amps: 10,", "amps: 0.13,"],
  ]);
  const [one, all] = deriveTruths(clusterOf(source)).profiles;
  expect(one?.against).toEqual([]);
  expect(all?.against.join()).toContain("the site would give");
});

test("a cluster without fans says nothing of them", () => {
  const text = describeTruths(deriveTruths(clusterOf(edited("desk-5", [["{ id: desk, fans: 1 }", "{ id: desk }"]]))));
  expect(text).not.toContain("fan");
  expect(text).toContain("5 boards");
});

test("a name too long for a line is broken all the same", () => {
  const text = describeTruths(deriveTruths(clusterOf(edited("desk-5", [["name: desk,", `name: ${"a".repeat(60)},`]]))));
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("a file full of mistakes is told up to a thousand of them", () => {
  const rules = (count: number, line: (n: number) => string) =>
    exampleSource("mini-84").replace(
      "rules:\n",
      `rules:\n${Array.from({ length: count }, (_, n) => line(n)).join("\n")}\n`,
    );
  const wrong = problemsOf(rules(1200, (n) => `  - { id: r${n}, text: 5 }`));
  expect(wrong).toHaveLength(1000);
  const unknown = problemsOf(
    exampleSource("mini-84").replace(
      "depends:\n",
      `depends:\n${Array.from({ length: 1200 }, (_, n) => `  - { what: [nobody${n}], needs: [] }`).join("\n")}\n`,
    ),
  );
  expect(unknown).toHaveLength(1000);
});

describe("small parts", () => {
  test("a network is a first address and up to 30 bits", () => {
    expect(parseCidr("10.0.0.0/8")).toMatchObject({ bits: 8, size: 2 ** 24 });
    for (const text of ["10.0.0.0", "10.0.0.0/x", "10.0.0/8", "10.0.0.0/31", "10.0.0.1/8", "10.0.0.0/123", ""]) {
      expect(parseCidr(text), text).toBeNull();
    }
  });

  test("a rule gives null where a board has no such number", () => {
    const parsed = parseAddressRule("10.<1+switch>.<slot>");
    if (parsed.kind === "invalid") throw new Error(parsed.place);
    const places = { switch: 4, bank: null, port: null, slot: 7, board: 7 };
    expect(parsed.rule(places)).toBe("10.5.7");
    expect(parsed.rule({ ...places, switch: null })).toBeNull();
    expect(parseAddressRule("10.<>.1")).toEqual({ kind: "invalid", place: "" });
  });

  test("a path that leads nowhere stands at what encloses it", () => {
    const root: Located = {
      kind: "map",
      at: 3,
      entries: new Map([["a", { keyAt: 4, value: { kind: "scalar", at: 9, value: 1 } }]]),
    };
    expect(offsetOf(root, ["a"])).toBe(9);
    expect(offsetOf(root, ["a", "b", 2])).toBe(9);
    expect(offsetOf(root, ["x"])).toBe(3);
    expect(offsetOf(null, ["x"])).toBe(0);
  });

  test("natural order is total and the same from both sides", () => {
    const sorted = ["", "b", "b09", "b9", "b10", "b10a", "c"];
    for (const [i, a] of sorted.entries())
      for (const [j, b] of sorted.entries()) expect(Math.sign(compareNames(a, b)), `${a} ${b}`).toBe(Math.sign(i - j));
    expect(foldNodeSet(["b10", "b9", "b09"])).toBe("b[9,09-10]");
  });

  test("things that need each other in a circle have no order, the others have", () => {
    const cluster = exampleCluster("desk-5");
    const need = (what: string, needs: string[]) => ({ what, needs, start: null, ready: null, timeoutMs: null });
    const order = orderOfPower({ ...cluster, needs: [need("x", ["y"]), need("y", ["x"]), need("z", ["s1"])] });
    expect(order.flat()).toContain("z");
    expect(order.flat()).not.toContain("x");
  });

  test("a node set says what it cannot find, shortly", () => {
    const cluster = exampleCluster("desk-5");
    const said = (text: string, of = cluster) => {
      const result = resolveNodeSet(text, { cluster: of });
      return result.kind === "invalid" ? result.message : result.boards.join();
    };
    expect(said(`b${"9".repeat(60)}`)).toMatch(/^there is no board b9{38}… \(b1 to b5\)$/);
    expect(said(`@${"g".repeat(60)}`)).toContain(`@${"g".repeat(39)}…`);
    expect(said("b1", { ...cluster, boards: [] })).toBe("there is no board b1 (the file has none)");
    expect(said("b1,".repeat(5001).slice(0, -1))).toBe("a node set has at most 5000 parts");
    expect(said("@desk")).toBe("b1,b2,b3,b4,b5");
    expect(said("@desj")).toContain('did you mean "@desk"');
  });
});

test("a driver's settings are the model's, and over them the PDU's own", () => {
  const source = edited("desk-5", [
    [
      "driver: shelly-gen2, watts: 2300, meters: true",
      "driver: shelly-gen2, watts: 2300, settings: { first: 1, tls: true }",
    ],
    ["driver: snmp-rfc3621, watts: 62", "driver: snmp-rfc3621, settings: { words: [a, b] }, watts: 62"],
    ["model: plug, address: 192.168.77.3", "model: plug, settings: { first: 2 }, address: 192.168.77.3"],
  ]);
  const parsed = parseCluster(source);
  expect(parsed.kind === "ok" ? parsed.cluster.pdus.map(({ settings }) => settings) : parsed.problems).toEqual([
    { first: 2, tls: true },
    { words: ["a", "b"] },
  ]);
});
