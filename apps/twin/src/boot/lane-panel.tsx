import type { LaneAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { LaneBrief } from "@bramble/core/boot";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "wouter";
import { useParts } from "../live/context.tsx";
import { LaneFiles, LaneSteps, LaneWire } from "./lane-details.tsx";
import { columns } from "./lanes.ts";
import { PlanDialog } from "./plan-dialog.tsx";
import { planWords } from "./plans.ts";
import { time } from "./words.ts";

/** What the panel needs. */
export type LanePanelProps = {
  readonly name: string;
  /** What the chart shows, so that one may go from board to board. */
  readonly lanes: readonly LaneBrief[];
  readonly onBoard: (name: string) => void;
  readonly onClose: () => void;
  /** Something was changed: ask again at once. */
  readonly onChanged: () => void;
};

/** Everything about one board's boot: its steps beside those of the boot before, its files, what the servers saw. */
export function LanePanel({ name, lanes, onBoard, onClose, onChanged }: LanePanelProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const { lane, problem } = useLane(name);
  const [isChanging, setIsChanging] = useState(false);
  const [told, setTold] = useState("");
  const at = lanes.findIndex(({ board }) => board === name);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another board is another beginning
  useEffect(() => {
    setTold("");
    heading.current?.focus({ preventScroll: true });
  }, [name]);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented || isChanging) return;
      onClose();
      document.querySelector<HTMLElement>(".lanes")?.focus({ preventScroll: true });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onClose, isChanging]);

  return (
    <aside className="panel lane-panel" aria-labelledby="panel-title">
      <header>
        <div>
          <h2 id="panel-title" ref={heading} tabIndex={-1}>
            {name}
          </h2>
          <p className="quiet">{lane === null ? " " : (lane.client ?? "not heard yet")}</p>
        </div>
        <span className="panel-steps">
          {([-1, 1] as const).map((by) => {
            const other = at < 0 ? undefined : lanes[at + by];
            return (
              <Button
                key={by}
                className="icon-button"
                aria-label={by < 0 ? "The board before" : "The next board"}
                isDisabled={other === undefined}
                onPress={() => other !== undefined && onBoard(other.board)}
              >
                <span aria-hidden="true">{by < 0 ? "‹" : "›"}</span>
              </Button>
            );
          })}
          <Button className="icon-button" aria-label="Close" onPress={onClose}>
            <span aria-hidden="true">✕</span>
          </Button>
        </span>
      </header>
      {problem !== null && <p className="problem">{problem}</p>}
      {lane !== null && (
        <>
          <p className="lane-now" data-state={lane.state}>
            {nowInWords(lane)}
          </p>
          {lane.diagnosis !== null && (
            <div className="diagnosis">
              <p>{lane.diagnosis.cause}</p>
              <p>
                <b>What to do:</b> {lane.diagnosis.advice}
              </p>
              <p className="quiet">Known from: {lane.diagnosis.source}</p>
            </div>
          )}
          <div className="plan">
            <p>
              Boots <b>{lane.plan.plan}</b>: {planWords[lane.plan.plan]}
              <br />
              <span className="quiet">{whoSaid(lane)}</span>
            </p>
            <Button className="button" onPress={() => setIsChanging(true)}>
              Change …
            </Button>
          </div>
          <p className="plan-told" role="status">
            {told}
          </p>
          <LaneSteps lane={lane} />
          <LaneFiles lane={lane} />
          <LaneWire lane={lane} />
          <dl className="facts">
            <Fact label="MAC" value={lane.mac} />
            <Fact label="address" value={lane.address} />
            <Fact label="boots since the head started" value={String(lane.attempt)} />
            <Fact label="of those since its power came" value={String(lane.attemptsSincePower)} />
          </dl>
          <p className="panel-link">
            <Link href={`/?board=${encodeURIComponent(name)}`}>
              {name} in the overview: its heat, load and processes
            </Link>
          </p>
        </>
      )}
      <details className="curl">
        <summary>The same as a command</summary>
        <pre className="code">{`curl ${window.location.origin}/api/v1/boot/lanes/${name}\nbramble boot show ${name}`}</pre>
      </details>
      {lane !== null && isChanging && (
        <PlanDialog
          board={name}
          now={lane.plan.plan}
          onClose={() => setIsChanging(false)}
          onDone={(words) => {
            setIsChanging(false);
            setTold(words);
            onChanged();
          }}
        />
      )}
    </aside>
  );
}

/** A board's lane, asked for once a second while the page is seen; what is known stays when the head falls silent. */
function useLane(name: string): { lane: LaneAnswer | null; problem: string | null } {
  const { rest, clock } = useParts();
  const [known, setKnown] = useState<LaneAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    let isAsking = false;
    setProblem(null);
    const ask = async (): Promise<void> => {
      if (isAsking || document.visibilityState !== "visible") return;
      isAsking = true;
      try {
        setKnown(await rest.get<LaneAnswer>(`/boot/lanes/${encodeURIComponent(name)}`, ended.signal));
        setProblem(null);
      } catch (thrown) {
        if (!ended.signal.aborted) setProblem(messageOf(thrown));
      } finally {
        isAsking = false;
      }
    };
    void ask();
    const timer = clock.every(1000, () => void ask());
    return () => {
      timer.cancel();
      ended.abort();
    };
  }, [name, rest, clock]);
  // Another board's facts must not stand under this name.
  return { lane: known?.board === name ? known : null, problem };
}

function nowInWords({ state, at, tookMs }: LaneAnswer): string {
  const where = columns.find(({ id }) => id === (at ?? "power"));
  const after = tookMs === null ? "" : ` after ${time(tookMs)}`;
  switch (state) {
    case "idle":
      return at === null ? "Not booting; no boot was seen." : `No power now; it was at ${where?.label}.`;
    case "waiting":
      return "It has power and was not heard yet.";
    case "booting":
      return `At ${where?.label}: ${where?.does}${after === "" ? "" : `;${after.replace(" after", "")} so far`}.`;
    case "up":
      return tookMs === null ? "Up; its boot was not seen." : `Up${after}.`;
    case "stopped":
      return `✕ Stopped at ${where?.label}${after}.`;
  }
}

function whoSaid({ plan: { from } }: LaneAnswer): string {
  if (from === "operator") return "an operator said so";
  return from === "file" ? "the cluster file says so" : "no slot of the cluster file holds it";
}

function Fact({ label, value }: { label: string; value: string | null }): ReactNode {
  if (value === null) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
