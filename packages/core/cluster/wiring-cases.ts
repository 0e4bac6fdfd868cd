import type { ProblemCode } from "./problem.ts";
import type { ExampleName } from "./testing.ts";

/** What is changed in an example, and the one problem that must follow. */
export type Case = {
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

/** Mistakes in places, power and names. */
export const wiringCases: Readonly<Record<string, Case>> = {
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
};
