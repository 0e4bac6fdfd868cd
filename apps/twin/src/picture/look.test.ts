import { expect, test } from "vitest";
import { columnsOf, writeRow } from "../live/columns.ts";
import type { Choice } from "./look.ts";
import { lookFlags, writeLooks } from "./look.ts";
import { colourAt } from "./palette.ts";

const row = {
  state: "up",
  cpu: 50,
  memory: null,
  temperatureC: 55,
  isSimulated: true,
  isWorking: false,
  isThrottled: false,
} as const;
const choice: Choice = { colourBy: "temperature", only: new Set(), selected: -1, pointed: -1 };

function looksOf(change: Partial<Choice>, rows: readonly Parameters<typeof writeRow>[2][]): Uint8Array {
  const columns = columnsOf(rows.length);
  for (const [index, each] of rows.entries()) writeRow(columns, index, each, 0);
  const looks = new Uint8Array(rows.length * 4);
  writeLooks(columns, { ...choice, ...change }, looks);
  return looks;
}

test("each colouring scales its own reading; what is not known is 255", () => {
  expect(looksOf({}, [row])[1]).toBe(127);
  expect(looksOf({ colourBy: "cpu" }, [row])[1]).toBe(127);
  expect(looksOf({ colourBy: "memory" }, [row])[1]).toBe(255);
  expect(looksOf({}, [{ ...row, temperatureC: 5 }])[1]).toBe(0);
  expect(looksOf({}, [{ ...row, temperatureC: 119 }])[1]).toBe(254);
});

test("hot boards stand out from 70 °C on, but not those that are off", () => {
  const looks = looksOf({}, [
    { ...row, temperatureC: 69.5 },
    { ...row, temperatureC: 70 },
    { ...row, state: "off", temperatureC: 90 },
  ]);
  expect([2, 6, 10].map((at) => looks[at]! & lookFlags.hot)).toEqual([0, lookFlags.hot, 0]);
});

test("a filter dims the others; selection, pointer and work each have their sign", () => {
  const looks = looksOf({ only: new Set(["silent"]), selected: 0, pointed: 1 }, [
    row,
    { ...row, state: "silent", isWorking: true },
  ]);
  expect(looks[2]).toBe(lookFlags.dim | lookFlags.selected);
  expect(looks[6]).toBe(lookFlags.pointed | lookFlags.working);
});

test("a ramp gives its stops at its stops and the middle between them", () => {
  const ramp = [
    [0, 0, 0],
    [1, 0, 0],
    [1, 1, 1],
  ] as const;
  expect(colourAt(ramp, 0)).toEqual([0, 0, 0]);
  expect(colourAt(ramp, 0.25)).toEqual([0.5, 0, 0]);
  expect(colourAt(ramp, 1)).toEqual([1, 1, 1]);
  expect(colourAt(ramp, 7)).toEqual([1, 1, 1]);
});
