import type { Millis } from "@bramble/core/base";
import { unreachable } from "@bramble/core/base";
import type { PlanStep } from "@bramble/core/power";
import { holds, inWords, notInWords, waitUntil } from "./conditions.ts";
import { isUp } from "./facts.ts";
import type { PlanRun } from "./run-plan.ts";
import { blockerOf, faultOf, makeMove, type PlanTools } from "./tools.ts";
import { judgeWave } from "./wave.ts";

/** How a step ended. `stops`: the rest of the plan may not follow. */
export type StepEnd = {
  readonly state: "done" | "failed" | "skipped";
  readonly note: string | null;
  readonly stops: boolean;
};

/** One step, the plan that it is of, and what there is to do it with. */
type Doing<Step extends PlanStep = PlanStep> = {
  readonly step: Step;
  /** Its place in the plan. */
  readonly at: number;
  readonly run: PlanRun;
  readonly tools: PlanTools;
  /** It had begun before the head was started anew. */
  readonly isResumed: boolean;
};

type StepOf<Kind extends PlanStep["kind"]> = Extract<PlanStep, { kind: Kind }>;

/** Carry out one step. @throws only what the signal says. */
export function carryOut(doing: Doing, signal: AbortSignal): Promise<StepEnd> {
  const { step } = doing;
  switch (step.kind) {
    case "switch":
      return turn({ ...doing, step }, signal);
    case "press":
      return press({ ...doing, step }, signal);
    case "wait":
      return wait({ ...doing, step }, signal);
    case "drain":
      return drain({ ...doing, step }, signal);
    case "halt":
      return halt({ ...doing, step }, signal);
    case "bring-up":
      doing.run.doing = `wave ${doing.run.wave}: ${step.groups.slice(0, 6).join(", ")}`;
      return judgeWave(step, doing.run, doing.tools, signal);
    default:
      return unreachable(step);
  }
}

async function turn({ step, run, tools }: Doing<StepOf<"switch">>, signal: AbortSignal): Promise<StepEnd> {
  const { id, outlet, on, afterMs } = step;
  const word = on ? "on" : "off";
  run.doing = `${outlet} ${word}`;
  const failed = (why: string): StepEnd => {
    run.failed.set(outlet, why);
    tools.log.error({ outlet, on, why }, "outlet not switched");
    tools.tell("outlet.failed", "warn", `${outlet} could not be switched ${word}: ${why}`);
    return { state: "failed", note: why, stops: false };
  };
  const blocker = blockerOf(outlet, on, tools);
  if (blocker !== null) return failed(blocker);
  try {
    const isMoved = await makeMove({ plan: run.id, step: id, outlet, on, afterMs }, tools, signal);
    return done(isMoved ? null : `was ${word} already`);
  } catch (thrown) {
    return failed(faultOf(thrown, signal));
  }
}

async function press(doing: Doing<StepOf<"press">>, signal: AbortSignal): Promise<StepEnd> {
  const { step, run, tools, isResumed } = doing;
  run.doing = `press ${step.button} of ${step.of}`;
  const { unless } = step;
  if (unless !== null && (await holds(unless, tools, signal))) return skipped(`${inWords(unless)}: not pressed`);
  if (isResumed && unless !== null) {
    // Nobody knows whether it was pressed before the head ended, and a second press would stop what the first began.
    run.doing = `${step.button} of ${step.of} may be pressed already: waiting`;
    if (await waitUntil(unless, patienceAfter(doing), tools, signal)) return done("was pressed before the restart");
  } else await tools.paced.sleep(step.afterMs, signal);
  try {
    await tools.press(step.device, step.button, signal);
    return done(null);
  } catch (thrown) {
    const why = faultOf(thrown, signal);
    tools.tell("outlet.failed", "warn", `${step.button} of ${step.of} could not be pressed: ${why}`);
    return { state: "failed", note: why, stops: false };
  }
}

/** How long the plan gives what was pressed to answer. */
function patienceAfter({ at, run }: Doing): Millis {
  const next = run.plan.steps[at + 1];
  return next?.kind === "wait" ? next.timeoutMs : pressedMs;
}

async function wait({ step, run, tools }: Doing<StepOf<"wait">>, signal: AbortSignal): Promise<StepEnd> {
  const { until, timeoutMs, onTimeout } = step;
  run.doing = `waiting until ${inWords(until)}`;
  // What got no power answers to nobody.
  const what = step.id.replace(/^\w+:/, "");
  const dead = [...run.failed].find(([id]) => tools.graph.outlets.get(id)?.feeds.includes(what));
  const isSo = dead === undefined && (await waitUntil(until, timeoutMs, tools, signal));
  if (isSo) return done(null);
  const note = dead === undefined ? notInWords(until, timeoutMs, tools) : dead[1];
  return onTimeout === "go-on" ? done(note) : { state: "failed", note, stops: true };
}

async function drain({ step, run, tools }: Doing<StepOf<"drain">>, signal: AbortSignal): Promise<StepEnd> {
  const { roster } = tools.registry;
  for (const name of step.boards) {
    const entry = roster.byName(name);
    if (entry === null || entry.standing.isDraining === true) continue;
    run.drained.add(name);
    tools.registry.apply(entry.index, { kind: "drain" });
  }
  const busy = (): number => step.boards.filter((name) => roster.byName(name)?.isWorking === true).length;
  const until = tools.paced.monotonic() + step.timeoutMs;
  while (busy() > 0 && tools.paced.monotonic() < until) {
    run.doing = `${busy()} boards end their work`;
    await tools.clock.sleep(lookMs, signal);
  }
  return done(busy() === 0 ? null : `${busy()} boards still work: their work is taken back`);
}

async function halt({ step, run, tools }: Doing<StepOf<"halt">>, signal: AbortSignal): Promise<StepEnd> {
  const { roster } = tools.registry;
  run.doing = `${step.boards.length} boards halt`;
  let asked = 0;
  for (const name of step.boards) {
    const entry = roster.byName(name);
    if (entry?.record != null && isUp(entry) && tools.halt(entry.record.mac, "its power goes off")) asked++;
  }
  const quiet = await waitUntil({ kind: "boards-quiet", boards: step.boards }, step.timeoutMs, tools, signal);
  return done(
    quiet ? `${asked} asked, all quiet` : `${asked} asked, not all are quiet after ${step.timeoutMs / 1000} s`,
  );
}

function done(note: string | null): StepEnd {
  return { state: "done", note, stops: false };
}

function skipped(note: string): StepEnd {
  return { state: "skipped", note, stops: false };
}

const lookMs: Millis = 250;
const pressedMs: Millis = 60_000;
