import { expect, test } from "vitest";
import { looksAs } from "./fences.ts";

test.each([
  ["the same", "one\ntwo\n", "one\ntwo", true],
  ["another word", "one\nthree", "one\ntwo", false],
  ["more than is shown", "one\ntwo\nthree", "one\ntwo", false],
  ["less than is shown", "one", "one\ntwo", false],
  ["what … leaves open", "up 42 of 85\nlater", "up … of 85\n…", true],
  ["a line of … for many", "first\na\nb\nlast", "first\n…\nlast", true],
  ["other columns of blanks", "NAME    STATE", "NAME  STATE", true],
  ["signs that patterns know", "b[1-2] (x)? 1.5", "b[1-2] (x)? 1.5", true],
  ["a dot is a dot", "1x5", "1.5", false],
])("%s is told from what a document shows", (_, printed, shown, isSame) => {
  expect(looksAs(printed, shown)).toBe(isSame);
});
