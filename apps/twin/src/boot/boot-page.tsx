import type { ReactNode } from "react";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useSearchParams } from "wouter";
import { useParts, useTwin } from "../live/context.tsx";
import { span, whole } from "../parts/words.ts";
import "../style/boot.css";
import "../style/boot-lanes.css";
import "../style/boot-panel.css";
import { Chosen } from "./chosen.tsx";
import { LaneChart } from "./lane-chart.tsx";
import { LanePanel } from "./lane-panel.tsx";
import { LaneTable } from "./lane-table.tsx";
import type { LaneOrder } from "./lanes.ts";
import { orders, sortLanes } from "./lanes.ts";
import { Servers } from "./servers.tsx";
import { StepCounts } from "./step-counts.tsx";
import { Troubles } from "./troubles.tsx";
import { viewFrom } from "./view.ts";
import type { BootNews } from "./watch.ts";
import { BootWatch } from "./watch.ts";
import { time } from "./words.ts";

/** How boards boot: where each stands, where some stopped and why. */
export function BootPage(): ReactNode {
  const twin = useTwin();
  const { clock } = useParts();
  const [params, setParams] = useSearchParams();
  const view = viewFrom(params);
  const { news, hurry } = useBootNews(params);
  const name = params.get("board");
  const order = orders.find(({ id }) => id === params.get("order"))?.id ?? "place";
  const lanes = useMemo(() => sortLanes(news.lanes, order), [news.lanes, order]);

  const change = useCallback(
    (changes: Readonly<Record<string, string | null>>) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [key, value] of Object.entries(changes)) {
            if (value === null || value === "") after.delete(key);
            else after.set(key, value);
          }
          return after;
        },
        { replace: true },
      ),
    [setParams],
  );
  const select = useCallback((board: string | null) => change({ board }), [change]);
  const wave = twin.cluster?.bringUp ?? null;
  const { boot } = news;
  const onWay = boot === null ? 0 : boot.states.waiting + boot.states.booting;

  return (
    <div className="boot" data-lost={news.lostSince !== null}>
      <section className="boot-stage" aria-label="Boots">
        <header className="boot-head">
          <h1>Boot</h1>
          {boot !== null && (
            <p className="boot-tally">
              <span>
                <b>{whole(onWay)}</b> on their way
              </span>
              <span data-bad={boot.states.stopped > 0}>
                <b className="figure">{whole(boot.states.stopped)}</b> stopped
              </span>
              <span>
                <b>{whole(boot.states.up)}</b> up
              </span>
              {wave !== null && !wave.done && (
                <span className="quiet">
                  wave {wave.wave} of {wave.waves}: {wave.groups.join(", ")}
                  {wave.waveExpected > 0 && `, ${whole(wave.waveUp)} of ${whole(wave.waveExpected)} up`}
                </span>
              )}
              {boot.took.medianMs !== null && boot.took.slowestMs !== null && (
                <span className="quiet">
                  half of them up within {time(boot.took.medianMs)}, the slowest in {time(boot.took.slowestMs)}
                </span>
              )}
            </p>
          )}
          {news.lostSince !== null && (
            <p className="boot-age" role="status">
              The head does not answer
              {news.at !== null && (
                <span aria-hidden="true"> · what is shown is {span(clock.now() - news.at)} old</span>
              )}
            </p>
          )}
        </header>
        {news.problem !== null && (
          <p className="problem" role="alert">
            {news.problem}
          </p>
        )}
        <Chosen
          view={view}
          words={news.words}
          groups={boot?.groups ?? []}
          order={order}
          onOrder={(id: LaneOrder) => change({ order: id === "place" ? null : id })}
          onView={(show, set) => change({ show, set })}
        />
        <StepCounts boot={boot} />
        {boot === null && news.problem === null && <p className="waiting">Asking the head …</p>}
        {boot !== null && lanes.length === 0 && news.problem === null && (
          <p className="boot-none quiet">
            {view.kind === "stopped" ? "No board has stopped." : "No board is here to show: none is booting now."}
          </p>
        )}
        {lanes.length > 0 && <LaneChart lanes={lanes} selected={name} onSelect={select} />}
      </section>
      <aside className="rail boot-rail" aria-label="Troubles and servers" data-panel={name !== null}>
        <Troubles boot={boot} onBoard={select} onSet={(set) => change({ set, show: null })} />
        <Servers boot={boot} />
      </aside>
      {name !== null && (
        <LanePanel name={name} lanes={lanes} onBoard={select} onClose={() => select(null)} onChanged={hurry} />
      )}
      <LaneTable lanes={lanes} onBoard={select} />
    </div>
  );
}

/** What is known of booting, asked for while this page is open and seen. */
function useBootNews(params: URLSearchParams): { news: BootNews; hurry: () => void } {
  const { twin, rest, clock } = useParts();
  // Made in an effect, so that a page that is drawn twice asks once.
  const [watch, setWatch] = useState<BootWatch | null>(null);
  const key = `${params.get("show")} ${params.get("set")}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new view is handed on below, not a new watch
  useEffect(() => {
    const isSeen = (): boolean => document.visibilityState === "visible";
    const wave = (): readonly string[] => twin.cluster?.bringUp?.groups ?? [];
    const made = new BootWatch({ rest, clock, wave, isSeen }, viewFrom(params));
    setWatch(made);
    const onSeen = (): void => {
      if (isSeen()) made.hurry();
    };
    document.addEventListener("visibilitychange", onSeen);
    return () => {
      document.removeEventListener("visibilitychange", onSeen);
      made.close();
    };
  }, [twin, rest, clock]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key tells what of the params counts
  useEffect(() => watch?.setView(viewFrom(params)), [watch, key]);
  const news = useSyncExternalStore(watch?.subscribe ?? nothing, watch?.news ?? noNews);
  return { news, hurry: useCallback(() => watch?.hurry(), [watch]) };
}

const blank: BootNews = { boot: null, lanes: [], words: null, at: null, lostSince: null, problem: null };
const noNews = (): BootNews => blank;
const nothing = () => () => undefined;
