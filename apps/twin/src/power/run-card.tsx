import type { PowerAnswer, PowerPlanAnswer } from "@bramble/core/api";
import { foldNodeSet } from "@bramble/core/cluster";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "wouter";
import { span } from "../parts/words.ts";
import { CancelDialog } from "./cancel-dialog.tsx";
import { RunSteps } from "./run-steps.tsx";
import { amps, askers, count, percent, progressInWords, reached, verbs, watts } from "./words.ts";

/** What a plan's card needs. */
export type RunCardProps = {
  readonly plan: PowerPlanAnswer;
  readonly power: PowerAnswer;
  readonly onChanged: () => void;
  readonly onPutAway: (id: string) => void;
};

/** So many names of missing boards are links. */
const mostNames = 12;

/** A plan under way, or just ended: how far it is, what it does now, what is missing and where that stopped. */
export function RunCard({ plan, power, onChanged, onPutAway }: RunCardProps): ReactNode {
  const [isAsking, setIsAsking] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const { id, action, set, profile, by, why, state, message, endedAt, at, boards } = plan;
  const isOver = endedAt !== null;
  const site = power.limits.find(({ limit }) => limit === "site");
  const part = boards === 0 ? 1 : reached(plan) / boards;
  const took = endedAt === null ? "" : `, after ${span(endedAt - at)}`;
  return (
    <section className="card run" aria-labelledby={`run-${id}`} data-state={state}>
      <header>
        <h2 id={`run-${id}`}>
          {verbs[action]} {set.length > 60 ? `${set.slice(0, 59)}…` : set}
          {profile !== null && ` (${profile})`}
        </h2>
        <span className="run-state" data-state={state}>
          <span aria-hidden="true">{marks[state]}</span> {state}
          {took}
        </span>
      </header>
      <p className="run-message" role="status">
        {message}
      </p>
      <div className="bar run-bar" aria-hidden="true">
        <i className={action === "off" ? "bar-dark" : "bar-up"} style={{ width: percent(part).replace(" ", "") }} />
      </div>
      <p className="run-progress">
        <span>{progressInWords(plan)}</span>
        {!isOver && power.watts !== null && (
          <span>
            {watts(power.watts)}, {amps(power.watts, power.volts)}
            {site !== undefined && <span className="quiet"> of {watts(site.allowed)}</span>}
          </span>
        )}
      </p>
      <p className="quiet run-facts">
        plan {id}, asked for by {askers[by]}
        {why !== null && `: ${why}`}. A cut-out goes before an operator, an operator before a schedule.
      </p>
      <Missing plan={plan} />
      <RunSteps plan={plan} />
      {told !== null && (
        <p className="run-told" role="status">
          {told}
        </p>
      )}
      <p className="run-buttons">
        {isOver ? (
          <Button className="button small" onPress={() => onPutAway(id)}>
            Put away
          </Button>
        ) : (
          <Button className="button small" onPress={() => setIsAsking(true)}>
            Cancel …
          </Button>
        )}
      </p>
      {isAsking && (
        <CancelDialog
          plan={plan}
          onClose={() => setIsAsking(false)}
          onDone={(words) => {
            setIsAsking(false);
            setTold(words);
            onChanged();
          }}
        />
      )}
    </section>
  );
}

/** Boards that did not come, by the step at which they stopped. */
export function Missing({ plan: { missing } }: { plan: Pick<PowerPlanAnswer, "missing"> }): ReactNode {
  const steps = Map.groupBy(missing, ({ step }) => step);
  return [...steps].map(([step, boards]) => {
    const names = boards.map(({ board }) => board);
    return (
      <p key={step} className="run-missing">
        <b>
          <span aria-hidden="true">✕</span> {count(names.length, "board")} stopped at {step}:
        </b>{" "}
        {names.length > mostNames
          ? foldNodeSet(names)
          : names.map((name) => (
              <Link key={name} href={`/boot?set=${encodeURIComponent(name)}&board=${encodeURIComponent(name)}`}>
                {name}
              </Link>
            ))}
      </p>
    );
  });
}

const marks: Readonly<Record<PowerPlanAnswer["state"], string>> = {
  waiting: "…",
  running: "▶",
  done: "✓",
  failed: "✕",
  cancelled: "■",
};
