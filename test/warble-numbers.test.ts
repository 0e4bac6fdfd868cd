import { expect, test } from "vitest";
import { numberCases } from "./numbers/cases.ts";
import { compareWithPython, whyNoPython } from "./numbers/python.ts";

const reason = whyNoPython();

// Needs python3; `npm run e2e` asks 40,000 questions.
test.skipIf(reason !== null)(
  `four hundred random numbers are those that Python finds${reason === null ? "" : `: ${reason}`}`,
  () => {
    expect(compareWithPython(400, 1).wrong).toEqual([]);
  },
  120_000,
);

test("the questions are the same for the same seed, and of every sort", () => {
  const questions = numberCases(400, 1);
  expect(numberCases(400, 1)).toEqual(questions);
  expect(new Set(questions.map(({ op }) => op)).size).toBe(20);
  expect(questions.filter(({ digits }) => digits > 0).length).toBeGreaterThan(150);
});
