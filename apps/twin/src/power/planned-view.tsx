import type { PowerAnswer, PowerPlanReply } from "@bramble/core/api";
import { foldNodeSet } from "@bramble/core/cluster";
import type { ReactNode } from "react";
import { shareOf } from "./limits.ts";
import type { Action } from "./words.ts";
import { count, percent, watts } from "./words.ts";

type Planned = NonNullable<PowerPlanReply["plan"]>;

/** What a plan would do needs. */
export type PlannedViewProps = { readonly plan: Planned; readonly action: Action; readonly power: PowerAnswer };

/** So many limits are told at once: those that are nearest to what they bear. */
const mostLoads = 4;

/** What a plan would touch: boards, neighbours, other outlets, limits at their worst moment, and each step. */
export function PlannedView({ plan, action, power }: PlannedViewProps): ReactNode {
  const { boards, outlets, moves, waves, loads, collateral, notes, phases, steps } = plan;
  const worst = [...loads].sort((a, b) => shareOf(b) - shareOf(a)).slice(0, mostLoads);
  const byId = new Map(power.outlets.map((outlet) => [outlet.id, outlet]));
  const parents = outlets.flatMap((id) => {
    const outlet = byId.get(id);
    return outlet !== undefined && outlet.boards === 0 ? [outlet] : [];
  });
  return (
    <div className="planned">
      <dl className="touches">
        <div>
          <dt>{action === "on" ? "Gain power" : action === "off" ? "Lose power" : "Lose and gain power"}</dt>
          <dd>
            <b>{count(boards.length, "board")}</b> <span className="nodes">{foldNodeSet(boards)}</span>
          </dd>
        </div>
        <div>
          <dt>By</dt>
          <dd>
            {count(outlets.length, "outlet")} in {count(moves, "move")}
            {waves > 0 && `, ${count(waves, "wave")}`}
          </dd>
        </div>
        {parents.length > 0 && (
          <div>
            <dt>Also {action === "off" ? "off" : "on"}</dt>
            <dd>
              {parents.map(({ id, feeds }) => `${id}${feeds.length > 0 ? ` (${feeds.join(", ")})` : ""}`).join(", ")}
            </dd>
          </div>
        )}
        {collateral.map(({ outlet, boards: along, working }) => (
          <div key={outlet} className="collateral">
            <dt>
              <span aria-hidden="true">!</span> Along with {outlet}
            </dt>
            <dd>
              <b>{count(along.length, "board")}</b> that nobody named:{" "}
              <span className="nodes">{foldNodeSet(along)}</span>
              {working.length > 0 && `; ${count(working.length, "board")} of them at work`}
            </dd>
          </div>
        ))}
        {worst.map((use) => (
          <div key={`${use.limit} ${use.kind}`}>
            <dt>
              {use.limit}
              <span className="quiet"> {use.kind === "peak" ? "for a second" : "for long"}</span>
            </dt>
            <dd>
              {use.unit === "W"
                ? `${watts(use.used)} of ${watts(use.allowed)}`
                : `${use.used} of ${count(use.allowed, "board")}`}{" "}
              <span className="quiet">at most, {percent(shareOf(use))}</span>
            </dd>
          </div>
        ))}
      </dl>
      {loads.length > worst.length && (
        <p className="quiet planned-line">
          {count(loads.length - worst.length, "other limit")} {loads.length - worst.length === 1 ? "is" : "are"} less
          full. None is broken at any moment, inrush included.
        </p>
      )}
      {notes.map((note) => (
        <p key={note} className="planned-note">
          {note}
        </p>
      ))}
      <details className="planned-steps">
        <summary>{count(steps.length, "step")}, each with its reason</summary>
        {phases.map(({ title, from, to }) => (
          <section key={`${from} ${title}`}>
            <h3>{title}</h3>
            <ol>
              {steps.slice(from, to).map(({ id, what, why }) => (
                <li key={id}>
                  {what} <span className="quiet">{why}</span>
                </li>
              ))}
            </ol>
          </section>
        ))}
      </details>
    </div>
  );
}
