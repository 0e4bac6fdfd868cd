import type { Clock, Millis } from "@bramble/core/base";
import type { Cluster, Group } from "@bramble/core/cluster";
import type { Budget, BudgetAct, LimitReading } from "@bramble/core/power";
import { stepBudget, withinBudget } from "@bramble/core/power";
import type { Bus } from "../bus.ts";
import type { Relief } from "./relief.ts";
import type { PlanTools } from "./tools.ts";

/** What the cut-outs of limits in watts work with. */
export type BudgetParts = {
  readonly cluster: Cluster;
  /** What each limit carries now. */
  readonly meters: () => readonly LimitReading[];
  /** When outlets went on, as the journal's trace has it, oldest first; for the order of groups after a restart. */
  readonly switchedBefore: readonly { readonly outlet: string; readonly on: boolean }[];
  readonly bus: Bus;
  /** True time: meters are read in theirs. */
  readonly clock: Clock;
  readonly tell: PlanTools["tell"];
  readonly relief: Relief;
};

/** How the cut-outs of limits stand. */
export type Budgets = Disposable & { stageOf(limit: string): Budget["stage"]["kind"] };

/**
 * Watch what the site, each breaker and each supply carry, and protect them: tell what stays over what is allowed, then
 * drain the group that was switched on last, halt every second board of it, take its power; then the next. Well below
 * again, work comes back by itself; power comes back when a person says so.
 */
export function watchBudgets(parts: BudgetParts): Budgets {
  const { cluster, meters, bus, clock, tell, relief } = parts;
  const { sustainMs } = cluster.limits.thermal;
  const budgets = new Map<string, Budget>();
  const groups = new Map(cluster.groups.map((group) => [group.id, group]));
  /** Outlets in the order in which they went on last. */
  const order = new Map<string, number>();
  let turn = 0;
  const note = (outlet: string, on: boolean): void => void (on ? order.set(outlet, ++turn) : order.delete(outlet));
  for (const { outlet, on } of parts.switchedBefore) note(outlet, on);

  const act = (reading: LimitReading, does: BudgetAct): void => {
    const { limit, watts, isMeasured, allowedText } = reading;
    const by = `budget ${limit}`;
    const carries = `${limit} carries ${watts} W${isMeasured || watts === 0 ? "" : " by what its boards say"}`;
    switch (does.kind) {
      case "nothing":
        return;
      case "warn":
        tell("budget.warn", "warn", `${carries}; it may carry ${allowedText}`);
        return;
      case "drain":
        relief.drain(by, groups.get(does.group)!.boards);
        tell("budget.drain", "error", `${carries} for ${sustainMs / 1000} s: no new work on ${does.group}`);
        return;
      case "halt":
        relief.halt(by, does.boards, `${limit} carries too much`);
        tell("budget.thin", "error", `${carries} still: every second board of ${does.group} is asked to halt`);
        return;
      case "off":
        off(groups.get(does.group)!, does.isUrgent, { by, carries, reading });
        return;
      case "release":
        for (const { boards } of cluster.groups) relief.release(by, boards);
        tell(
          "budget.over",
          "info",
          `${carries}, well within what it may: what was drained takes work, what is off stays off`,
        );
    }
  };
  const off = (
    group: Group,
    atOnce: boolean,
    { by, carries, reading }: { readonly by: string; readonly carries: string; readonly reading: LimitReading },
  ): void => {
    const { limit, ratingWatts } = reading;
    const why = `${carries}${atOnce ? `, more than its ${ratingWatts} W` : ""}, so ${group.id} goes off`;
    relief.off(
      group,
      { why, atOnce },
      {
        begun(said) {
          relief.release(by, group.boards);
          tell("budget.off", "error", `${why}: ${said}`);
        },
        failed(error) {
          tell("budget.failed", "error", `${why}, and its power could not be taken: ${error}`);
          const stage = { kind: "thinned", group: group.id, since: clock.monotonic() } as const;
          budgets.set(limit, { ...(budgets.get(limit) ?? withinBudget), stage });
        },
      },
    );
  };
  const timer = clock.every(lookMs, () => {
    const at = clock.monotonic();
    for (const reading of meters()) {
      const { limit, watts, allowedWatts, ratingWatts } = reading;
      const terms = { allowedWatts, ratingWatts, sustainMs };
      const on = reading.groups
        .map((id) => groups.get(id)!)
        .sort((a, b) => (order.get(a.outlet) ?? 0) - (order.get(b.outlet) ?? 0))
        .map(({ id, boards }) => ({ id, boards: boards.filter((name) => !relief.isHalted(name)) }));
      const { budget, act: does } = stepBudget(budgets.get(limit) ?? withinBudget, { at, watts, groups: on }, terms);
      budgets.set(limit, budget);
      act(reading, does);
    }
  });
  const end = bus.on("power.switched", ({ outlet, on }) => note(outlet, on));
  return {
    stageOf: (limit) => budgets.get(limit)?.stage.kind ?? "kept",
    [Symbol.dispose]() {
      timer.cancel();
      end();
    },
  };
}

/** Half of the time between two readings of the PDUs. */
const lookMs: Millis = 5000;
