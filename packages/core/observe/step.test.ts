import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootSteps } from "../boot/index.ts";
import { causeInWords, causesInWords } from "./cause-words.ts";
import type { BoardState, SilentCause, Standing } from "./state.ts";
import { stateKinds } from "./state.ts";
import type { BoardEvent } from "./step.ts";
import { stateOfStep, stepBoard } from "./step.ts";

const t0 = Date.UTC(2026, 0, 1);
const at = (state: BoardState, rest: Partial<Standing> = {}): Standing => ({ state, since: t0, ...rest });
const silent = (cause: SilentCause): BoardState => ({ kind: "silent", cause });
const after = (standing: Standing, ...events: BoardEvent[]): Standing =>
  events.reduce((now, event, i) => stepBoard(now, event, t0 + (i + 1) * 1000), standing);
const up = at({ kind: "up" });
const off = at({ kind: "off" });

test("a board goes from off over every step of its boot to up", () => {
  const kinds = [stepBoard(off, { kind: "powered", on: true }, t0).state.kind];
  for (const step of bootSteps) kinds.push(stepBoard(off, { kind: "boot", step, failed: null }, t0).state.kind);
  kinds.push(after(off, { kind: "linked" }).state.kind);
  expect([...new Set(kinds)]).toEqual(["powering", "leasing", "loading", "starting", "up"]);
});

describe("an event moves a standing", () => {
  test.each<[string, Standing, BoardEvent, BoardState]>([
    ["power cut takes a live board down", up, { kind: "powered", on: false }, { kind: "off" }],
    ["power on wakes a silent board", at(silent("board")), { kind: "powered", on: true }, { kind: "powering" }],
    ["power on does not disturb a live board", up, { kind: "powered", on: true }, { kind: "up" }],
    ["heartbeats cease", up, { kind: "lapsed" }, silent("board")],
    ["a goodbye", up, { kind: "bye" }, silent("bye")],
    ["a link broken by the board's side", up, { kind: "broken" }, silent("agent")],
    ["heartbeats without samples", up, { kind: "hung" }, silent("hung")],
    ["reports by REST cease", up, { kind: "unheard" }, silent("unknown")],
    ["a sample ends a hang", at(silent("hung")), { kind: "sampled" }, { kind: "up" }],
    ["a link ends a silence", at(silent("board")), { kind: "linked" }, { kind: "up" }],
    ["a report by REST ends it too", at(silent("unknown")), { kind: "reported" }, { kind: "up" }],
    ["a silence off the link says nothing of a dark board", off, { kind: "lapsed" }, { kind: "off" }],
    ["a goodbye after the silence changes nothing", at(silent("board")), { kind: "bye" }, silent("board")],
    ["a whole group is to blame", at(silent("board")), { kind: "blamed", cause: "group" }, silent("group")],
    [
      "what the board said itself is not blamed on others",
      at(silent("bye")),
      { kind: "blamed", cause: "group" },
      silent("bye"),
    ],
    ["a live board is not blamed", up, { kind: "blamed", cause: "group" }, { kind: "up" }],
    [
      "a boot that fails names its step",
      at({ kind: "loading" }),
      { kind: "boot", step: "kernel", failed: "no such file" },
      { kind: "failed", step: "kernel", reason: "no such file" },
    ],
    [
      "a board that is given up has failed",
      at({ kind: "powering" }),
      { kind: "given-up", step: "power", reason: "never asked for an address" },
      { kind: "failed", step: "power", reason: "never asked for an address" },
    ],
    ["a live board is never given up", up, { kind: "given-up", step: "root", reason: "late" }, { kind: "up" }],
    [
      "a failed board may try again",
      at({ kind: "failed", step: "root", reason: "x" }),
      { kind: "boot", step: "discover", failed: null },
      { kind: "leasing" },
    ],
    [
      "a live board that asks for an address starts anew",
      up,
      { kind: "boot", step: "discover", failed: null },
      { kind: "leasing" },
    ],
    [
      "the last boot steps of a live board tell nothing new",
      up,
      { kind: "boot", step: "registered", failed: null },
      { kind: "up" },
    ],
    ["a live board drains", up, { kind: "drain" }, { kind: "draining" }],
    [
      "a draining board falls silent like any",
      at({ kind: "draining" }, { isDraining: true }),
      { kind: "lapsed" },
      silent("board"),
    ],
    [
      "a draining board that comes back drains still",
      at(silent("board"), { isDraining: true }),
      { kind: "linked" },
      { kind: "draining" },
    ],
    [
      "a released board works again",
      at({ kind: "draining" }, { isDraining: true }),
      { kind: "release" },
      { kind: "up" },
    ],
    ["maintenance hides what happens", at({ kind: "maintenance" }), { kind: "lapsed" }, { kind: "maintenance" }],
    ["the end of maintenance knows nothing yet", at({ kind: "maintenance" }), { kind: "release" }, silent("unknown")],
  ])("%s", (_, before, event, state) => {
    expect(stepBoard(before, event, t0 + 1000).state).toEqual(state);
  });
});

test("a board that was never off is not revived by what was on its way, but by what comes later", () => {
  const dark = stepBoard(up, { kind: "powered", on: false }, t0);
  expect(stepBoard(dark, { kind: "sampled" }, t0 + 500)).toBe(dark);
  expect(stepBoard(dark, { kind: "sampled" }, t0 + 11_000).state.kind).toBe("up");
  // Off and on again by a PDU that switches nothing: whoever waits for it, or gave it up, hears that it lives.
  const lit = stepBoard(dark, { kind: "powered", on: true }, t0 + 5000);
  const given = stepBoard(lit, { kind: "given-up", step: "power", reason: "never asked to boot" }, t0 + 6000);
  for (const waited of [lit, given]) {
    expect(stepBoard(waited, { kind: "sampled" }, t0 + 6500)).toBe(waited);
    expect(stepBoard(waited, { kind: "sampled" }, t0 + 17_000).state.kind).toBe("up");
  }
});

test("a cause that becomes clear later leaves the beginning of the silence as it was", () => {
  const told = after(up, { kind: "lapsed" }, { kind: "blamed", cause: "switch" });
  expect(told).toEqual({ state: silent("switch"), since: t0 + 1000 });
});

test("a second cause of the same silence does not begin it anew", () => {
  const standing = at(silent("board"));
  expect(after(standing, { kind: "lapsed" }, { kind: "broken" }, { kind: "hung" })).toBe(standing);
});

test("every step of the boot has a state, and every cause its words", () => {
  for (const step of bootSteps) expect(stateKinds).toContain(stateOfStep(step));
  for (const cause of ["power", "bye", "agent", "board", "switch", "group", "hung", "unknown"] as const)
    expect(causeInWords(silent(cause))).toMatch(/^[a-z]/);
  expect(causeInWords({ kind: "failed", step: "root", reason: "no answer" })).toBe('stopped at "root": no answer');
  expect(causeInWords({ kind: "up" })).toBeNull();
  expect(causesInWords(["board", "group", "group"])).toBe("the whole group");
  expect(causesInWords([])).toBe("cause unknown");
});

const causes = fc.constantFrom<SilentCause>("power", "bye", "agent", "board", "switch", "group", "hung", "unknown");
const event: fc.Arbitrary<BoardEvent> = fc.oneof(
  fc.record({ kind: fc.constant("powered" as const), on: fc.boolean() }),
  fc.record({
    kind: fc.constant("boot" as const),
    step: fc.constantFrom(...bootSteps),
    failed: fc.option(fc.constant("it broke")),
  }),
  fc.record({ kind: fc.constant("given-up" as const), step: fc.constant("root"), reason: fc.constant("late") }),
  fc.record({ kind: fc.constant("blamed" as const), cause: causes }),
  fc.record({
    kind: fc.constantFrom(
      ...(["linked", "lapsed", "bye", "broken", "hung", "sampled", "reported", "unheard"] as const),
      ...(["drain", "maintain", "release"] as const),
    ),
  }),
);

test("any order of events keeps the promises of a standing", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(20_000)), { maxLength: 60 }), (events) => {
      let standing = off;
      let now = t0;
      for (const [happened, ms] of events) {
        now += ms;
        const next = stepBoard(standing, happened, now);
        // Nothing changed: the same object. Something did: it began now, unless only the cause became clearer.
        if (next !== standing) {
          expect(next).not.toEqual(standing);
          const isOtherState = next.state.kind !== standing.state.kind;
          const isOtherFailure = next.state.kind === "failed" && next.state !== standing.state;
          expect(next.since).toBe(isOtherState || isOtherFailure ? now : standing.since);
        }
        if (standing.state.kind === "maintenance" && happened.kind !== "release") expect(next).toBe(standing);
        if (happened.kind === "powered" && !happened.on && standing.state.kind !== "maintenance")
          expect(next.state.kind).toBe("off");
        if (next.state.kind === "draining") expect(next.isDraining).toBe(true);
        if (next.isDraining === true) expect(next.state.kind).not.toBe("up");
        // The same thing twice at the same moment is the same as once; a release is two steps long.
        if (happened.kind !== "release") expect(stepBoard(next, happened, now)).toBe(next);
        standing = next;
      }
    }),
    { numRuns: 500 },
  );
});

test("an event or a boot step that this version does not know is thrown, not swallowed", () => {
  const standing: Standing = { state: { kind: "up" }, since: 0 };
  expect(() => stepBoard(standing, { kind: "new" } as never, 0)).toThrow("a case was forgotten");
  expect(() => stateOfStep("new" as never)).toThrow("a case was forgotten");
});
