import { messageOf } from "@bramble/core/base";
import type { OutletId } from "@bramble/core/cluster";
import type { PlanStep, PowerPlan } from "@bramble/core/power";
import type { MoveRecord, StepRecord } from "../store/power-plans.ts";
import { carryOut } from "./steps.ts";
import type { PlanTools } from "./tools.ts";

/** A board that did not come up, with the step of its boot at which it stopped. */
export type Missing = { readonly board: string; readonly step: string };

/** A plan on its way: what its steps need to know of each other, and what people are told. */
export type PlanRun = {
  readonly id: number;
  readonly plan: PowerPlan;
  /** By step id; what is not there has not begun. */
  readonly steps: Map<string, StepRecord>;
  /** Of a life of the head before this one. */
  readonly movesBefore: readonly MoveRecord[];
  /** Why outlets could not be switched. */
  readonly failed: Map<OutletId, string>;
  readonly missing: Missing[];
  /** Boards that this plan drains, to be released at its end. */
  readonly drained: Set<string>;
  /** From 1; 0 before the first. */
  wave: number;
  groups: readonly string[];
  /** Boards of the wave that is under way, or was the last. */
  inWave: readonly string[];
  /** What it does now. */
  doing: string;
};

/** How a plan ended by itself. */
export type PlanEnd = { readonly state: "done" | "failed"; readonly message: string };

/** A plan that begins, or goes on with what the journal knows of it. */
export function planRun(
  id: number,
  plan: PowerPlan,
  before: {
    readonly steps: ReadonlyMap<string, StepRecord>;
    readonly moves: readonly MoveRecord[];
    readonly missing: readonly Missing[];
  } = { steps: new Map(), moves: [], missing: [] },
): PlanRun {
  return {
    ...{ id, plan, movesBefore: before.moves, steps: new Map(before.steps), failed: new Map() },
    ...{ missing: [...before.missing], drained: new Set() },
    ...{ wave: 0, groups: [], inWave: [], doing: "it begins" },
  };
}

/**
 * Carry a plan out, step by step, each written into the journal before and after. What the journal tells as done is not
 * done again, unless an outlet reads otherwise than it was left.
 *
 * @throws the signal's reason when it is ended from outside.
 */
export async function runPlan(run: PlanRun, tools: PlanTools, signal: AbortSignal): Promise<PlanEnd> {
  const { journal, clock, outlets } = tools;
  const note = async (step: PlanStep, record: Omit<StepRecord, "step">): Promise<void> => {
    run.steps.set(step.id, { step: step.id, ...record });
    await journal.step(run.id, { step: step.id, ...record });
  };
  if (run.steps.size > 0) forgetUndone(run, tools);
  const isResumed = new Set([...run.steps.values()].flatMap(({ step, state }) => (state === "running" ? [step] : [])));
  const bad: string[] = [];
  try {
    for (const [at, step] of run.plan.steps.entries()) {
      signal.throwIfAborted();
      const known = run.steps.get(step.id);
      if (step.kind === "bring-up") enterWave(run, step);
      if (known !== undefined && known.state !== "running") {
        if (known.state === "failed") recall(run, step, known, bad);
        continue;
      }
      const startedAt = known?.startedAt ?? clock.now();
      await note(step, { state: "running", startedAt, endedAt: null, note: null, watts: null });
      const end = await carryOut({ step, at, run, tools, isResumed: isResumed.has(step.id) }, signal);
      await note(step, { state: end.state, startedAt, endedAt: clock.now(), note: end.note, watts: outlets.watts() });
      if (end.state === "failed") bad.push(end.note ?? step.id);
      if (end.stops) return { state: "failed", message: end.note ?? `${step.id} failed` };
    }
    return outcome(run, bad);
  } finally {
    for (const name of run.drained) release(name, tools);
  }
}

/** A step that failed in an earlier life of the head stays so; what depends on it has to know. */
function recall(run: PlanRun, step: PlanStep, known: StepRecord, bad: string[]): void {
  const why = known.note ?? "it failed";
  bad.push(why);
  if (step.kind === "switch") run.failed.set(step.outlet, why);
}

function enterWave(run: PlanRun, step: Extract<PlanStep, { kind: "bring-up" }>): void {
  run.wave++;
  run.groups = step.groups;
  run.inWave = step.boards;
}

function outcome({ missing, plan }: PlanRun, bad: readonly string[]): PlanEnd {
  if (bad.length > 0) {
    const more = bad.length > 1 ? `, and ${bad.length - 1} steps more` : "";
    return { state: "failed", message: `${bad[0]}${more}` };
  }
  if (missing.length > 0) return { state: "done", message: `${missing.length} boards did not come up` };
  return { state: "done", message: plan.request.action === "off" ? "everything is off as asked" : "all boards are up" };
}

/**
 * After a restart: an outlet that stands otherwise than the last step left it (its PDU forgot, somebody pulled it) is
 * switched again; the steps that waited for it are not.
 */
function forgetUndone(run: PlanRun, { outlets, tell }: PlanTools): void {
  const last = new Map<OutletId, PlanStep & { kind: "switch" }>();
  for (const step of run.plan.steps) if (step.kind === "switch" && run.steps.has(step.id)) last.set(step.outlet, step);
  for (const step of last.values()) {
    // One that had begun is looked at again anyway.
    if (run.steps.get(step.id)?.state !== "done") continue;
    const reads = outlets.reads(step.outlet);
    if (reads === null || reads === step.on || isCycling(run, step.outlet)) continue;
    run.steps.delete(step.id);
    tell(
      "outlet.changed",
      "warn",
      `${step.outlet} reads ${reads ? "on" : "off"}, not as the plan left it: switched again`,
    );
  }
}

/** Is it off because the wave that is judged has just cycled it? */
function isCycling({ plan, steps, movesBefore }: PlanRun, outlet: OutletId): boolean {
  const judging = plan.steps.find(({ id, kind }) => kind === "bring-up" && steps.get(id)?.state === "running");
  const moves = movesBefore.filter((move) => move.outlet === outlet && move.step === judging?.id);
  return moves.at(-1)?.on === false;
}

function release(name: string, { registry, log }: PlanTools): void {
  try {
    const entry = registry.roster.byName(name);
    if (entry !== null) registry.apply(entry.index, { kind: "release" });
  } catch (thrown) {
    log.error({ board: name, error: messageOf(thrown) }, "board not released after a plan");
  }
}
