import { expect, test } from "vitest";
import type { BootEvent } from "./events.ts";
import { newLane, stepLane, stopLane } from "./lane.ts";
import { packLane, unpackLane } from "./lane-row.ts";
import { bootSteps } from "./steps.ts";

const play = (events: readonly BootEvent[], gapMs: number) =>
  events.reduce((lane, event, i) => stepLane(lane, event, 1000 + i * gapMs), newLane());
const told = bootSteps.map((step): BootEvent => ({ kind: "told", step, failed: null }));

test("a row gives back what the list is for", () => {
  const loading = play(
    [
      { kind: "power", on: true },
      { kind: "discover", client: { kind: "bios" } },
      { kind: "file", path: "kernel8.img", by: "tftp", news: "begun", sizeBytes: 10_240 },
      { kind: "file", path: "kernel8.img", by: "tftp", news: "moving", sentBytes: 5120, sizeBytes: 10_240 },
    ],
    1000,
  );
  expect(unpackLane(packLane("b0001", loading, "slow", 9000))).toEqual({
    ...{ board: "b0001", state: "booting", at: "kernel", attempt: 1, percent: 50, bytes: 5120, resends: 0 },
    ...{ tookMs: 8000, stepMs: { discover: 1000, kernel: 6000 }, fault: "slow" },
  });
  expect(unpackLane(packLane("b0002", newLane(), null, 9000))).toMatchObject({ state: "idle", at: null, tookMs: null });
  expect(unpackLane(packLane("b0001", stopLane(loading, 5000, null), null, 9000))).toMatchObject({ tookMs: 3000 });
});

test("a row that a newer head wrote is read as far as it is known", () => {
  expect(unpackLane(["b0001", 99, 99, 1, -1, 0, 0, -1, [], ""])).toMatchObject({ state: "idle", at: null });
});

test("the rows of a thousand boards are small", () => {
  const lane = play(told, 12_345);
  const rows = Array.from({ length: 1050 }, (_, i) => packLane(`b${String(i + 1).padStart(4, "0")}`, lane, null, 1e7));
  expect(JSON.stringify(rows).length).toBeLessThan(100_000);
});
