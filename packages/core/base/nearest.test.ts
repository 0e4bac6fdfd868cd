import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const words = ["power", "boot", "discover", "register", "observe", "work", "show"];

test.each([
  ["a letter too many", "powwer", "power"],
  ["a letter missing", "regster", "register"],
  ["two letters swapped", "obsevre", "observe"],
  ["another case", "BOOT", "boot"],
  ["a wrong letter", "shaw", "show"],
])("%s is put right", (_, wrong, right) => {
  expect(nearest(wrong, words)).toBe(right);
});

test.each([["xyzzy"], ["x"], [""], ["a completely different sentence"]])('"%s" is near nothing', (wrong) => {
  expect(nearest(wrong, words)).toBeNull();
});

test("a word of the list is nearest to itself, and the answer is always of the list", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.array(fc.string({ maxLength: 12 })), (wrong, list) => {
      const found = nearest(wrong, list);
      if (found !== null) expect(list).toContain(found);
      if (wrong !== "") expect(nearest(wrong, [...list, wrong])?.toLowerCase()).toBe(wrong.toLowerCase());
    }),
  );
});

test.each([
  ["one letter of three", "cut", "cat", true],
  ["two letters of three", "cup", "cat", false],
  ["two letters of six", "swatch", "switcj", true],
  ["three letters of six", "swatch", "snipch", false],
  ["a swap counts as one, where two changes would be too many", "act", "cat", true],
])("%s: how far is near", (_, wrong, right, isNear) => {
  expect(nearest(wrong, [right])).toBe(isNear ? right : null);
});
