import { expect, test } from "vitest";
import { parseCluster } from "./parse.ts";
import { type Problem, type ProblemCode, problemCodes } from "./problem.ts";
import { type ExampleName, exampleSource } from "./testing.ts";

/** What is changed in an example, and the one problem that must follow. */
type Case = {
  readonly code: ProblemCode;
  readonly file: ExampleName;
  readonly edits: readonly (readonly [from: string, to: string])[];
  /** What stands at the place the problem names. */
  readonly at: string;
  /** A part of the message. */
  readonly says: string;
  readonly nearest?: string;
  readonly isWarning?: boolean;
};

const cases: Record<string, Case> = {
  "things that need each other in a circle": {
    code: "cluster.cycle",
    file: "police-box",
    edits: [["rules:\n", "  - { what: [c-server], needs: [g07] }\n\nrules:\n"]],
    at: "g07]",
    says: "c-server needs g07 needs server needs c-server",
  },
  "a circuit that feeds what it needs": {
    code: "cluster.cycle",
    file: "mini-84",
    edits: [["needs: [], ready", "needs: [c-u01], ready"]],
    at: "c-u01]",
    says: "server needs c-u01 needs server",
  },
  "one switch port used by two banks": {
    code: "cluster.port-twice",
    file: "mini-84",
    edits: [["ports: 22-42", "ports: 21-41"]],
    at: "21-41",
    says: "bank k02 uses port 21 of switch s01, taken by bank k01",
  },
  "a port that the switch has not": {
    code: "cluster.port-beyond",
    file: "mini-84",
    edits: [["ports: 22-42", "ports: 29-49"]],
    at: "29-49",
    says: "switch s01 (sw48) has ports 1 to 48, not 49",
  },
  "a measured port without a board": {
    code: "cluster.port-beyond",
    file: "police-box",
    edits: [["      1: 172.20.21.41", "      47: 172.20.21.41"]],
    at: "172.20.21.41",
    says: "no board is plugged into port 47 of s11",
  },
  "fewer ports than slots": {
    code: "cluster.ports-too-few",
    file: "mini-84",
    edits: [["ports: 22-42", "ports: 22-41"]],
    at: "22-41",
    says: "20 ports for 21 slots",
  },
  "ports of no switch": {
    code: "cluster.ports-without-switch",
    file: "desk-5",
    edits: [["model: shelf5, switch: s1, ports: 1-5, power: poe", "model: shelf5, rack: desk, ports: 1-5"]],
    at: "1-5",
    says: "no switch they belong to",
  },
  "an outlet of an unknown PDU": {
    code: "cluster.unknown-outlet",
    file: "police-box",
    edits: [["outlet: pdu7.1", "outlet: pdv7.1"]],
    at: "pdv7.1",
    says: 'there is no outlet pdv7.1; did you mean "pdu7.1"?',
    nearest: "pdu7.1",
  },
  "an outlet past the last of its PDU": {
    code: "cluster.outlet-beyond",
    file: "police-box",
    edits: [["outlet: pdu7.1", "outlet: pdu7.6"]],
    at: "pdu7.6",
    says: "pdu7 (np05b) has outlets 1 to 5, not 6",
  },
  "two circuits on one outlet": {
    code: "cluster.outlet-twice",
    file: "police-box",
    edits: [["outlet: pdu7.1", "outlet: pdu1.4"]],
    at: "pdu1.4",
    says: "circuit g25 hangs on pdu1.4, which circuit g04 uses",
  },
  "a thing fed by two circuits": {
    code: "cluster.fed-twice",
    file: "police-box",
    edits: [["feeds: [core-back]", "feeds: [core-back, u25]"]],
    at: "[u25",
    says: "u25 is fed by g25 and by c-core-back",
  },
  "a supply that no circuit feeds": {
    code: "cluster.not-fed",
    file: "police-box",
    edits: [["feeds: [u25, s25]", "feeds: [s25]"]],
    at: "{ id:",
    says: "no circuit feeds u25: its 42 boards cannot be switched",
    isWarning: true,
  },
  "a misspelled name": {
    code: "cluster.unknown-name",
    file: "police-box",
    edits: [["needs: [server, core-back, c-fans]", "needs: [server, core-bakc, c-fans]"]],
    at: "core-bakc",
    says: 'nothing is called "core-bakc"; did you mean "core-back"?',
    nearest: "core-back",
  },
  "a misspelled model": {
    code: "cluster.unknown-name",
    file: "desk-5",
    edits: [["id: u1, model: usb5", "id: u1, model: usb6"]],
    at: "usb6",
    says: 'no model is called "usb6"; did you mean "usb5"? (known: usb5)',
    nearest: "usb5",
  },
  "a board that does not exist": {
    code: "cluster.unknown-name",
    file: "desk-5",
    edits: [["    b5: {", "    b6: {"]],
    at: "{ model: pi4b",
    says: 'no board is called "b6" (b1 to b5)',
    nearest: "b1",
  },
  "a name of the wrong kind": {
    code: "cluster.wrong-kind",
    file: "mini-84",
    edits: [["id: s02, model: sw48, rack: r1", "id: s02, model: sw48, rack: k01"]],
    at: "k01",
    says: '"k01" is a bank, not a rack',
  },
  "a model of the wrong kind": {
    code: "cluster.wrong-kind",
    file: "desk-5",
    edits: [["id: u1, model: usb5", "id: u1, model: plug"]],
    at: "plug",
    says: 'the model "plug" is of kind pdu, not supply',
  },
  "two things with one name": {
    code: "cluster.name-twice",
    file: "mini-84",
    edits: [
      ["id: gw, kind: gateway", "id: s01, kind: gateway"],
      ["uplink: gw", "uplink: s02"],
      [" gw,", ""],
    ],
    at: "s01",
    says: '"s01" is already the name of a switch on line 44',
  },
  "a name that the language needs": {
    code: "cluster.name-twice",
    file: "desk-5",
    edits: [["id: strip", "id: all"]],
    at: "all",
    says: '"all" is already the name of the language itself',
  },
  "a range of another length": {
    code: "cluster.range",
    file: "police-box",
    edits: [['outlet: "pdu[1-6].[1-4]"', 'outlet: "pdu[1-6].[1-3]"']],
    at: '"pdu[1-6].[1-3]"',
    says: '"pdu[1-6].[1-3]" has 18 names, but the entry is about 24',
  },
  "a bank that stands nowhere": {
    code: "cluster.bank-without-rack",
    file: "desk-5",
    edits: [["model: poe8, rack: desk,", "model: poe8,"]],
    at: "{ id: k1",
    says: "bank k1 stands in no rack",
  },
  "1051 boards in 1050 slots": {
    code: "cluster.too-many-boards",
    file: "police-box",
    edits: [["expected: 1050", "expected: 1051"]],
    at: "1051",
    says: "1051 boards are expected, but 50 banks have 1050 slots",
  },
  "boards without a model": {
    code: "cluster.board-without-model",
    file: "mini-84",
    edits: [["boards:\n  model: pi3b+\n", "boards:\n"]],
    at: "expected",
    says: "some boards have no model",
  },
  "power from a switch that gives none": {
    code: "cluster.no-poe",
    file: "desk-5",
    edits: [["    poe: { driver: snmp-rfc3621, watts: 62, per_port: 15.4 }\n", ""]],
    at: "poe }",
    says: "b1 hangs on a port of s1 (poe8), which gives no power",
  },
  "a switch port over its load": {
    code: "cluster.poe-over-load",
    file: "desk-5",
    edits: [["per_port: 15.4", "per_port: 6"]],
    at: "{ id: s1",
    says: "b3 (pi4b) draws 6.5 W; a port of s1 gives 6 W",
  },
  "a supply over its steady load": {
    code: "cluster.supply-over-load",
    file: "mini-84",
    edits: [["max: 5.0", "max: 6.0"]],
    at: '{ id: "u[01-02]"',
    says: "42 boards on u01 draw 252 W; 80 % of 300 W is 240 W",
  },
  "a supply over its peak": {
    code: "cluster.supply-over-peak",
    file: "mini-84",
    edits: [["inrush: 7.5", "inrush: 9"]],
    at: '{ id: "u[01-02]"',
    says: "42 boards on u01 draw 378 W when switched on together; it gives 360 W for a second",
  },
  "a supply with too few ports": {
    code: "cluster.supply-ports",
    file: "mini-84",
    edits: [["ports: 60", "ports: 40"]],
    at: '{ id: "u[01-02]"',
    says: "42 boards on u01, which has 40 ports",
  },
  "a breaker over its load": {
    code: "cluster.breaker-over-load",
    file: "police-box",
    edits: [['PDU3}", breaker_amps: 15', 'PDU3}", breaker_amps: 10']],
    at: "{ id: pdu3",
    says: "profile venue (1050 boards): pdu3 may carry 1064 W (g[09-12]); 80 % of 1200 W is 960 W",
  },
  "a site that cannot bear it all": {
    code: "cluster.site-over-load",
    file: "police-box",
    edits: [["supply: { amps: 200", "supply: { amps: 60"]],
    at: "{ id: venue",
    says: "profile venue (1050 boards) draws 7112 W; 80 % of 60 A at 120 V is 5760 W",
  },
  "an address rule that leads outside": {
    code: "cluster.address-outside",
    file: "mini-84",
    edits: [["cidr: 10.84.0.0/21", "cidr: 10.84.0.0/22"]],
    at: "10.84.<1+bank>",
    says: "the rule puts 42 boards outside the network 10.84.0.0/22, first b43 10.84.4.1",
  },
  "the head outside the network": {
    code: "cluster.address-outside",
    file: "desk-5",
    edits: [["head: 192.168.77.10", "head: 192.168.78.10"]],
    at: "192.168.78.10",
    says: "192.168.78.10 is outside the network 192.168.77.0/24",
  },
  "the network's own broadcast address": {
    code: "cluster.address-outside",
    file: "desk-5",
    edits: [["head: 192.168.77.10", "head: 192.168.77.255"]],
    at: "192.168.77.255",
    says: "outside the network",
  },
  "a number past 255": {
    code: "cluster.address",
    file: "desk-5",
    edits: [["gateway: 192.168.77.1\n", "gateway: 192.168.77.256\n"]],
    at: "192.168.77.256",
    says: '"192.168.77.256" is no IPv4 address',
  },
  "a network that is an address": {
    code: "cluster.address",
    file: "desk-5",
    edits: [["cidr: 192.168.77.0/24", "cidr: 192.168.77.9/24"]],
    at: "192.168.77.9/24",
    says: "is no network",
  },
  "two boards with one address": {
    code: "cluster.address-twice",
    file: "desk-5",
    edits: [['mac: "b8:27:eb:00:00:02" }', 'mac: "b8:27:eb:00:00:02", address: 192.168.77.23 }']],
    at: "192.168.77.<20+board>",
    says: "board b3 and board b2 both have the address 192.168.77.23",
  },
  "a board with a switch's address": {
    code: "cluster.address-twice",
    file: "desk-5",
    edits: [["address: 192.168.77.2,", "address: 192.168.77.25,"]],
    at: "192.168.77.<20+board>",
    says: "board b5 and switch s1 both have the address 192.168.77.25",
  },
  "a place that no rule knows": {
    code: "cluster.address-rule",
    file: "police-box",
    edits: [["<10+switch>.<port>", "<10+swich>.<port>"]],
    at: "172.20.<10+swich>",
    says: '"10+swich" is no place in an address rule',
    nearest: "switch",
  },
  "a rule that counts past 255": {
    code: "cluster.address-rule",
    file: "desk-5",
    edits: [["<20+board>", "<252+board>"]],
    at: "192.168.77.<252",
    says: "the rule gives b4 the address 192.168.77.256, which is none",
  },
  "a MAC that no board can have": {
    code: "cluster.mac",
    file: "desk-5",
    edits: [["b8:27:eb:00:00:01", "ff:ff:ff:ff:ff:ff"]],
    at: '"ff:ff',
    says: '"ff:ff:ff:ff:ff:ff" is no MAC that a board can have',
  },
  "two boards with one MAC": {
    code: "cluster.mac-twice",
    file: "desk-5",
    edits: [["b8:27:eb:00:00:02", "B8-27-EB-00-00-01"]],
    at: '"B8-27',
    says: "board b2 and board b1 both have the MAC b8:27:eb:00:00:01",
  },
  "two devices with one MAC": {
    code: "cluster.mac-twice",
    file: "police-box",
    edits: [["a8:61:0a:ae:12:62", "a8:61:0a:ae:12:61"]],
    at: "a8:61:0a:ae:12:61\n    count",
    says: "device netlight and device serverswitch both have the MAC a8:61:0a:ae:12:61",
    isWarning: true,
  },
  "a wave smaller than a group": {
    code: "cluster.wave-below-group",
    file: "mini-84",
    edits: [["wave: { boards: 42, accept: 40", "wave: { boards: 21, accept: 20"]],
    at: "21,",
    says: "c-u01 (42), c-u02 (42) can only start whole",
    isWarning: true,
  },
  "a wave that waits for more than it starts": {
    code: "cluster.boot-accept",
    file: "mini-84",
    edits: [["accept: 40", "accept: 43"]],
    at: "43",
    says: "a wave starts 42 boards but would wait for 43",
  },
  "an alarm below the warning": {
    code: "cluster.thermal-order",
    file: "mini-84",
    edits: [["warn: 70", "warn: 81"]],
    at: "{ warn: 81",
    says: "warn 81, alarm 80, cut 85 do not rise",
  },
  "a profile that says both": {
    code: "cluster.profile",
    file: "mini-84",
    edits: [["id: all-on, boards: all", "id: all-on, boards: all, supplies: 2"]],
    at: "{ id: all-on",
    says: "must say either boards or supplies",
  },
  "a time zone that is none": {
    code: "cluster.timezone",
    file: "desk-5",
    edits: [["Europe/Zurich", "Europe/Zurch"]],
    at: "Europe/Zurch",
    says: 'no time zone "Europe/Zurch"',
  },
  "a key that does not belong": {
    code: "cluster.unknown-key",
    file: "desk-5",
    edits: [["gateway: 192.168.77.1\n", "gatway: 192.168.77.1\n"]],
    at: "gatway",
    says: '"gatway" is no key here; did you mean "gateway"?',
    nearest: "gateway",
  },
  "a key that is missing": {
    code: "cluster.missing-key",
    file: "desk-5",
    edits: [["  head: 192.168.77.10\n", ""]],
    at: "cidr",
    says: '"head" is missing in network',
  },
  "a value of the wrong kind": {
    code: "cluster.type",
    file: "desk-5",
    edits: [["slots: 5 }", "slots: five }"]],
    at: "five",
    says: '"five" stands where a whole number from 1 belongs',
  },
  "a value out of bounds": {
    code: "cluster.value",
    file: "desk-5",
    edits: [["load_max: 0.8", "load_max: 80"]],
    at: "80",
    says: "80 is out of bounds in limits.load_max",
  },
  "a kind of model that does not exist": {
    code: "cluster.value",
    file: "desk-5",
    edits: [["usb5: { kind: supply", "usb5: { kind: suply"]],
    at: "suply",
    says: '"suply" is not allowed in models.usb5.kind; did you mean "supply"?',
    nearest: "supply",
  },
  "a key that stands twice": {
    code: "cluster.key-twice",
    file: "desk-5",
    edits: [["  gateway: 192.168.77.1\n", "  gateway: 192.168.77.1\n  gateway: 192.168.77.1\n"]],
    at: "gateway: 192.168.77.1\n  head",
    says: '"gateway" stands twice in one map; the first is on line 9',
  },
};

test.each(Object.entries(cases))("%s: told with its code and place", (_, one) => {
  const source = one.edits.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, exampleSource(one.file));
  const result = parseCluster(source);
  const problems: readonly Problem[] = result.kind === "ok" ? result.warnings : result.problems;
  expect(result.kind, JSON.stringify(problems)).toBe(one.isWarning ? "ok" : "invalid");
  const found = problems.find((problem) => problem.code === one.code);
  expect(found, JSON.stringify(problems, null, 1)).toBeDefined();
  if (found === undefined) return;
  expect(found.message).toContain(one.says);
  expect(found.expected).not.toBeNull();
  if (one.nearest !== undefined) expect(found.nearest).toBe(one.nearest);
  const rest = source
    .split("\n")
    .slice(found.line - 1)
    .join("\n")
    .slice(found.column - 1);
  expect(rest.slice(0, one.at.length)).toBe(one.at);
});

test("every code has a case, here or among the broken texts", () => {
  const elsewhere = ["cluster.too-large", "cluster.not-text", "cluster.empty", "cluster.syntax", "cluster.too-deep"];
  const covered = new Set([...Object.values(cases).map((one) => one.code), ...elsewhere]);
  expect(Object.keys(problemCodes).filter((code) => !covered.has(code as ProblemCode))).toEqual([]);
});

test("all problems are told at once, in the order of the file", () => {
  const source = exampleSource("desk-5")
    .replace("head: 192.168.77.10", "head: 192.168.78.10")
    .replace("outlet: plug1.1", "outlet: plug1.2")
    .replace("uplink: gw", "uplink: gx")
    .replace("feeds: [u1]", "feeds: [u2]")
    .replace("rules:", "ruels:");
  const result = parseCluster(source);
  const codes = result.kind === "invalid" ? result.problems.map((problem) => problem.code) : [];
  expect(codes).toEqual([
    "cluster.address-outside",
    "cluster.unknown-name",
    "cluster.outlet-beyond",
    "cluster.unknown-key",
  ]);
});
