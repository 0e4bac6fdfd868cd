import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameRole, noRole, type RoleRef, roleOf } from "./role-choice.ts";
import { goodOf, type RoleEvent, type RoleState, roleSteps, stepRole, wantOf } from "./role-state.ts";

const a: RoleRef = { id: "worker", checksum: "aa" };
const b: RoleRef = { id: "worker", checksum: "bb" };
const run = (...events: RoleEvent[]): RoleState => events.reduce(stepRole, { kind: "none" } as RoleState);
const want = (ref: RoleRef | null) => ({ kind: "want", want: ref }) as const;
const take = (ref: RoleRef | null) => ({ kind: "take", want: ref }) as const;
const fetched = { kind: "fetched" } as const;
const applied = { kind: "applied" } as const;
const failed = { kind: "failed", step: "start", why: "it said no" } as const;

describe("how a board stands with its role", () => {
  test("it waits for its turn, fetches, applies", () => {
    expect(run(want(a))).toEqual({ kind: "wanted", want: a, good: null });
    expect(run(want(a), take(a))).toEqual({ kind: "fetching", want: a, good: null });
    expect(run(want(a), take(a), fetched)).toMatchObject({ kind: "fetched" });
    expect(run(want(a), take(a), fetched, applied)).toEqual({ kind: "applied", good: a });
  });

  test("what is in force already is not fetched again", () => {
    const state = run(take(a), fetched, applied);
    expect(stepRole(state, want(a))).toEqual(state);
    expect(stepRole(state, take(a))).toEqual(state);
  });

  test("what fails leaves the last good one in force, or nothing", () => {
    expect(run(take(a), fetched, failed)).toEqual({ kind: "failed", want: a, step: "start", why: "it said no" });
    const kept = run(take(a), fetched, applied, take(b), fetched, failed);
    expect(kept).toEqual({ kind: "kept", want: b, good: a, step: "start", why: "it said no" });
    expect(stepRole(kept, want(a))).toEqual({ kind: "applied", good: a });
  });

  test("what failed is not tried again by itself, unless it could not be fetched; an operator's word tries it", () => {
    const kept = run(take(a), fetched, applied, take(b), fetched, failed);
    expect(stepRole(kept, want(b))).toEqual(kept);
    expect(stepRole(kept, take(b))).toMatchObject({ kind: "fetching", want: b, good: a });
    const lost = run(take(a), { ...failed, step: "fetch" });
    expect(stepRole(lost, want(a))).toMatchObject({ kind: "wanted", want: a });
  });

  test("what is asked for while a role is applied comes next", () => {
    const busy = run(take(a), fetched, want(b), take(null));
    expect(stepRole(busy, applied)).toEqual({ kind: "removing", good: a, next: null });
    expect(stepRole(run(take(a), fetched, take(b)), failed)).toMatchObject({ kind: "fetching", want: b, good: null });
  });

  test("a role is removed, and one that cannot be is kept", () => {
    const removing = run(take(a), fetched, applied, want(null));
    expect(removing).toEqual({ kind: "removing", good: a, next: null });
    expect(stepRole(removing, { kind: "removed" })).toEqual({ kind: "none" });
    expect(stepRole(removing, { ...failed, step: "remove" })).toMatchObject({ kind: "kept", want: null, good: a });
    expect(stepRole(stepRole(removing, take(b)), { kind: "removed" })).toMatchObject({ kind: "fetching", want: b });
    expect(run(want(null))).toEqual({ kind: "none" });
  });

  test("another word while it fetches takes the place of the first", () => {
    expect(run(take(a), want(b))).toEqual({ kind: "wanted", want: b, good: null });
    expect(run(take(a), take(b))).toEqual({ kind: "fetching", want: b, good: null });
    expect(run(take(a), want(a))).toEqual(run(take(a)));
  });

  test("whatever happens in whatever order, only applying and removing change what is in force", () => {
    const ref = fc.constantFrom(a, b, { id: "other", checksum: "cc" }, null);
    const event: fc.Arbitrary<RoleEvent> = fc.oneof(
      ref.map(want),
      ref.map(take),
      fc.constantFrom<RoleEvent>(fetched, applied, { kind: "removed" }),
      fc.constantFrom(...roleSteps).map((step) => ({ kind: "failed", step, why: "no" }) as const),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state: RoleState = { kind: "none" };
        let last: RoleRef | null = null;
        for (const each of events) {
          const before = state;
          state = stepRole(state, each);
          if (each.kind === "want" || each.kind === "take") last = each.want;
          const hasChanged = !isSameRole(goodOf(before), goodOf(state));
          const mayChange = each.kind === "applied" || each.kind === "removed";
          expect(!hasChanged || mayChange, `${JSON.stringify(before)} ${JSON.stringify(each)}`).toBe(true);
          if (hasChanged && each.kind === "applied") expect(goodOf(state)).toEqual((before as { want: RoleRef }).want);
          if (state.kind === "kept" && state.want !== null) expect(isSameRole(state.want, state.good)).toBe(false);
        }
        // Let what is under way end: then it has, or names as failed, what was asked for last.
        for (let turn = 0; turn < 4; turn++) {
          if (state.kind === "fetching") state = stepRole(state, fetched);
          if (state.kind === "fetched") state = stepRole(state, applied);
          if (state.kind === "removing") state = stepRole(state, { kind: "removed" });
        }
        expect(wantOf(state)).toEqual(last);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("which role a board is to have", () => {
  const filed = new Map([["b1", "worker"]]);
  test.each([
    ["b1", [], "worker"],
    ["b2", [], null],
    ["b1", [["b1", "other"]], "other"],
    ["b1", [["b1", noRole]], null],
    ["b2", [["b1", "other"]], null],
  ] as const)("%s, with %j said: %s", (board, said, role) => {
    expect(roleOf(board, new Map(said), filed)).toBe(role);
  });
});
