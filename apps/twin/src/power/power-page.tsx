import type { ReactNode } from "react";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useSearchParams } from "wouter";
import { useParts } from "../live/context.tsx";
import { span, whole } from "../parts/words.ts";
import "../style/power.css";
import "../style/power-tree.css";
import "../style/power-plan.css";
import { AskBar } from "./ask-bar.tsx";
import { AskDialog } from "./ask-dialog.tsx";
import { EnergyCard } from "./energy-card.tsx";
import type { PduNode } from "./graph.ts";
import { graphOf, setOfRows, standingOf } from "./graph.ts";
import { Journal } from "./journal.tsx";
import { LoadCard } from "./load-card.tsx";
import { PowerTree } from "./power-tree.tsx";
import { isOfPower, Protection } from "./protection.tsx";
import { RunCard } from "./run-card.tsx";
import { Schedules, Warnings } from "./schedules.tsx";
import type { PowerNews } from "./watch.ts";
import { PowerWatch } from "./watch.ts";
import type { Action } from "./words.ts";
import { watts } from "./words.ts";

/** Power: what is on, how near each limit is, what is planned and what was done; and how to switch boards. */
export function PowerPage(): ReactNode {
  const { clock } = useParts();
  const { news, watch } = usePowerNews();
  const [params, setParams] = useSearchParams();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Action | null>(null);
  const { power, limits, plans, lostSince, problem, at } = news;
  const set = params.get("set") ?? "";
  const graph = useMemo(() => (power === null ? [] : graphOf(power)), [power]);
  const hurry = useCallback(() => watch?.hurry(), [watch]);
  const setSet = useCallback(
    (to: string): void => setParams(to === "" ? {} : { set: to }, { replace: true }),
    [setParams],
  );
  const choose = useCallback(
    (rows: ReadonlySet<string>): void => {
      setChosen(rows);
      setSet(setOfRows(graph, rows));
    },
    [graph, setSet],
  );
  return (
    <div className="power" data-lost={lostSince !== null}>
      <header className="power-head">
        <h1>Power</h1>
        {power !== null && <Tally graph={graph} watts={power.watts} />}
        {lostSince !== null && (
          <p className="power-age" role="status">
            The head does not answer
            {at !== null && <span aria-hidden="true"> · what is shown is {span(clock.now() - at)} old</span>}
          </p>
        )}
      </header>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {power === null && problem === null && <p className="waiting">Asking the head …</p>}
      {power !== null && (
        <>
          <div className="power-main">
            <Warnings power={power} onChanged={hurry} />
            <AskBar
              set={set}
              onSet={(to) => {
                setChosen(new Set());
                setSet(to);
              }}
              onAsk={setAsked}
            />
            {plans.map((plan) => (
              <RunCard
                key={plan.id}
                plan={plan}
                power={power}
                onChanged={hurry}
                onPutAway={(id) => watch?.putAway(id)}
              />
            ))}
            <section className="card graph" aria-labelledby="graph-title">
              <h2 id="graph-title">What has power</h2>
              {graph.length === 0 ? (
                <p className="quiet">
                  The cluster file names no PDU, so nothing can be switched from here. docs/cluster-file.md tells how.
                </p>
              ) : (
                <PowerTree graph={graph} chosen={chosen} onChoose={choose} />
              )}
            </section>
            <Journal recent={power.recent} />
          </div>
          <aside className="power-rail" aria-label="Limits, schedules and energy">
            <LoadCard power={power} limits={limits} />
            <Schedules power={power} onChanged={hurry} />
            <EnergyCard power={power} />
            <Protection />
          </aside>
          {asked !== null && (
            <AskDialog
              action={asked}
              set={set.trim()}
              power={power}
              onClose={() => setAsked(null)}
              onStarted={(id) => {
                setAsked(null);
                setChosen(new Set());
                watch?.follow(id);
              }}
            />
          )}
        </>
      )}
    </div>
  );
}

function Tally({ graph, watts: drawn }: { graph: readonly PduNode[]; watts: number | null }): ReactNode {
  const total = graph.reduce((sum, pdu) => sum + pdu.total, 0);
  const on = graph.reduce((sum, pdu) => sum + pdu.on, 0);
  const all = graph.flatMap(({ outlets }) => outlets);
  const doubted = all.filter(({ outlet }) => standingOf(outlet) === "doubted").length;
  const unknown = all.filter(({ outlet }) => standingOf(outlet) === "unknown").length;
  return (
    <p className="power-tally">
      <span>
        <b>{whole(on)}</b> of {whole(total)} outlets on
      </span>
      {drawn !== null && (
        <span>
          <b>{watts(drawn)}</b> measured
        </span>
      )}
      {doubted > 0 && (
        <span data-bad="true">
          <b className="figure">{whole(doubted)}</b> not believed
        </span>
      )}
      {unknown > 0 && (
        <span data-bad="true">
          <b className="figure">{whole(unknown)}</b> not known
        </span>
      )}
    </p>
  );
}

/** What is known of power, asked for while this page is open and seen; events of power hurry it. */
function usePowerNews(): { news: PowerNews; watch: PowerWatch | null } {
  const { rest, clock, twin } = useParts();
  // Made in an effect, so that a page that is drawn twice asks once.
  const [watch, setWatch] = useState<PowerWatch | null>(null);
  useEffect(() => {
    const isSeen = (): boolean => document.visibilityState === "visible";
    const made = new PowerWatch({ rest, clock, isSeen });
    setWatch(made);
    const onSeen = (): void => {
      if (isSeen()) made.hurry();
    };
    document.addEventListener("visibilitychange", onSeen);
    return () => {
      document.removeEventListener("visibilitychange", onSeen);
      made.close();
    };
  }, [rest, clock]);
  const newest = useSyncExternalStore(twin.subscribe, () => twin.events.find(isOfPower)?.id ?? null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new event is the reason to ask
  useEffect(() => watch?.askSoon(), [watch, newest]);
  const news = useSyncExternalStore(watch?.subscribe ?? nothing, watch?.news ?? noNews);
  return { news, watch };
}

const blank: PowerNews = { power: null, limits: [], plans: [], at: null, lostSince: null, problem: null };
const noNews = (): PowerNews => blank;
const nothing = () => () => undefined;
