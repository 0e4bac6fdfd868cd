import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../base/index.ts";
import type { WatchTime } from "./watch.ts";
import { judge, startWatch, tickWatch, watchNow, watchTerms } from "./watch.ts";

const { tickMs, silentMs, hungMs } = watchTerms;

/** Play ticks against the times at which frames of one board arrive; gives when it was first judged silent, or null. */
function play(arrivals: readonly number[], ticks: readonly number[]): number | null {
  let time = startWatch(0);
  let heardAt = 0;
  let next = 0;
  for (const tick of ticks) {
    // What arrived before this tick was read then, unless the head slept: it runs its timers first when it wakes.
    const slept = tick - time.tickedAt > tickMs + watchTerms.slackMs;
    const read = slept ? time.tickedAt + tickMs : tick;
    for (; next < arrivals.length && arrivals[next]! < read; next++)
      heardAt = watchNow(time, arrivals[next]!, watchTerms);
    time = tickWatch(time, tick, watchTerms);
    if (judge({ heardAt, sampledAt: time.at }, time.at, watchTerms) === "silent") return tick;
    for (; next < arrivals.length && arrivals[next]! < tick; next++) heardAt = time.at;
  }
  return null;
}
const regular = (until: number): number[] =>
  Array.from({ length: Math.floor(until / tickMs) }, (_, i) => (i + 1) * tickMs);
const beats = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, Math.floor((to - from) / 1000) + 1) }, (_, i) => from + i * 1000);

test("a board that falls silent without a word is seen within three seconds, whenever it happens", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 5000, max: 60_000 }), (phase, killedAt) => {
      const seen = play(beats(phase, killedAt), regular(killedAt + 10_000));
      expect(seen).not.toBeNull();
      expect(seen! - killedAt).toBeGreaterThan(silentMs - 1000);
      expect(seen! - killedAt).toBeLessThanOrEqual(silentMs + tickMs);
    }),
  );
});

test("a head that stands still for ten seconds thinks nobody dead, whose frames waited for it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      fc.integer({ min: 3000, max: 30_000 }),
      fc.integer({ min: 300, max: 10_000 }),
      (phase, pausedAt, pauseMs) => {
        const ticks = regular(60_000).filter((tick) => tick <= pausedAt || tick >= pausedAt + pauseMs);
        expect(play(beats(phase, 60_000), ticks)).toBeNull();
      },
    ),
  );
});

test("a board that dies during the pause is seen soon after it", () => {
  const ticks = regular(60_000).filter((tick) => tick <= 20_000 || tick >= 30_000);
  const seen = play(beats(100, 25_000), ticks);
  expect(seen).not.toBeNull();
  expect(seen!).toBeLessThanOrEqual(30_000 + silentMs + tickMs);
});

test("heartbeats that the network delays by a lost packet or two alarm nobody", () => {
  // TCP repeats a lost packet after 200 ms, then after twice the time before; what follows it waits behind it.
  const random = seededRandom("five in a hundred");
  const hours = 20;
  const arrivals: number[] = [];
  let last = 0;
  for (const sent of beats(0, hours * 3_600_000)) {
    let delay = 1;
    for (let wait = 200; wait <= 800 && random.chance(0.05); wait *= 2) delay += wait;
    last = Math.max(last, sent + delay);
    arrivals.push(last);
  }
  expect(play(arrivals, regular(hours * 3_600_000))).toBeNull();
});

test("heartbeats without samples are a hang, and silence goes before it", () => {
  const now = 100_000;
  expect(judge({ heardAt: now - 1000, sampledAt: now - hungMs }, now, watchTerms)).toBe("fine");
  expect(judge({ heardAt: now - 1000, sampledAt: now - hungMs - 1 }, now, watchTerms)).toBe("hung");
  expect(judge({ heardAt: now - silentMs - 1, sampledAt: 0 }, now, watchTerms)).toBe("silent");
});

test("the watcher's time never runs ahead of the clock, nor back, and never jumps", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -100, max: 20_000 })), (steps) => {
      let time: WatchTime = startWatch(0);
      let clock = 0;
      for (const step of steps) {
        clock += step;
        const between = watchNow(time, clock, watchTerms);
        const next = tickWatch(time, clock, watchTerms);
        expect(next.at).toBeGreaterThanOrEqual(time.at);
        expect(next.at - time.at).toBeLessThanOrEqual(tickMs + watchTerms.slackMs);
        expect(next.at).toBeGreaterThanOrEqual(between);
        time = next;
      }
    }),
  );
});

test("silent and hung begin after their time, not at it", () => {
  const pulse = { heardAt: 1000, sampledAt: 1000 };
  expect(judge(pulse, 1000 + silentMs, watchTerms)).toBe("fine");
  expect(judge(pulse, 1001 + silentMs, watchTerms)).toBe("silent");
  const beating = { heardAt: 1000 + hungMs, sampledAt: 1000 };
  expect(judge(beating, 1000 + hungMs, watchTerms)).toBe("fine");
  expect(judge(beating, 1001 + hungMs, watchTerms)).toBe("hung");
});
