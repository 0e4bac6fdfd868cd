import type { Millis } from "@bramble/core/base";
import type { Group } from "@bramble/core/cluster";
import type { GroupTerms, PlanStep } from "@bramble/core/power";
import { groupTerms } from "@bramble/core/power";
import { isUp } from "./facts.ts";
import { bringGroup, type GroupResult } from "./group.ts";
import type { PlanRun } from "./run-plan.ts";
import type { StepEnd } from "./steps.ts";
import { blockerOf, makeMove, type PlanTools } from "./tools.ts";

/** Judge one wave: all its groups at once, each until it is decided. Until then its boards are given no work. */
export async function judgeWave(
  step: Extract<PlanStep, { kind: "bring-up" }>,
  run: PlanRun,
  tools: PlanTools,
  signal: AbortSignal,
): Promise<StepEnd> {
  const { cluster, registry, log, held, tell } = tools;
  const { wave } = run;
  const total = run.plan.waves;
  tell("wave.start", "info", `wave ${wave} of ${total}: ${listOf(step.groups)}, ${step.boards.length} boards`);
  const groups = cluster.groups.filter(({ id }) => step.groups.includes(id));
  for (const name of step.boards) held.add(name);
  let results: readonly GroupResult[];
  try {
    results = await Promise.all(groups.map((group) => judge(group, step, run, tools, signal)));
  } finally {
    for (const name of step.boards) held.delete(name);
  }
  const missing = results.reduce((sum, result) => sum + report(result, run, tools), 0);
  if (missing > 0) await tools.journal.missed(run.id, run.missing);
  const up = step.boards.filter((name) => isUp(registry.roster.byName(name))).length;
  log.info({ wave, of: total, groups: step.groups, up, boards: step.boards.length }, "wave done");
  tell("wave.done", "info", `wave ${wave} of ${total}: ${up} of ${step.boards.length} boards are up`);
  return {
    state: "done",
    note: `${up} of ${step.boards.length} up${missing === 0 ? "" : `, ${missing} missing`}`,
    stops: false,
  };
}

function judge(
  group: Group,
  step: Extract<PlanStep, { kind: "bring-up" }>,
  run: PlanRun,
  tools: PlanTools,
  signal: AbortSignal,
): Promise<GroupResult> {
  const { cluster, outlets, registry, bus, paced, tell } = tools;
  const { outlet } = group;
  const cycles = run.movesBefore.filter(
    (move) => move.step === step.id && move.outlet === outlet && !move.on && isTrue(move.outcome),
  ).length;
  // Of a move that was only intended the outlet itself tells whether it came to pass.
  function isTrue(outcome: "intended" | "seen" | "failed"): boolean {
    return outcome === "seen" || (outcome === "intended" && !outlets.isOn(outlet));
  }
  return bringGroup(
    group,
    {
      ...{ bus, paced, attempts: cycles + 1 },
      terms: patientTerms(group, step.terms[group.id] ?? groupTerms(group.boards.length, cluster.limits.boot), tools),
      isUp: (name) => isUp(registry.roster.byName(name)),
      isWorking: (name) => registry.roster.byName(name)?.isWorking === true,
      isOn: () => !outlets.canSwitch(outlet) || outlets.isOn(outlet),
      blocked: () => run.failed.get(outlet) ?? blockerOf(outlet, true, tools),
      turn: async (on) => void (await makeMove({ plan: run.id, step: step.id, outlet, on }, tools, signal)),
      cycled: (up) =>
        tell("group.cycled", "warn", `${group.id}: ${up} of ${group.boards.length} came up; ${outlet} is cycled`),
    },
    signal,
  );
}

/**
 * Boards that had power before this head started link again in their own time, a few true seconds, however fast a
 * simulation runs: until then their silence says nothing.
 */
function patientTerms({ outlet }: Group, terms: GroupTerms, { started, life, clock }: PlanTools): GroupTerms {
  if (started.has(outlet) || clock.monotonic() - life.since > relinkMs) return terms;
  const settleMs = Math.max(terms.settleMs, relinkMs * life.speed);
  return { ...terms, settleMs, calmMs: Math.max(terms.calmMs, calmMs * life.speed) };
}

const relinkMs: Millis = 15_000;
const calmMs: Millis = 5000;

/** Name what is missing of a group and mark it as failed. @returns how many are missing. */
function report({ group, state }: GroupResult, run: PlanRun, { registry, log, tell }: PlanTools): number {
  const { roster } = registry;
  const missing = group.boards.filter((name) => !isUp(roster.byName(name)));
  if (missing.length === 0) return 0;
  const why = state.kind === "gave-up" ? state.reason : "not there when the rest was calm";
  for (const name of missing) {
    const entry = roster.byName(name);
    run.missing.push({ board: name, step: entry?.boot?.step ?? "no sign" });
    if (entry !== null)
      registry.apply(entry.index, { kind: "given-up", step: entry.boot?.step ?? "power", reason: why });
  }
  const named = missing.map((name) => `${name} (${roster.byName(name)?.boot?.step ?? "no sign"})`);
  const size = group.boards.length;
  tell("board.failed", "warn", `${group.id}: ${missing.length} of ${size} did not come up: ${listOf(named)}`);
  log.warn({ group: group.id, attempt: state.attempt, missing, why }, "boards did not come up");
  return missing.length;
}

/** At most twenty names, then how many more. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
