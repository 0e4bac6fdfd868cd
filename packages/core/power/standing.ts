import type { OutletId } from "../cluster/index.ts";
import type { PowerGraph } from "./graph.ts";
import type { PowerFacts } from "./plan.ts";

/** What a planner may believe of the present: readings and boards held against each other. */
export type Standing = {
  /** null: nobody knows, or the PDU says off while boards behind it answer. */
  reads(outlet: OutletId): boolean | null;
  /** It and all outlets before it on its current's way may be on: its watts are counted. */
  mayDraw(outlet: OutletId): boolean;
  isUp(board: string): boolean;
  isWorking(board: string): boolean;
  hasAgent(board: string): boolean;
  /** Boards that answer and are as warm as the alarm. */
  readonly hot: readonly string[];
  /** Outlets that read off while boards behind them answer. */
  readonly doubted: readonly OutletId[];
};

/** Reads the facts. A board that answers proves that every outlet on its current's way is on. */
export function standingOf(graph: PowerGraph, facts: PowerFacts): Standing {
  const proven = new Set<OutletId>();
  for (const group of graph.cluster.groups)
    if (group.boards.some((board) => facts.boards.get(board)?.isUp === true))
      for (const outlet of graph.chain(group.outlet)) proven.add(outlet);
  const reads = (outlet: OutletId): boolean | null => {
    const said = facts.outlets.get(outlet) ?? null;
    if (!proven.has(outlet)) return said;
    return said === false ? null : true;
  };
  return {
    reads,
    mayDraw: (outlet) => graph.chain(outlet).every((one) => reads(one) !== false),
    isUp: (board) => facts.boards.get(board)?.isUp ?? false,
    isWorking: (board) => facts.boards.get(board)?.isWorking ?? false,
    hasAgent: (board) => facts.boards.get(board)?.hasAgent ?? false,
    hot: [...facts.boards].flatMap(([name, { isUp, celsius }]) =>
      isUp && (celsius ?? Number.NEGATIVE_INFINITY) >= graph.cluster.limits.thermal.alarmC ? [name] : [],
    ),
    doubted: [...proven].filter((outlet) => facts.outlets.get(outlet) === false),
  };
}
