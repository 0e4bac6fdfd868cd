import fc from "fast-check";
import { expect, test } from "vitest";
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

test("a group whose boards still take steps is given time, at most as long again", () => {
  const slow: GroupEvent[] = [{ kind: "powered", at: 0, up: 0 }];
  for (let at = 10_000; at < 180_000; at += 10_000) slow.push({ kind: "progress", at, up: 5 });
  expect(play(slow).kind).toBe("waiting");
  expect(play([...slow, { kind: "progress", at: 180_000, up: 5 }]).kind).toBe("cycle");
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
