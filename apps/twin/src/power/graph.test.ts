import type { PowerAnswer, PowerOutletBody } from "@bramble/core/api";
import { describe, expect, test } from "vitest";
import {
  boardsBehind,
  firstOpen,
  graphOf,
  keyOf,
  remarkOf,
  rowsWithoutBoards,
  setOfRows,
  standingOf,
} from "./graph.ts";

const outlet = (id: string, news: Partial<PowerOutletBody> = {}): PowerOutletBody => ({
  ...{ id, pdu: id.split(".")[0]!, circuit: id, feeds: [], group: null, set: null, boards: 0, up: 0, on: true },
  ...{ watts: null, most: 0, behind: null, needs: [], alwaysOn: false, error: null, doubted: null },
  ...news,
});
const pdu = (id: string, error: string | null = null): PowerAnswer["pdus"][number] => ({
  ...{ id, driver: "x", error, watts: null },
});
/** A half rack on pdu1.2; two leads of pdu3 hang behind it; fans on pdu1.1. */
const garage = graphOf({
  pdus: [pdu("pdu1"), pdu("pdu3")],
  things: [{ id: "u08", kind: "supply" }],
  outlets: [
    outlet("pdu1.1", { feeds: ["fans"] }),
    outlet("pdu1.2", { set: "b[01-02]", boards: 6 }),
    outlet("pdu3.1", { behind: "pdu1.2", feeds: ["u08"], set: "b[03-04]", on: false }),
    outlet("pdu3.2", { behind: "pdu1.2", set: "b[05-06]" }),
  ],
});

describe("the graph of power", () => {
  test("an outlet that hangs behind another stands under it, and its PDU still counts it", () => {
    const [one, three] = garage;
    expect(one?.outlets.map(({ id }) => id)).toEqual(["pdu1.1", "pdu1.2"]);
    expect(one?.outlets[1]?.behind.map(({ id, things }) => [id, things])).toEqual([
      ["pdu3.1", [{ id: "u08", kind: "supply" }]],
      ["pdu3.2", []],
    ]);
    expect([three?.outlets, three?.on, three?.total]).toEqual([[], 1, 2]);
    expect(boardsBehind(one!.outlets[1]!)).toEqual(["b01", "b02", "b03", "b04", "b05", "b06"]);
  });

  test("an outlet behind one that nobody knows is not lost", () => {
    const [only] = graphOf({ pdus: [pdu("p")], outlets: [outlet("p.1", { behind: "gone" })], things: [] });
    expect(only?.outlets.map(({ id }) => id)).toEqual(["p.1"]);
  });

  test.each([
    ["one board", [keyOf.board("b03")], "b03"],
    ["the boards directly on an outlet", [keyOf.boards("pdu1.2")], "b[01-02]"],
    ["an outlet, with all that hangs behind it", [keyOf.outlet("pdu1.2")], "b[01-06]"],
    ["a PDU whose outlets hang behind another's", [keyOf.pdu("pdu3")], "b[03-06]"],
    ["a board twice, by itself and by its outlet", [keyOf.board("b05"), keyOf.outlet("pdu3.2")], "b[05-06]"],
    ["an outlet without boards", [keyOf.outlet("pdu1.1")], ""],
    ["nothing", [], ""],
  ])("chosen rows are a node set: %s", (_, rows, set) => {
    expect(setOfRows(garage, new Set(rows))).toBe(set);
  });

  test("rows that stand for no board cannot be chosen", () => {
    expect(rowsWithoutBoards(garage)).toEqual(
      [
        keyOf.outlet("pdu1.1"),
        keyOf.thing("pdu1.1", "fans"),
        keyOf.thing("pdu3.1", "u08"),
        // Its outlets stand elsewhere; here there is nothing to choose by.
      ].concat(keyOf.pdu("pdu3")),
    );
  });

  test("few outlets stand open; of many only those where something is not well", () => {
    const many = graphOf({
      pdus: [pdu("a"), pdu("b", "no route"), pdu("c")],
      outlets: [outlet("a.1"), outlet("b.1"), outlet("c.1", { doubted: "none of its boards shows life" })],
      things: [],
    });
    expect(firstOpen(many, 3)).toEqual([keyOf.pdu("a"), keyOf.pdu("b"), keyOf.pdu("c")]);
    expect(firstOpen(many, 2)).toEqual([keyOf.pdu("b"), keyOf.pdu("c")]);
  });

  test.each([
    ["on", outlet("p.1"), "on", null],
    ["off", outlet("p.1", { on: false }), "off", null],
    ["never read", outlet("p.1", { on: null, error: "no route" }), "unknown", "no route"],
    ["a liar", outlet("p.1", { doubted: "no life" }), "doubted", "says on and is not believed: no life"],
    [
      "a liar that says off",
      outlet("p.1", { on: false, doubted: "3 answer" }),
      "doubted",
      "says off and is not believed: 3 answer",
    ],
    ["always on", outlet("p.1", { alwaysOn: true }), "on", "stays on by the cluster file"],
  ])("an outlet's standing and remark: %s", (_, told, standing, remark) => {
    expect([standingOf(told), remarkOf(told)]).toEqual([standing, remark]);
  });
});
