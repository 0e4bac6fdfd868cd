import { stateKinds } from "@bramble/core/observe";
import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf, countStates, readRow, writeRow } from "./columns.ts";

const row = fc.record({
  state: fc.constantFrom(...stateKinds),
  cpu: fc.option(fc.integer({ min: 0, max: 100 })),
  memory: fc.option(fc.integer({ min: 0, max: 100 })),
  temperatureC: fc.option(fc.integer({ min: 0, max: 240 }).map((half) => half / 2)),
  isSimulated: fc.boolean(),
  isWorking: fc.boolean(),
  isThrottled: fc.boolean(),
});

test("a row reads back as it was written, and its neighbours stay as they were", () => {
  fc.assert(
    fc.property(row, row, (one, other) => {
      const columns = columnsOf(3);
      writeRow(columns, 0, one, 1);
      writeRow(columns, 1, other, 2);
      expect(readRow(columns, 0)).toEqual(one);
      expect(readRow(columns, 1)).toEqual(other);
    }),
  );
});

test("only another state counts as a change, and its moment is kept", () => {
  const columns = columnsOf(1);
  const up = {
    state: "up",
    cpu: 1,
    memory: 2,
    temperatureC: 40,
    isSimulated: true,
    isWorking: false,
    isThrottled: false,
  } as const;
  expect(writeRow(columns, 0, up, 100)).toBe(true);
  expect(writeRow(columns, 0, { ...up, cpu: 50 }, 200)).toBe(false);
  expect(columns.changed[0]).toBe(100);
});

test("columns that grow keep what they had, and counts add up", () => {
  const before = columnsOf(2);
  writeRow(
    before,
    1,
    {
      state: "silent",
      cpu: 7,
      memory: null,
      temperatureC: null,
      isSimulated: false,
      isWorking: false,
      isThrottled: false,
    },
    5,
  );
  const after = columnsOf(4, before);
  expect(readRow(after, 1)).toEqual(readRow(before, 1));
  expect(columnsOf(1, before).count).toBe(1);
  expect(countStates(after).reduce((sum, count) => sum + count, 0)).toBe(4);
});
