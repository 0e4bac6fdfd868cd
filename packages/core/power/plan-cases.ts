import fc from "fast-check";
import type { Cluster, OutletId } from "../cluster/index.ts";
import { checkTrace, type Move } from "./check.ts";
import { type FakeCircuit, fakeCluster } from "./fake-cluster.ts";
import type { PowerFacts, PowerPlan, PowerRequest } from "./plan.ts";
import { planPower } from "./planner.ts";

/** Room for some of the boards, steadily or for the first second, and not for all. */
const tightAmps = fc.integer({ min: 4, max: 50 }).map((n) => n / 20);

/** Random small clusters: outlets behind outlets, needs, supplies, breakers, sites and profiles that bear little. */
export const anyCluster: fc.Arbitrary<Cluster> = fc
  .record({
    circuits: fc.array(
      fc.record({
        boards: fc.constantFrom(0, 0, 1, 2, 3, 5),
        alwaysOn: fc.constantFrom(false, false, false, true),
        behind: fc.option(fc.nat(7), { freq: 3 }),
        needs: fc.array(fc.nat(7), { maxLength: 2 }),
        supply: fc.boolean(),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    siteAmps: fc.oneof(fc.constant(200), tightAmps),
    breakerAmps: fc.option(tightAmps),
    wattsPerSecond: fc.constantFrom(10, 1000),
    profile: fc.constantFrom(4, 8, 100, 100),
    waveBoards: fc.constantFrom(2, 5, 42),
    outletsMs: fc.constantFrom(0, 5000),
  })
  .map(({ circuits, siteAmps, breakerAmps, wattsPerSecond, profile, waveBoards, outletsMs }) => {
    const made = circuits.map(
      ({ boards, alwaysOn, behind, supply }, n): FakeCircuit => ({
        id: `c${n}`,
        boards,
        // What is always on cannot hang behind what is not.
        alwaysOn: alwaysOn && boards === 0 && behind === null,
        ...(behind !== null && behind < n ? { behind: `c${behind}` } : {}),
        ...(supply && boards > 0 ? { supply: { watts: 60, peakWatts: 60 } } : {}),
      }),
    );
    const needs = circuits.map((circuit, n) => ({
      what: `c${n}`,
      needs: [...new Set([...circuit.needs.filter((at) => at < n), ...(made[n]?.behind ? [circuit.behind!] : [])])].map(
        (at) => `c${at}`,
      ),
    }));
    return fakeCluster(made, {
      needs: needs.filter(({ what }) => made.find(({ id }) => id === what)?.alwaysOn !== true),
      siteAmps,
      breakerAmps,
      waveBoards,
      profiles: [{ name: "default", boards: profile, onlyIn: null, from: null }],
      stagger: { outletsMs, wattsPerSecond },
    });
  });

/** Facts of a cluster whose outlets stand so; boards with power are up. */
export function factsOf(
  cluster: Cluster,
  on: ReadonlyMap<OutletId, boolean>,
  unknown: ReadonlySet<OutletId> = new Set(),
): PowerFacts {
  const isFed = (outlet: OutletId | null): boolean =>
    outlet === null ||
    (on.get(outlet) === true && isFed(cluster.outlets.find(({ id }) => id === outlet)?.behind ?? null));
  const up = new Set(cluster.groups.filter(({ outlet }) => isFed(outlet)).flatMap(({ boards }) => boards));
  return {
    outlets: new Map([...on].map(([id, state]) => [id, unknown.has(id) ? null : state])),
    boards: new Map(cluster.boards.map(({ name }) => [name, { isUp: up.has(name), isWorking: false, hasAgent: true }])),
  };
}

/** How the outlets stand when nothing was ever asked for. */
export function allOff(cluster: Cluster): Map<OutletId, boolean> {
  return new Map(cluster.outlets.map(({ id, alwaysOn }) => [id, alwaysOn]));
}

/** A request with everything allowed, unless said otherwise. */
export function asking(
  action: PowerRequest["action"],
  boards: readonly string[],
  terms: Partial<PowerRequest> = {},
): PowerRequest {
  return { action, boards, profile: null, withParents: true, allowCollateral: true, ...terms };
}

/** Carry a plan out as fast as it allows, cycling each group of each wave once more as a bad bring-up would. */
export function traceOf(cluster: Cluster, plan: PowerPlan, withCycles = true): Move[] {
  const trace: Move[] = [];
  const gapMs = 60_000;
  let at = 0;
  for (const step of plan.steps) {
    if (step.kind === "switch") {
      at = Math.max(at, (trace.at(-1)?.at ?? 0) + step.afterMs);
      trace.push({ at, outlet: step.outlet, on: step.on });
    }
    if (step.kind === "wait" && step.until.kind === "time") at += step.until.ms;
    if (step.kind !== "bring-up" || !withCycles) continue;
    for (const id of step.groups) {
      const { outlet } = cluster.groups.find((group) => group.id === id)!;
      const isNeeded =
        cluster.outlets.some(({ behind }) => behind === outlet) ||
        cluster.needs.some(({ needs }) => needs.includes(id));
      if (isNeeded || step.terms[id]!.retries === 0) continue;
      at += gapMs;
      trace.push({ at, outlet, on: false }, { at: at + gapMs, outlet, on: true });
      at += 2 * gapMs;
    }
  }
  return trace;
}

/** How outlets stand after a trace. */
export function after(initial: ReadonlyMap<OutletId, boolean>, trace: readonly Move[]): Map<OutletId, boolean> {
  const states = new Map(initial);
  for (const { outlet, on } of trace) states.set(outlet, on);
  return states;
}

/** The start of a run: what some earlier request left behind, which kept every rule. */
export function earlier(cluster: Cluster, boards: readonly string[]): Map<OutletId, boolean> {
  const dark = allOff(cluster);
  if (boards.length === 0) return dark;
  const planned = planPower(cluster, factsOf(cluster, dark), asking("on", boards));
  return planned.kind === "plan" ? after(dark, traceOf(cluster, planned.plan, false)) : dark;
}

/** The fewest single moves from one state to a goal that break no rule on the way, by trying them all. */
export function fewestMoves(
  cluster: Cluster,
  initial: ReadonlyMap<OutletId, boolean>,
  isGoal: (states: ReadonlyMap<OutletId, boolean>) => boolean,
): number | null {
  const ids = cluster.outlets.map(({ id }) => id);
  const keyOf = (states: ReadonlyMap<OutletId, boolean>): string => ids.map((id) => (states.get(id) ? 1 : 0)).join("");
  const seen = new Set([keyOf(initial)]);
  let front = [new Map(initial)];
  for (let moves = 0; front.length > 0; moves++) {
    if (front.some(isGoal)) return moves;
    const next: Map<OutletId, boolean>[] = [];
    for (const states of front)
      for (const id of ids) {
        const on = !states.get(id);
        const moved = new Map(states).set(id, on);
        if (seen.has(keyOf(moved)) || checkTrace(cluster, [{ at: 0, outlet: id, on }], null, states).length > 0)
          continue;
        seen.add(keyOf(moved));
        next.push(moved);
      }
    front = next;
  }
  return null;
}
