import type { Clock, Millis } from "@bramble/core/base";
import type { BootPlanKind, ChosenPlan, PlanAssignment } from "@bramble/core/boot";
import { planOf } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import type { BootPlanStore } from "../store/boot-plans.ts";

/** One thing that was said, with the boards for which it still holds. */
type PlanWord = {
  readonly set: string;
  readonly plan: BootPlanKind;
  /** Null for what the cluster file says. */
  readonly by: string | null;
  readonly at: Millis | null;
  readonly boards: readonly string[];
};

/** Which plan each board boots. */
export type Plans = {
  /** The plan of a board by its name: the name of its slot, or `x-` and six digits. */
  readonly planOf: (board: string) => ChosenPlan;
  /**
   * From the next boot on these boards boot `plan`; null: what the cluster file says. Resolves after the commit, with the
   * boards that were meant.
   *
   * @throws ClusterError `input.node-set` when the text names no boards.
   */
  readonly set: (nodeSet: string, plan: BootPlanKind | null, by: string) => Promise<readonly string[]>;
  /** Everything that holds, what was said first coming first: the file's default, its plans, then what operators said. */
  readonly words: () => readonly PlanWord[];
};

/** The plans of a cluster, with what operators said before. */
export function createPlans(parts: {
  readonly cluster: Pick<Cluster, "boards" | "boot">;
  readonly store: BootPlanStore;
  /** Reads a node set, those of living groups and strangers too. */
  readonly boardsOf: (nodeSet: string) => readonly string[];
  readonly clock: Pick<Clock, "now">;
}): Plans {
  const { cluster, store, boardsOf, clock } = parts;
  const slots = new Set(cluster.boards.map(({ name }) => name));
  const assigned = new Map(store.all().map((each) => [each.board, each]));
  const chosen = (board: string): ChosenPlan => planOf(board, slots.has(board) ? cluster.boot : null, assigned);
  return {
    planOf: chosen,
    async set(nodeSet, plan, by) {
      // A living group (@hot) means the boards that are in it now; the store keeps their names.
      const boards = boardsOf(nodeSet);
      if (plan === null) {
        await store.forget(boards);
        for (const board of boards) assigned.delete(board);
        return boards;
      }
      const at = clock.now();
      const said = boards.map((board): PlanAssignment => ({ board, plan, set: nodeSet, by, at }));
      await store.set(said);
      for (const each of said) assigned.set(each.board, each);
      return boards;
    },
    words: () => [...fileWords(cluster, chosen), ...operatorWords(assigned.values())],
  };
}

function fileWords({ boards, boot }: Pick<Cluster, "boards" | "boot">, chosen: Plans["planOf"]): PlanWord[] {
  const holding = (set: string | null): string[] =>
    boards
      .map(({ name }) => ({ name, plan: chosen(name) }))
      .filter(({ plan }) => plan.from === "file" && plan.set === set)
      .map(({ name }) => name);
  const words = boot.plans.map(({ set, plan }) => ({ set, plan, by: null, at: null, boards: holding(set) }));
  return [{ set: "all", plan: boot.plan, by: null, at: null, boards: holding(null) }, ...words];
}

function operatorWords(assigned: Iterable<PlanAssignment>): PlanWord[] {
  const words = Map.groupBy(assigned, ({ at, by, set, plan }) => JSON.stringify([at, by, set, plan]));
  return [...words.values()]
    .flatMap((said) => {
      const [first] = said;
      return first === undefined ? [] : [{ ...first, boards: said.map(({ board }) => board) }];
    })
    .map(({ set, plan, by, at, boards }) => ({ set, plan, by, at, boards }))
    .toSorted((a, b) => a.at - b.at);
}
