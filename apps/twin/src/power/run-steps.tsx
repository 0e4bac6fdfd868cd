import type { PowerPlanAnswer, PowerStepBody } from "@bramble/core/api";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { span, timeOfDay } from "../parts/words.ts";
import { count, watts } from "./words.ts";

type StepState = PowerStepBody["state"];

/** The steps of a plan in their phases: those that are over are folded, the one under way stands open. */
export function RunSteps({ plan: { phases, steps } }: { plan: Pick<PowerPlanAnswer, "phases" | "steps"> }): ReactNode {
  const list = useRef<HTMLOListElement>(null);
  const at = phases.findIndex(({ from, to }) => isUnderWay(stateOfAll(steps.slice(from, to))));
  // A long plan is longer than its list: what is under way is brought into sight, once a phase.
  useEffect(() => {
    const phase = list.current?.children[at];
    if (list.current === null || !(phase instanceof HTMLElement)) return;
    list.current.scrollTop = phase.offsetTop - list.current.offsetTop - aboveIt;
  }, [at]);
  if (steps.length === 0) return null;
  return (
    <ol className="phases" ref={list}>
      {phases.map(({ title, from, to }) => (
        <Phase key={`${from} ${title}`} title={title} steps={steps.slice(from, to)} />
      ))}
    </ol>
  );
}

/** One step: what it does, how it stands, and what came of it. */
export function StepRow({ step }: { step: PowerStepBody }): ReactNode {
  const { what, why, state, startedAt, endedAt, note, watts: drawn } = step;
  const took = startedAt !== null && endedAt !== null ? span(endedAt - startedAt) : "";
  return (
    <li className="step" data-state={state}>
      <StepMark state={state} />
      <span className="step-what">
        {what} <span className="quiet">{why}</span>
        {note !== null && <em className="step-note"> {note}</em>}
      </span>
      <span className="step-when quiet">
        {startedAt !== null && <time>{timeOfDay(startedAt)}</time>} {took}
        {drawn !== null && endedAt !== null && `, ${watts(drawn)}`}
      </span>
    </li>
  );
}

function Phase({ title, steps }: { title: string; steps: readonly PowerStepBody[] }): ReactNode {
  const [isOpen, setIsOpen] = useState<boolean | null>(null);
  const state = stateOfAll(steps);
  const over = steps.filter((step) => step.state === "done" || step.state === "skipped").length;
  const notes = steps.flatMap(({ note, state }) => (note !== null && state !== "running" ? [note] : []));
  // Open while it runs or where it failed, unless a person has said otherwise.
  const isShown = isOpen ?? isUnderWay(state);
  return (
    <li className="phase" data-state={state}>
      <details
        open={isShown}
        onToggle={({ currentTarget }) => currentTarget.open !== isShown && setIsOpen(currentTarget.open)}
      >
        <summary>
          <StepMark state={state} />
          <span className="phase-title">{title}</span>
          <span className="quiet phase-sum">
            {state === "done"
              ? notes.join(", ")
              : state === "planned"
                ? ""
                : `${over} of ${count(steps.length, "step")}`}
          </span>
        </summary>
        <ol>
          {steps.map((step) => (
            <StepRow key={step.id} step={step} />
          ))}
        </ol>
      </details>
    </li>
  );
}

function StepMark({ state }: { state: StepState }): ReactNode {
  return (
    <span className="step-mark" data-state={state}>
      <span aria-hidden="true">{marks[state]}</span>
      <span className="unseen">{words[state]}: </span>
    </span>
  );
}

/** Does it run, or has it stopped where somebody should look? */
function isUnderWay(state: StepState): boolean {
  return state === "running" || state === "failed";
}

/** How some steps stand together. */
function stateOfAll(steps: readonly PowerStepBody[]): StepState {
  const states = new Set(steps.map(({ state }) => state));
  if (states.has("failed")) return "failed";
  if (states.has("running")) return "running";
  if (!states.has("planned")) return states.has("done") ? "done" : "skipped";
  return states.has("done") || states.has("skipped") ? "running" : "planned";
}

/** So much of what is over stays in sight, in pixels. */
const aboveIt = 60;

const marks: Readonly<Record<StepState, string>> = { planned: "○", running: "▶", done: "✓", failed: "✕", skipped: "–" };
const words: Readonly<Record<StepState, string>> = {
  planned: "to come",
  running: "under way",
  done: "done",
  failed: "failed",
  skipped: "left out",
};
