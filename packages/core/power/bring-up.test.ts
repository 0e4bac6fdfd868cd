import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../base/index.ts";
import { type GroupEvent, type GroupState, groupTerms, isDecided, stepGroup } from "./bring-up.ts";

const boot = { expect: 42, accept: 37, retries: 3, settleMs: 90_000 };
const terms = groupTerms(42, boot);
const off: GroupState = { kind: "off" };

function play(events: readonly GroupEvent[], size = 42): GroupState {
  return events.reduce((state, event) => stepGroup(state, event, groupTerms(size, boot)), off);
}

test.each([
  [42, 37],
  [126, 111],
  [21, 19],
  [2, 2],
  [1, 1],
])("of %i boards %i are enough", (size, accept) => expect(groupTerms(size, boot).accept).toBe(accept));

test("42 of 42 are accepted at once", () => {
  expect(
    play([
      { kind: "powered", at: 0, up: 0 },
      { kind: "progress", at: 9000, up: 42 },
    ]),
  ).toEqual({
    kind: "accepted",
    attempt: 1,
    up: 42,
  });
});

test("37 of 42 are accepted once the network is calm, not while boards still take steps", () => {
  const state = play([
    { kind: "powered", at: 0, up: 0 },
    { kind: "progress", at: 20_000, up: 37 },
    { kind: "tick", at: 30_000 },
    { kind: "progress", at: 34_000, up: 37 },
    { kind: "tick", at: 48_000 },
  ]);
  expect(state.kind).toBe("waiting");
  expect(stepGroup(state, { kind: "tick", at: 49_000 }, terms)).toEqual({ kind: "accepted", attempt: 1, up: 37 });
});

test("20 of 42 are cycled again after the settle time", () => {
  const state = play([
    { kind: "powered", at: 0, up: 0 },
    { kind: "progress", at: 20_000, up: 20 },
    { kind: "tick", at: 89_999 },
  ]);
  expect(state.kind).toBe("waiting");
  expect(stepGroup(state, { kind: "tick", at: 90_000 }, terms)).toEqual({ kind: "cycle", attempt: 1, up: 20 });
});

test("a group is not cycled while a board gets further; it is left on when that never ends", () => {
  const slow: GroupEvent[] = [{ kind: "powered", at: 0, up: 0 }];
  for (let at = 10_000; at < 360_000; at += 10_000) slow.push({ kind: "progress", at, up: 5 });
  expect(play(slow).kind).toBe("waiting");
  expect(play([...slow, { kind: "tick", at: 360_000 }])).toEqual({
    kind: "gave-up",
    attempt: 1,
    up: 5,
    reason: "5 of 42 are up, and boards still take steps",
  });
});

test("a board that takes the same step again and again makes no progress", () => {
  const loop: GroupEvent[] = [{ kind: "powered", at: 0, up: 5 }];
  for (let at = 10_000; at < 90_000; at += 10_000)
    loop.push({ kind: "progress", at, up: 5, board: "b0001", step: (at / 10_000) % 2 });
  expect(play([...loop, { kind: "tick", at: 90_000 }]).kind).toBe("cycle");
  const further: GroupEvent = { kind: "progress", at: 85_000, up: 5, board: "b0001", step: 2.5 };
  expect(play([...loop, further, { kind: "tick", at: 90_000 }]).kind).toBe("waiting");
});

test("a group on which work was placed keeps its power", () => {
  const state = play([{ kind: "powered", at: 0, up: 20 }, { kind: "working" }, { kind: "tick", at: 90_000 }]);
  expect(state).toEqual({ kind: "gave-up", attempt: 1, up: 20, reason: "20 of 42 are up, and work runs there" });
  expect(stepGroup(off, { kind: "working" }, terms)).toBe(off);
});

test("cycles are at most 1.15 times what random faults need, whether boards share an outlet or not", () => {
  // A fault: the board stays silent until power goes and comes once more. Slow boards take steps all the while.
  for (const [groups, size] of [
    [100, 42],
    [600, 1],
    [150, 5],
  ] as const) {
    const random = seededRandom(size);
    const own = groupTerms(size, boot);
    let cycles = 0;
    let needed = 0;
    for (let group = 0; group < groups; group++) {
      const boards = Array.from({ length: size }, () => ({
        failures: random.next() < 0.1 ? 1 : 0,
        bootMs: 20_000 + random.next() * 200_000 * (random.next() < 0.05 ? 1 : 0.3),
      }));
      if (boards.filter(({ failures }) => failures === 0).length < own.accept) needed++;
      let state: GroupState = off;
      let since = 0;
      let at = 0;
      while (!isDecided(state) && at < 3_600_000) {
        if (state.kind !== "waiting") {
          if (state.kind === "cycle") {
            cycles++;
            for (const board of boards) board.failures = Math.max(0, board.failures - 1);
          }
          since = at;
          state = stepGroup(state, { kind: "powered", at, up: 0 }, own);
        }
        at += 2000;
        const up = boards.filter(({ failures, bootMs }) => failures === 0 && at - since >= bootMs).length;
        for (const [index, { failures, bootMs }] of boards.entries())
          if (failures === 0 && at - since < bootMs && (at - since) % 8000 === 0)
            state = stepGroup(state, { kind: "progress", at, up, board: String(index), step: at - since }, own);
        state = stepGroup(state, { kind: "progress", at, up, board: "any", step: 0 }, own);
      }
      expect(state.kind).toBe("accepted");
    }
    expect(needed).toBeGreaterThan(10);
    expect(cycles).toBeLessThanOrEqual(needed * 1.15);
  }
});

test("a board with its own outlet is cycled alone and given up after the retries", () => {
  const events: GroupEvent[] = [];
  for (let attempt = 0; attempt < 4; attempt++)
    events.push({ kind: "powered", at: attempt * 100_000, up: 0 }, { kind: "tick", at: attempt * 100_000 + 90_000 });
  expect(play(events.slice(0, 2), 1)).toEqual({ kind: "cycle", attempt: 1, up: 0 });
  expect(play(events, 1)).toEqual({
    kind: "gave-up",
    attempt: 4,
    up: 0,
    reason: "0 of 1 came up after 4 attempts",
  });
});

test("a group whose outlet cannot be switched is given up with the reason", () => {
  expect(play([{ kind: "unreachable", reason: "pdu3: no answer" }])).toEqual({
    kind: "gave-up",
    attempt: 1,
    up: 0,
    reason: "pdu3: no answer",
  });
});

test("any order of events ends: at most retries + 1 starts, and a decision is final", () => {
  const event: fc.Arbitrary<(at: number) => GroupEvent> = fc.oneof(
    fc.nat(42).map(
      (up) =>
        (at: number): GroupEvent => ({ kind: "powered", at, up }),
    ),
    fc.nat(42).map(
      (up) =>
        (at: number): GroupEvent => ({ kind: "progress", at, up }),
    ),
    fc.constant((at: number): GroupEvent => ({ kind: "tick", at })),
    fc.constant((): GroupEvent => ({ kind: "unreachable", reason: "gone" })),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(60_000)), { maxLength: 80 }), (script) => {
      let state: GroupState = off;
      let at = 0;
      let starts = 0;
      for (const [make, later] of script) {
        at += later;
        const before = state;
        state = stepGroup(state, make(at), terms);
        if (before.kind !== "waiting" && state.kind === "waiting") starts++;
        if (isDecided(before)) expect(state).toBe(before);
        if (state.kind === "cycle") expect(state.up).toBeLessThan(terms.accept);
        if (state.kind === "accepted") expect(state.up).toBeGreaterThanOrEqual(terms.accept);
      }
      expect(starts).toBeLessThanOrEqual(terms.retries + 1);
    }),
  );
});

test("with the outlet answering and time passing, every group is decided", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(42), { maxLength: 10 }), (ups) => {
      let state: GroupState = off;
      let at = 0;
      for (let turn = 0; turn < 4 * (terms.retries + 1) && !isDecided(state); turn++) {
        const up = ups[turn] ?? 0;
        if (state.kind !== "waiting") state = stepGroup(state, { kind: "powered", at, up }, terms);
        else state = stepGroup(state, { kind: "progress", at, up }, terms);
        at += terms.settleMs;
        state = stepGroup(state, { kind: "tick", at }, terms);
      }
      expect(isDecided(state)).toBe(true);
    }),
  );
});

test("an event that this version does not know is thrown, not swallowed", () => {
  const waiting = stepGroup(off, { kind: "powered", at: 0, up: 0 }, terms);
  expect(() => stepGroup(waiting, { kind: "new" } as never, terms)).toThrow("a case was forgotten");
  expect(() => stepGroup({ kind: "new" } as never, { kind: "tick", at: 0 }, terms)).toThrow("a case was forgotten");
});
