import type { PowerPlanSummary, PowerPlansAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useParts } from "../live/context.tsx";
import { span, timeOfDay } from "../parts/words.ts";
import { PlanRecord } from "./plan-record.tsx";
import { Switchings } from "./switchings.tsx";
import { askers, count, verbs } from "./words.ts";

/** What the journal needs: the newest plans, as the last look told them. */
export type JournalProps = { readonly recent: readonly PowerPlanSummary[] };

const pageSize = 20;

/** What was switched when, by whom, and what came of it: the newest first, older ones by the page. */
export function Journal({ recent }: JournalProps): ReactNode {
  const { rest } = useParts();
  const [older, setOlder] = useState<readonly PowerPlanSummary[]>([]);
  /** Where the next page begins; undefined before one was asked for. */
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const [problem, setProblem] = useState<string | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const known = new Set(recent.map(({ id }) => id));
  const plans = [...recent, ...older.filter(({ id }) => !known.has(id))];
  const cursor = next === undefined ? (recent.length < pageSize ? null : (recent.at(-1)?.id ?? null)) : next;

  const more = async (): Promise<void> => {
    setProblem(null);
    try {
      const page = await rest.get<PowerPlansAnswer>(`/power/plans?limit=${pageSize}&cursor=${cursor}`);
      setOlder((before) => [...before, ...page.plans]);
      setNext(page.next);
    } catch (thrown) {
      setProblem(messageOf(thrown));
    }
  };

  return (
    <section className="card journal" aria-labelledby="journal-title">
      <h2 id="journal-title">Journal</h2>
      {plans.length === 0 && <p className="quiet">Nothing was planned yet. What is asked for is kept here.</p>}
      {plans.length > 0 && (
        <ol className="records">
          {plans.map((plan) => (
            <li key={plan.id} data-state={plan.state}>
              <time className="quiet" dateTime={new Date(plan.at).toISOString()}>
                {dayAndTime(plan.at)}
              </time>
              <Button className="link-button" onPress={() => setOpened(plan.id)}>
                {plan.id}: {verbs[plan.action]} {plan.set.length > 40 ? `${plan.set.slice(0, 39)}…` : plan.set}
              </Button>
              <span className="record-what">
                <b className="record-state" data-state={plan.state}>
                  {plan.state}
                </b>{" "}
                {plan.message}
                {plan.missing.length > 0 && <b> {count(plan.missing.length, "board")} missing</b>}
              </span>
              <span className="quiet">
                {askers[plan.by]}
                {plan.why !== null && `: ${plan.why}`}; {count(plan.moves, "move")}
                {plan.endedAt !== null && `, ${span(plan.endedAt - plan.at)}`}
              </span>
            </li>
          ))}
        </ol>
      )}
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {cursor !== null && (
        <Button className="button small" onPress={() => void more()}>
          Older plans
        </Button>
      )}
      <Switchings />
      <details className="curl">
        <summary>The same as a command</summary>
        <pre className="code">{`curl '${window.location.origin}/api/v1/power/plans?limit=20'\ncurl '${window.location.origin}/api/v1/power/trace?limit=100'`}</pre>
      </details>
      {opened !== null && <PlanRecord id={opened} onClose={() => setOpened(null)} />}
    </section>
  );
}

/** The time of today, the day of what is older. */
function dayAndTime(at: number): string {
  const day = new Date(at).toLocaleDateString([], { month: "short", day: "numeric" });
  return `${day} ${timeOfDay(at)}`;
}
