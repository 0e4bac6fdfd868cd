import { expect, test } from "vitest";
import { compareWithPython, whyNoPython } from "../numbers/python.ts";

const reason = whyNoPython();

// Needs python3, which is the other side of the comparison.
test.skipIf(reason !== null)(
  `40,000 random numbers are those that Python finds${reason === null ? "" : `: ${reason}`}`,
  () => {
    const { asked, wrong } = compareWithPython(40_000, 2026);
    const kinds = Object.entries(asked).map(([kind, count]) => `${kind} ${count}`);
    console.log(`${wrong.length} of 40,000 wrong; asked: ${kinds.join(", ")}`);
    expect(wrong).toEqual([]);
  },
  1_200_000,
);
