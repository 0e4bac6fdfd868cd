import type { BootAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { whole } from "../parts/words.ts";
import { columns } from "./lanes.ts";

/** How many boards of all are at each step now, and how many stopped there: the head of the chart's columns. */
export function StepCounts({ boot }: { boot: BootAnswer | null }): ReactNode {
  const counts = columns.map(({ id }) => (id === "registered" ? (boot?.states.up ?? 0) : (boot?.steps[id] ?? 0)));
  // Those that are up are mostly many more; the others are measured among themselves.
  const most = Math.max(1, ...counts.slice(0, -1));
  return (
    <ol className="step-counts" aria-label="All boards by the step that they are at">
      {columns.map(({ id, label, does }, index) => {
        const count = counts[index] ?? 0;
        const stopped = (boot?.troubles ?? [])
          .filter((trouble) => trouble.stopped && trouble.step === id)
          .reduce((sum, { boards }) => sum + boards, 0);
        const share = id === "registered" ? Math.min(1, count) : count / most;
        return (
          <li key={id} data-none={count === 0} data-step={id} title={does}>
            <i className="step-bar" aria-hidden="true" style={{ height: `${Math.round(share * 100)}%` }} />
            <b className="step-count">{whole(count)}</b>
            {stopped > 0 && (
              <em className="step-stopped">
                <span aria-hidden="true">✕ </span>
                {whole(stopped)}
                <span className="unseen"> stopped here</span>
              </em>
            )}
            <span className="step-name">{label}</span>
          </li>
        );
      })}
    </ol>
  );
}
