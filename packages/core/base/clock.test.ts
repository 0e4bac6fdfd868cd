import { describe, expect, test } from "vitest";
import type { TimeSource } from "./clock.ts";
import { clockFrom } from "./clock.ts";
import { fakeClock } from "./fake-clock.ts";

/** The machine's timers, as far as a clock needs them, over a fake clock. */
function source() {
  const time = fakeClock();
  const made: TimeSource = {
    now: time.now,
    monotonic: time.monotonic,
    setTimeout: (run, ms) => time.after(ms, run),
    clearTimeout: (handle) => (handle as { cancel(): void }).cancel(),
  };
  return { time, made };
}

describe.each([
  [
    "a clock over the machine's timers",
    () => {
      const { time, made } = source();
      return { clock: clockFrom(made), time };
    },
  ],
  [
    "the fake clock",
    () => {
      const time = fakeClock();
      return { clock: time, time };
    },
  ],
])("%s", (_, make) => {
  test("calls once after a time, unless it is cancelled", async () => {
    const { clock, time } = make();
    const called: string[] = [];
    clock.after(100, () => called.push("after"));
    clock.after(50, () => called.push("cancelled")).cancel();
    await time.advance(99);
    expect(called).toEqual([]);
    await time.advance(1000);
    expect(called).toEqual(["after"]);
    expect(time.pending()).toBe(0);
  });

  test("calls again and again until it is cancelled, even from within", async () => {
    const { clock, time } = make();
    let calls = 0;
    const timer = clock.every(10, () => {
      if (++calls === 3) timer.cancel();
    });
    await time.advance(1000);
    expect(calls).toBe(3);
    expect(time.pending()).toBe(0);
  });

  test("a sleep ends in time, or with the reason of its signal, and leaves no timer", async () => {
    const { clock, time } = make();
    const slept = clock.sleep(20);
    const ending = new AbortController();
    const broken = clock.sleep(1000, ending.signal);
    const outcome = Promise.allSettled([broken]);
    await time.advance(20);
    await slept;
    ending.abort(new Error("enough"));
    expect((await outcome)[0]).toMatchObject({ status: "rejected", reason: { message: "enough" } });
    await expect(clock.sleep(1, ending.signal)).rejects.toThrow("enough");
    expect(time.pending()).toBe(0);
  });

  test("both of its times move on together", async () => {
    const { clock, time } = make();
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    await time.advance(1234);
    expect([clock.now() - now, clock.monotonic() - monotonic]).toEqual([1234, 1234]);
  });
});

test("a clock with speed ten waits a tenth, and tells the time as it is", async () => {
  const { time, made } = source();
  const clock = clockFrom(made, 10);
  const before = clock.now();
  const slept = clock.sleep(10_000);
  await time.advance(1000);
  await slept;
  expect(clock.now() - before).toBe(1000);
});

test("timers of a fake clock fire in the order of their times", async () => {
  const clock = fakeClock();
  const fired: number[] = [];
  for (const ms of [30, 10, 20, 10]) clock.after(ms, () => fired.push(ms));
  await clock.advance(100);
  expect(fired).toEqual([10, 10, 20, 30]);
});
