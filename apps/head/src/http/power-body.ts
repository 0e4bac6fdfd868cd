import type { PowerOutletBody, PowerPlanAnswer, PowerPlanSummary, PowerStepBody } from "@bramble/core/api";
import type { Millis } from "@bramble/core/base";
import { foldNodeSet } from "@bramble/core/cluster";
import type { PlanStep, PowerPlan } from "@bramble/core/power";
import { inWords } from "../power/conditions.ts";
import { isUp } from "../power/facts.ts";
import type { Power } from "../power/room.ts";
import type { PlanRun } from "../power/run-plan.ts";
import type { Roster } from "../register/roster.ts";
import type { PlanRecord, StepRecord } from "../store/power-plans.ts";

/** What plans are shown from. */
export type PlanView = { readonly power: Power; readonly roster: Roster };

/** A plan of the journal in short; of one that runs, how it stands now. */
export function planSummary(record: PlanRecord, view: PlanView): PowerPlanSummary {
  const steps = stepsOf(record, view);
  const ended = [...steps.values()].filter(({ state }) => state !== "running");
  return { ...factsOf(record, view, steps), steps: record.plan?.steps.length ?? 0, stepsDone: ended.length };
}

/** A plan of the journal with all its steps. */
export function planBody(record: PlanRecord, view: PlanView): PowerPlanAnswer {
  const steps = stepsOf(record, view);
  const { plan } = record;
  return {
    ...factsOf(record, view, steps),
    ...plannedParts(plan, steps),
    collateral: (plan?.collateral ?? []).map(plain),
    notes: [...(plan?.notes ?? [])],
  };
}

/** A plan that is not (yet) in the journal. */
export function plannedBody(plan: PowerPlan) {
  const { boards, outlets, moves, waves, collateral, notes } = plan;
  return {
    ...plannedParts(plan, new Map()),
    ...{ boards: [...boards], outlets: [...outlets], moves, waves },
    collateral: collateral.map(plain),
    notes: [...notes],
  };
}

/** One outlet, with all that is known about it. */
export function outletBodyOf(
  { outlet, reading, error }: ReturnType<Power["outlets"]["all"]>[number],
  { power, roster }: PlanView,
): PowerOutletBody {
  const { graph, book } = power;
  const group = graph.groupOn(outlet.id);
  const shares = [outlet.id, ...behindOf(power, outlet.id)];
  return {
    ...{ id: outlet.id, pdu: outlet.pdu, circuit: outlet.circuit, feeds: [...outlet.feeds] },
    group: group?.id ?? null,
    set: group === undefined ? null : foldNodeSet(group.boards),
    boards: outlet.boards.length,
    up: outlet.boards.filter((name) => isUp(roster.byName(name))).length,
    ...{ on: reading.on, watts: reading.watts, behind: outlet.behind, alwaysOn: outlet.alwaysOn, error },
    most: round(shares.reduce((sum, id) => sum + (book.shares(id)[0]?.steadyWatts ?? 0), 0)),
    needs: [...graph.before(outlet.id)],
    doubted: power.doubts.of(outlet.id),
  };
}

/** What the outlets of a PDU say that they draw; null where none measures. */
export function pduWatts({ outlets }: Pick<Power, "outlets">, pdu: string): number | null {
  const whole = outlets.pduWatts(pdu);
  if (whole !== null) return round(whole);
  const told = outlets.all().flatMap(({ outlet, reading }) => (outlet.pdu === pdu ? (reading.watts ?? []) : []));
  return told.length === 0 ? null : round(told.reduce((sum, each) => sum + each, 0));
}

/** Use of every limit with all that is on now, and what may be on, at full work. */
export function limitsNow(power: Power) {
  const { outlets, graph, book } = power;
  const isOn = (id: string): boolean =>
    graph.chain(id).every((one) => !outlets.canSwitch(one) || outlets.reads(one) !== false);
  const on = [...graph.outlets.keys()].filter(isOn);
  const used = new Map(book.limits.map((limit) => [limit, limit.baseWatts]));
  for (const outlet of on)
    for (const { limit, steadyWatts } of book.shares(outlet)) used.set(limit, (used.get(limit) ?? 0) + steadyWatts);
  const lit = on.reduce((sum, id) => sum + (graph.groupOn(id)?.boards.length ?? 0), 0);
  const watts = [...used].map(([{ name, steadyWatts, peakWatts }, value]) => ({
    ...({ limit: name, unit: "W", kind: "steady", used: round(value), allowed: round(steadyWatts) } as const),
    peak: round(peakWatts),
  }));
  const profiles = graph.cluster.limits.profiles.map(({ name, boards }) => ({
    ...({ limit: `profile ${name}`, unit: "boards", kind: "steady", used: lit, allowed: boards } as const),
    peak: null,
  }));
  return [...watts, ...profiles];
}

function factsOf(record: PlanRecord, { power, roster }: PlanView, steps: ReadonlyMap<string, StepRecord>) {
  const { id, request, plan, state, set, by, why, at, endedAt, message } = record;
  const live = power.sequencer.live().find((each) => each.id === id);
  const boards = plan?.boards ?? request.boards;
  const missing = live?.run?.missing ?? record.missing;
  return {
    ...{ id: `p${id}`, action: request.action, set, profile: request.profile, by, why, at, endedAt },
    state: live !== undefined && live.run === null && plan === null ? ("waiting" as const) : state,
    message: live?.doing ?? message,
    boards: boards.length,
    up: boards.filter((name) => isUp(roster.byName(name))).length,
    ...{ outlets: [...(plan?.outlets ?? [])], moves: plan?.moves ?? 0, waves: plan?.waves ?? 0 },
    wave: waveOf(plan, steps),
    leftMs: live?.run == null ? null : leftMs(live.run, steps),
    // One that was given up and came after all is missed no longer.
    missing: missing.filter(({ board }) => !isUp(roster.byName(board))).map((each) => ({ ...each })),
  };
}

function plannedParts(plan: PowerPlan | null, steps: ReadonlyMap<string, StepRecord>) {
  return {
    phases: (plan?.phases ?? []).map((phase) => ({ ...phase })),
    steps: (plan?.steps ?? []).map((step) => stepBody(step, steps.get(step.id))),
    loads: (plan?.loads ?? []).map((use) => ({ ...use })),
  };
}

function plain(each: PowerPlan["collateral"][number]) {
  return { outlet: each.outlet, boards: [...each.boards], working: [...each.working] };
}

function stepsOf({ id }: PlanRecord, { power }: PlanView): ReadonlyMap<string, StepRecord> {
  return power.sequencer.live().find((each) => each.id === id)?.run?.steps ?? power.journal.steps(id);
}

function stepBody(step: PlanStep, record: StepRecord | undefined): PowerStepBody {
  return {
    ...{ id: step.id, kind: step.kind, what: whatOf(step), why: step.why, state: record?.state ?? "planned" },
    ...{ startedAt: record?.startedAt ?? null, endedAt: record?.endedAt ?? null, note: record?.note ?? null },
    watts: record?.watts ?? null,
    outlet: step.kind === "switch" ? step.outlet : null,
    on: step.kind === "switch" ? step.on : null,
    groups: step.kind === "bring-up" ? [...step.groups] : [],
    boards: "boards" in step ? step.boards.length : 0,
  };
}

function whatOf(step: PlanStep): string {
  switch (step.kind) {
    case "switch":
      return `${step.outlet} ${step.on ? "on" : "off"}`;
    case "press":
      return `press ${step.button} of ${step.of}`;
    case "wait":
      return `wait until ${inWords(step.until)}`;
    case "drain":
      return `${step.boards.length} boards end their work`;
    case "halt":
      return `${step.boards.length} boards halt`;
    case "bring-up":
      return `wait for ${step.boards.length} boards of ${step.groups.join(", ")}`;
  }
}

function waveOf(plan: PowerPlan | null, steps: ReadonlyMap<string, StepRecord>): number {
  return plan?.steps.filter(({ kind, id }) => kind === "bring-up" && steps.has(id)).length ?? 0;
}

/** As the waves so far went, and the waits that the plan names. */
function leftMs({ plan }: PlanRun, steps: ReadonlyMap<string, StepRecord>): Millis {
  const waves = plan.steps.flatMap(({ kind, id }) => {
    const { startedAt = 0, endedAt = null } = steps.get(id) ?? {};
    return kind === "bring-up" && endedAt !== null ? [endedAt - startedAt] : [];
  });
  const mean = waves.length === 0 ? usualWaveMs : waves.reduce((sum, ms) => sum + ms, 0) / waves.length;
  return plan.steps.reduce((sum, step) => {
    if ((steps.get(step.id)?.endedAt ?? null) !== null) return sum;
    if (step.kind === "bring-up") return sum + mean;
    if (step.kind === "switch") return sum + step.afterMs;
    return step.kind === "wait" && step.until.kind === "time" ? sum + step.until.ms : sum;
  }, 0);
}

function behindOf({ graph }: Power, above: string): string[] {
  return [...graph.outlets.values()]
    .filter(({ behind }) => behind === above)
    .flatMap(({ id }) => [id, ...behindOf({ graph } as Power, id)]);
}

function round(watts: number): number {
  return Math.round(watts * 10) / 10;
}

const usualWaveMs: Millis = 60_000;
