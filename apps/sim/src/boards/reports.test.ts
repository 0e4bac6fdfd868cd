import { fakeClock, silentLog } from "@bramble/core/base";
import type { BootStep } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { createReports, type StepReport } from "./reports.ts";

function report(board: number, step: BootStep): StepReport {
  return {
    mac: `b8:27:eb:00:00:0${board}`,
    address: null,
    serial: "1",
    model: "m",
    step,
    failed: null,
    simulated: true,
  };
}

/** A head whose answers the test gives one by one. */
function scripted(lanes = 2) {
  const clock = fakeClock();
  const asked: { step: string; mac: string; answer: (status: number) => void; fail: () => void }[] = [];
  const reports = createReports({
    clock,
    log: silentLog,
    lanes,
    post: (_, body) =>
      new Promise((resolve, reject) => {
        const { step, mac } = JSON.parse(body) as StepReport;
        asked.push({ step, mac, answer: resolve, fail: () => reject(new Error("refused")) });
      }),
  });
  return { clock, asked, reports };
}

test("no more requests at once than there are lanes, and each report is told once", async () => {
  const { clock, asked, reports } = scripted();
  const told: number[] = [];
  for (const board of [1, 2, 3]) void reports.tell(board, report(board, "discover")).then(() => told.push(board));
  expect(asked).toHaveLength(2);
  asked[0]!.answer(202);
  await clock.advance(0);
  expect(asked).toHaveLength(3);
  asked[1]!.answer(202);
  asked[2]!.answer(202);
  await clock.advance(0);
  expect(told).toEqual([1, 2, 3]);
});

test("reports of one board keep their order, and a newer one takes the place of one that waits", async () => {
  const { clock, asked, reports } = scripted();
  const told: string[] = [];
  for (const step of ["discover", "offer", "kernel"] as const) {
    void reports.tell(1, report(1, step)).then(() => told.push(step));
  }
  expect(asked.map(({ step }) => step)).toEqual(["discover"]);
  asked[0]!.answer(202);
  await clock.advance(0);
  expect(asked.map(({ step }) => step)).toEqual(["discover", "kernel"]);
  asked[1]!.answer(202);
  await clock.advance(0);
  expect(told).toEqual(["discover", "offer", "kernel"]);
});

test("a head that is away is asked by one request, with growing pauses, and nothing is lost", async () => {
  const { clock, asked, reports } = scripted();
  let told = 0;
  for (const board of [1, 2, 3]) void reports.tell(board, report(board, "discover")).then(() => told++);
  asked[0]!.fail();
  asked[1]!.answer(503);
  await clock.advance(0);
  expect(asked).toHaveLength(2);
  await clock.advance(250);
  expect(asked).toHaveLength(3);
  asked[2]!.fail();
  await clock.advance(250);
  expect(asked).toHaveLength(3);
  await clock.advance(250);
  expect(asked).toHaveLength(4);
  for (let next = 3; told < 3; next++) {
    asked[next]!.answer(202);
    await clock.advance(0);
  }
  expect(asked).toHaveLength(6);
});

test("a board that lost its power says no more, and whoever waited for it goes on", async () => {
  const { clock, asked, reports } = scripted(1);
  let released = 0;
  void reports.tell(1, report(1, "discover")).then(() => released++);
  void reports.tell(2, report(2, "discover")).then(() => released++);
  reports.forget(1);
  reports.forget(2);
  await clock.advance(0);
  expect(released).toBe(2);
  asked[0]!.fail();
  await clock.advance(60_000);
  expect(asked).toHaveLength(1);
});

test("a report that the head refuses is dropped, not sent for ever", async () => {
  const { clock, asked, reports } = scripted();
  let told = false;
  void reports.tell(1, report(1, "discover")).then(() => {
    told = true;
  });
  asked[0]!.answer(400);
  await clock.advance(60_000);
  expect(told).toBe(true);
  expect(asked).toHaveLength(1);
});

test("the end releases everybody and leaves no timer", async () => {
  const { clock, asked, reports } = scripted();
  let released = 0;
  for (const board of [1, 2, 3]) void reports.tell(board, report(board, "discover")).then(() => released++);
  await reports[Symbol.asyncDispose]();
  asked[0]!.fail();
  await clock.advance(0);
  expect(released).toBe(3);
  expect(clock.pending()).toBe(0);
});
