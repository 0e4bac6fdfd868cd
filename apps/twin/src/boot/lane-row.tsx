import type { LaneBrief } from "@bramble/core/boot";
import type { ReactNode } from "react";
import { memo } from "react";
import type { Longest } from "./lanes.ts";
import { cellsOf, columnOf, columns, extras, faultWords, sentence, standing } from "./lanes.ts";

/** What a row needs. */
export type LaneRowProps = {
  readonly lane: LaneBrief;
  readonly longest: Longest;
  readonly id: string;
  readonly place: number;
  readonly count: number;
  readonly top: number;
  readonly height: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  /** A name, a standing and a strip of ten, for a phone. */
  readonly isShort: boolean;
  readonly onPress: (name: string) => void;
};

const marks = { idle: "○", waiting: "…", booting: "▸", up: "✓", stopped: "✕" } as const;

/** One board's boot as one row; drawn anew only when something of it changed. */
export const LaneRow = memo(function LaneRow(props: LaneRowProps): ReactNode {
  const { lane, longest, isShort, height } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the list
    <div
      id={props.id}
      className="lane"
      role="option"
      tabIndex={-1}
      aria-selected={props.isSelected}
      aria-posinset={props.place}
      aria-setsize={props.count}
      data-state={lane.state}
      data-trouble={lane.fault !== null}
      data-active={props.isActive}
      style={{ top: props.top, height }}
      onClick={() => props.onPress(lane.board)}
    >
      <span className="unseen">{sentence(lane)}</span>
      <span className="lane-seen" aria-hidden="true">
        <span className="lane-name">
          <i className="lane-mark">{marks[lane.state]}</i> {lane.board}
        </span>
        {isShort ? <Short lane={lane} longest={longest} /> : <Wide lane={lane} longest={longest} />}
      </span>
    </div>
  );
});

function Wide({ lane, longest }: { lane: LaneBrief; longest: Longest }): ReactNode {
  const stands = columnOf(lane);
  const isStopped = lane.state === "stopped";
  // A board that did not boot has one thing to say.
  if (lane.state === "idle" || (lane.state === "up" && lane.attempt === 0))
    return <span className="lane-note quiet">{standing(lane)}</span>;
  const more = extras(lane);
  return (
    <>
      {cellsOf(lane, longest).map((cell, index) =>
        cell.kind === "ahead" || (cell.kind === "passed" && cell.text === "") ? null : (
          <span
            key={columns[index]!.id}
            className="cell"
            data-kind={cell.kind}
            data-step={columns[index]!.id}
            style={{ gridColumn: index + 2 }}
          >
            {"share" in cell && <i className="cell-bar" style={{ width: `${Math.round(cell.share * 100)}%` }} />}
            <b className="cell-text">
              {cell.kind === "stopped" ? "✕ " : ""}
              {"text" in cell ? cell.text : "–"}
            </b>
          </span>
        ),
      )}
      {isStopped ? (
        <span className="lane-why" style={{ gridColumn: `${stands + 3} / -1` }}>
          {more !== "" && <span className="lane-extras">{more} </span>}
          {lane.fault === null ? "no sign any more" : faultWords(lane.fault)}
        </span>
      ) : (
        <span className="lane-more">
          {lane.fault !== null && <b className="lane-fault">{faultWords(lane.fault)} </b>}
          {more}
        </span>
      )}
    </>
  );
}

function Short({ lane, longest }: { lane: LaneBrief; longest: Longest }): ReactNode {
  return (
    <>
      <span className="lane-standing">{standing(lane)}</span>
      <span className="lane-strip">
        {cellsOf(lane, longest).map((cell, index) => (
          <i key={columns[index]!.id} className="strip-part" data-kind={cell.kind} />
        ))}
      </span>
      <span className="lane-more">{extras(lane)}</span>
    </>
  );
}
