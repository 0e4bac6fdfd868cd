import type { Millis } from "../base/index.ts";

/** Where one limit in watts stands, with memory. */
export type Budget = {
  readonly stage: BudgetStage;
  /** Since when it is well below what is allowed; null while it is not. */
  readonly calmSince: Millis | null;
  /** Since when it is past its rating. */
  readonly pastSince: Millis | null;
};

/** How far the cut-out of a limit has gone. */
type BudgetStage =
  | { readonly kind: "kept" }
  | { readonly kind: "over"; readonly since: Millis; readonly isTold: boolean }
  /** Nothing new runs on the group; every second board of it is halted; it lost its power. */
  | { readonly kind: "drained" | "thinned" | "shed"; readonly group: string; readonly since: Millis };

/** What a change of stage asks for. `group` is the one that was switched on last. */
export type BudgetAct =
  | { readonly kind: "nothing" }
  | { readonly kind: "warn" }
  | { readonly kind: "drain"; readonly group: string }
  | { readonly kind: "halt"; readonly group: string; readonly boards: readonly string[] }
  /** `isUrgent`: past the rating; nobody waits for boards to halt. */
  | { readonly kind: "off"; readonly group: string; readonly isUrgent: boolean }
  /** Well below for long enough: what was drained takes work again. What lost its power stays off. */
  | { readonly kind: "release" };

/** What a budget allows. */
export type BudgetTerms = {
  /** Steady load that is allowed. */
  readonly allowedWatts: number;
  /** What breaker or supply is made for. */
  readonly ratingWatts: number;
  /** Each stage has so long to show its effect. */
  readonly sustainMs: Millis;
};

/** Nothing is over. */
export const withinBudget: Budget = { stage: { kind: "kept" }, calmSince: null, pastSince: null };

/**
 * The budget after a reading. Over what is allowed it is told after a quarter of the time to sustain (an inrush lasts less
 * than a second), after all of it the group that was switched on last is drained, then thinned out, then switched off;
 * then the next. Past the rating for a quarter of the time it goes off without the steps between.
 *
 * @param reading `groups`: those on this limit that are on, in the order in which they were switched on, each with its
 * boards that are not halted, in the order of the layout.
 */
export function stepBudget(
  budget: Budget,
  reading: {
    readonly at: Millis;
    readonly watts: number;
    readonly groups: readonly { readonly id: string; readonly boards: readonly string[] }[];
  },
  terms: BudgetTerms,
): { readonly budget: Budget; readonly act: BudgetAct } {
  const { at, watts, groups } = reading;
  const { allowedWatts, ratingWatts, sustainMs } = terms;
  const { stage } = budget;
  const soonMs = sustainMs / 4;
  const newest = groups.at(-1);
  const pastSince = watts > ratingWatts ? (budget.pastSince ?? at) : null;
  const to = (next: BudgetStage, act: BudgetAct = nothing): { budget: Budget; act: BudgetAct } => ({
    budget: { stage: next, calmSince: null, pastSince },
    act,
  });

  // What was shed a moment ago may still be in the reading.
  const isSettling = stage.kind === "shed" && at - stage.since < soonMs;
  if (pastSince !== null && at - pastSince >= soonMs && newest !== undefined && !isSettling)
    return to({ kind: "shed", group: newest.id, since: at }, { kind: "off", group: newest.id, isUrgent: true });
  if (watts <= allowedWatts) return ease(budget, reading, terms);
  if (stage.kind === "kept") return to({ kind: "over", since: at, isTold: false });
  if (stage.kind === "drained" || stage.kind === "thinned") {
    const group = groups.find(({ id }) => id === stage.group);
    // Somebody else has switched it off, and the load is still over.
    if (group === undefined) return to({ kind: "over", since: at, isTold: true });
    if (at - stage.since < sustainMs) return to(stage);
    // Of a single board there is no second to halt.
    if (stage.kind === "thinned" || group.boards.length < 2)
      return to({ kind: "shed", group: group.id, since: at }, { kind: "off", group: group.id, isUrgent: false });
    const boards = group.boards.filter((_, index) => index % 2 === 1);
    return to({ kind: "thinned", group: group.id, since: at }, { kind: "halt", group: group.id, boards });
  }
  if (stage.kind === "over" && !stage.isTold && at - stage.since >= soonMs)
    return to({ ...stage, isTold: true }, { kind: "warn" });
  if (at - stage.since < sustainMs || newest === undefined) return to(stage);
  return to({ kind: "drained", group: newest.id, since: at }, { kind: "drain", group: newest.id });
}

/** Within what is allowed: only well below it, and for a while, is it over. */
function ease(
  { stage, calmSince: before }: Budget,
  { at, watts }: { readonly at: Millis; readonly watts: number },
  { allowedWatts, sustainMs }: BudgetTerms,
): { readonly budget: Budget; readonly act: BudgetAct } {
  if (stage.kind === "kept") return { budget: withinBudget, act: nothing };
  const calmSince = watts <= allowedWatts * releasePart ? (before ?? at) : null;
  if (stage.kind === "over" && calmSince !== null) return { budget: withinBudget, act: nothing };
  if (calmSince !== null && at - calmSince >= sustainMs) return { budget: withinBudget, act: { kind: "release" } };
  return { budget: { stage, calmSince, pastSince: null }, act: nothing };
}

const nothing: BudgetAct = { kind: "nothing" };
/** Below this part of what is allowed a budget counts as kept again. */
const releasePart = 0.95;
