import fc from "fast-check";
import { expect, test } from "vitest";
import { compareNames, expandNames, foldNodeSet, looseKey, numberOf } from "./names.ts";

const spelled = (text: string) => {
  const result = expandNames(text, 1000);
  return result.kind === "ok" ? result.names.join(" ") : `${result.at}: ${result.message}`;
};

test.each([
  ["a plain name is itself", "b7", "b7"],
  ["a range keeps the zeros of its first number", "b[08-11]", "b08 b09 b10 b11"],
  ["a step takes every n-th", "k[01-09/4]", "k01 k05 k09"],
  ["parts are joined in the order written", "b[3,1-2]", "b3 b1 b2"],
  ["two ranges multiply, the last running fastest", "pdu[1-2].[1-2]", "pdu1.1 pdu1.2 pdu2.1 pdu2.2"],
  ["a range may stand before a word", "r[1-2]-top", "r1-top r2-top"],
  ["a range that runs backwards is told with its place", "b[1,9-3]", "4: the range 9-3 runs backwards"],
  ["a step of nothing is told", "b[1-9/0]", "2: the step of 1-9/0 is 0"],
  ["an open bracket is told", "b[1-2", '1: this "[" is never closed'],
  ["a stray bracket is told", "b1]x", '2: "]" closes nothing; a range opens with "["'],
  ["an empty range is told", "b[]", '2: "" is no number or range like 1-42 or 1-41/2'],
  ["more names than the cap are told, not spelled out", "b[1-999999999]", "2: 1-999999999 spells out too many names"],
  ["the cap counts products too", "b[1-100].[1-100]", "10: 1-100 spells out too many names"],
])("%s", (_, text, expected) => {
  expect(spelled(text)).toBe(expected);
});

test.each([
  ["neighbours become a range", ["b0001", "b0002", "b0003", "b0050"], "b[0001-0003,0050]"],
  ["one name stays as it is", ["b0050"], "b0050"],
  ["numbers without zeros run on past a new digit", ["b9", "b10", "b11"], "b[9-11]"],
  ["widths that a range would lose stay apart", ["b9", "b010"], "b[9,010]"],
  ["names without numbers stand last in their order", ["head", "b1"], "b1,head"],
  ["repeats count once", ["b1", "b1"], "b1"],
  ["nothing folds to nothing", [], ""],
])("%s", (_, names, expected) => {
  expect(foldNodeSet(names)).toBe(expected);
});

test("folding and spelling out give the same names back, whatever they are", () => {
  const name = fc
    .tuple(fc.constantFrom("b", "x-a", "s1.", "r1-top", "k"), fc.stringMatching(/^[0-9]{0,12}$/))
    .map(([word, digits]) => word + digits);
  fc.assert(
    fc.property(fc.array(name, { maxLength: 40 }), (names) => {
      const back = foldNodeSet(names)
        .split(/,(?![^[]*\])/)
        .filter((part) => part !== "")
        .flatMap((part) => {
          const result = expandNames(part, 1000);
          return result.kind === "ok" ? result.names : [];
        });
      expect(new Set(back)).toEqual(new Set(names));
      expect(back).toHaveLength(new Set(names).size);
    }),
  );
});

test("any text is spelled out or refused, never thrown at", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."b[]0-9,/1.@ é"), maxLength: 30 }), (text) => {
      const result = expandNames(text, 50);
      if (result.kind === "ok") expect(result.names.length).toBeLessThanOrEqual(50);
    }),
  );
});

test("names sort as people count", () => {
  expect(["k10", "k2", "g1", "k02"].sort(compareNames)).toEqual(["g1", "k02", "k2", "k10"]);
});

test("zeros inside a number make no difference to its loose key, other zeros do", () => {
  expect(looseKey("b0412")).toBe(looseKey("B412"));
  expect(looseKey("b100")).not.toBe(looseKey("b1"));
  expect(numberOf("s01")).toBe(1);
  expect(numberOf("head")).toBeNull();
});
