import fc from "fast-check";
import { expect, test } from "vitest";
import { checkTrace } from "./check.ts";
import { after, allOff, anyCluster, asking, earlier, factsOf, fewestMoves, traceOf } from "./plan-cases.ts";
import { planPower } from "./planner.ts";

const picks = fc.array(fc.nat(16), { maxLength: 12 });
const named = (cluster: { readonly boards: readonly { readonly name: string }[] }, at: readonly number[]): string[] => [
  ...new Set(at.flatMap((pick) => cluster.boards[pick]?.name ?? [])),
];

test("whatever is asked of whatever cluster, a plan breaks no rule at any instant", () => {
  const actions = fc.constantFrom("on", "off", "cycle") as fc.Arbitrary<"on" | "off" | "cycle">;
  fc.assert(
    fc.property(anyCluster, picks, picks, actions, fc.boolean(), (cluster, first, second, action, withParents) => {
      const initial = earlier(cluster, named(cluster, first));
      const boards = named(cluster, second);
      const planned = planPower(cluster, factsOf(cluster, initial), asking(action, boards, { withParents }));
      if (boards.length === 0) expect(planned).toMatchObject({ kind: "refused", problems: [{ rule: "empty" }] });
      if (planned.kind === "refused") {
        expect(planned.problems.length).toBeGreaterThan(0);
        for (const { message, hint } of planned.problems) expect(message.length * hint.length).toBeGreaterThan(0);
      }
      if (planned.kind !== "plan") return;
      const { plan } = planned;
      const trace = traceOf(cluster, plan);
      expect(checkTrace(cluster, trace, null, initial)).toEqual([]);
      for (const { unit, used, allowed, limit } of plan.loads)
        if (unit === "W" || limit !== "wave") expect(used).toBeLessThanOrEqual(allowed + 0.1);

      const end = after(initial, trace);
      const isFed = (outlet: string): boolean => {
        const { behind } = cluster.outlets.find(({ id }) => id === outlet)!;
        return end.get(outlet) === true && (behind === null || isFed(behind));
      };
      for (const { outlet, boards: members } of cluster.groups)
        if (members.some((board) => boards.includes(board)) && plan.boards.includes(members[0]!))
          expect(isFed(outlet)).toBe(action !== "off");
      expect(new Set(plan.steps.map(({ id }) => id)).size).toBe(plan.steps.length);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      const waves = plan.steps.filter((step) => step.kind === "bring-up");
      expect(plan.waves).toBe(waves.length);
      for (const wave of waves)
        if (wave.groups.length > 1) expect(wave.boards.length).toBeLessThanOrEqual(cluster.limits.waveBoards);
    }),
    { numRuns: 400 },
  );
});

test("no other way needs fewer moves of outlets", () => {
  const actions = fc.constantFrom("on", "off") as fc.Arbitrary<"on" | "off">;
  fc.assert(
    fc.property(anyCluster, picks, picks, actions, (cluster, first, second, action) => {
      const initial = earlier(cluster, named(cluster, first));
      const boards = named(cluster, second);
      const request = asking(action, boards, { withParents: action === "on" });
      const planned = planPower(cluster, factsOf(cluster, initial), request);
      if (planned.kind !== "plan") return;
      const wanted = cluster.groups.filter((group) =>
        group.boards.some((board) => boards.includes(board) && planned.plan.boards.includes(board)),
      );
      const fewest = fewestMoves(cluster, initial, (states) =>
        wanted.every(({ outlet }) => states.get(outlet) === (action === "on")),
      );
      expect(planned.plan.moves).toBe(fewest);
    }),
    { numRuns: 150 },
  );
});

test("a plan carried out leaves nothing to do", () => {
  fc.assert(
    fc.property(anyCluster, picks, (cluster, at) => {
      const boards = named(cluster, at);
      const planned = planPower(cluster, factsOf(cluster, allOff(cluster)), asking("on", boards));
      if (planned.kind !== "plan") return;
      const end = after(allOff(cluster), traceOf(cluster, planned.plan));
      const again = planPower(cluster, factsOf(cluster, end), asking("on", boards));
      expect(again.kind).toBe("nothing");
      const back = planPower(cluster, factsOf(cluster, end), asking("off", boards));
      expect(["plan", "refused"]).toContain(back.kind);
    }),
    { numRuns: 100 },
  );
});

test("with unknown outlets a plan still ends, names each step once and writes what it needs to know", () => {
  fc.assert(
    fc.property(anyCluster, picks, fc.array(fc.nat(7)), fc.boolean(), (cluster, at, dim, isOn) => {
      const boards = named(cluster, at);
      const unknown = new Set(dim.flatMap((n) => cluster.outlets[n]?.id ?? []));
      const facts = { ...factsOf(cluster, allOff(cluster), unknown), boards: new Map() };
      const planned = planPower(cluster, facts, asking(isOn ? "on" : "off", boards));
      if (planned.kind !== "plan") return;
      const { plan } = planned;
      expect(new Set(plan.steps.map(({ id }) => id)).size).toBe(plan.steps.length);
      for (const { outlet, boards: members } of cluster.groups)
        if (members.some((board) => boards.includes(board) && plan.boards.includes(board)))
          expect(plan.outlets).toContain(outlet);
    }),
    { numRuns: 100 },
  );
});
