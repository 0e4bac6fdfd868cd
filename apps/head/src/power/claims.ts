import type { OutletId } from "@bramble/core/cluster";
import type { PowerGraph, PowerPlan } from "@bramble/core/power";

/** What a plan has for itself while it runs: nobody else moves its outlets, or what they need, or its boards. */
export type Claim = {
  readonly boards: ReadonlySet<string>;
  /** Outlets that it switches. */
  readonly outlets: ReadonlySet<OutletId>;
  /** Outlets that must stay as they are for it. */
  readonly needs: ReadonlySet<OutletId>;
};

/** What a plan claims. */
export function claimOf(graph: PowerGraph, plan: PowerPlan): Claim {
  const outlets = new Set(plan.outlets);
  for (const step of plan.steps)
    if (step.kind === "bring-up")
      for (const id of step.groups) {
        const group = graph.cluster.groups.find((one) => one.id === id);
        if (group !== undefined) outlets.add(group.outlet);
      }
  return { boards: new Set(plan.boards), outlets, needs: needsOf(graph, outlets) };
}

/** What boards claim whose plan is not made yet: their groups, and all that these need. */
export function claimOfBoards(graph: PowerGraph, names: readonly string[]): Claim {
  const outlets = new Set<OutletId>();
  for (const name of names) {
    const outlet = graph.groupOf(name)?.outlet;
    if (outlet === undefined) continue;
    outlets.add(outlet);
    for (const needed of graph.before(outlet)) outlets.add(needed);
  }
  return { boards: new Set(names), outlets, needs: new Set() };
}

/** The first thing that both claim, or null. */
export function clash(a: Claim, b: Claim): string | null {
  return (
    common(a.boards, b.boards) ??
    common(a.outlets, b.outlets) ??
    common(a.outlets, b.needs) ??
    common(a.needs, b.outlets)
  );
}

function needsOf(graph: PowerGraph, outlets: ReadonlySet<OutletId>): ReadonlySet<OutletId> {
  const needs = new Set<OutletId>();
  for (const outlet of outlets) for (const needed of graph.before(outlet)) if (!outlets.has(needed)) needs.add(needed);
  return needs;
}

function common(a: ReadonlySet<string>, b: ReadonlySet<string>): string | null {
  for (const one of a) if (b.has(one)) return one;
  return null;
}
