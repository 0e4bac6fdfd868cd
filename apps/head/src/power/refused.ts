import { ClusterError } from "@bramble/core/base";
import type { Planned, Problem } from "@bramble/core/power";

/** A request that cannot be planned, with every reason and other ways, for whoever wants to show them. */
export class PlanRefused extends ClusterError {
  readonly planned: Extract<Planned, { kind: "refused" }>;

  constructor(planned: Extract<Planned, { kind: "refused" }>) {
    const [first, ...more] = planned.problems;
    const rest = more.length === 0 ? "" : ` (and ${more.length} reasons more)`;
    super(codeOf(first), first === undefined ? "it cannot be planned" : `${first.message}; ${first.hint}${rest}`);
    this.planned = planned;
  }
}

function codeOf(problem: Problem | undefined): string {
  const rule = problem?.rule ?? "";
  if (rule.startsWith("over-")) return "power.over-budget";
  return codes[rule] ?? "power.unplannable";
}

const codes: Readonly<Record<string, string>> = {
  "parent-off": "power.parent-off",
  collateral: "power.collateral",
  unswitched: "power.no-outlet",
  "always-on": "power.refused",
  "unknown-board": "board.unknown",
  "unknown-profile": "input.invalid",
  empty: "input.node-set",
};
