import type { PowerOutletBody } from "@bramble/core/api";
import type { ReactNode } from "react";
import { useContext, useMemo } from "react";
import { Button } from "react-aria-components/Button";
import { Checkbox } from "react-aria-components/Checkbox";
import { TreeItemContent } from "react-aria-components/Tree";
import { Link } from "wouter";
import { readRow } from "../live/columns.ts";
import { useTwin } from "../live/context.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { describe } from "../parts/words.ts";
import { BoardsBar, IndexContext } from "./boards-bar.tsx";
import type { OutletNode, PduNode, Standing, ThingNode } from "./graph.ts";
import { boardsBehind, remarkOf } from "./graph.ts";
import { StandingMark, standingWords } from "./standing-mark.tsx";
import { count, watts } from "./words.ts";

/** A row's frame: what opens it, what chooses it, then what it says. */
export function Row({ children }: { children: ReactNode }): ReactNode {
  return (
    <TreeItemContent>
      {({ hasChildItems, isExpanded, selectionMode }) => (
        <div className="power-row">
          {hasChildItems ? (
            <Button slot="chevron" className="chevron">
              <span aria-hidden="true">{isExpanded ? "▾" : "▸"}</span>
            </Button>
          ) : (
            <span className="chevron" aria-hidden="true" />
          )}
          {selectionMode !== "none" && (
            <Checkbox slot="selection" className="pick">
              {({ isSelected, isIndeterminate }) => (
                <span className="pick-box" data-is={isIndeterminate ? "part" : isSelected ? "all" : "none"}>
                  <span aria-hidden="true">{isIndeterminate ? "–" : isSelected ? "✓" : ""}</span>
                </span>
              )}
            </Checkbox>
          )}
          {children}
        </div>
      )}
    </TreeItemContent>
  );
}

/** A PDU: how many of its outlets are on, what they draw, and whether it answers. */
export function PduRow({ node }: { node: PduNode }): ReactNode {
  const { id, pdu, on, total, outlets } = node;
  const boards = useMemo(() => outlets.flatMap(boardsBehind), [outlets]);
  const isAway = pdu.error !== null;
  return (
    <>
      <span className="power-name">
        <b>{id}</b> <span className="quiet">{pdu.driver}</span>
      </span>
      <span className="power-standing" data-is={isAway ? "unknown" : "on"}>
        {isAway ? <StandingMark standing="unknown" /> : null}
        {isAway ? "does not answer" : `${on} of ${count(total, "outlet")} on`}
      </span>
      <span className="power-boards">
        {boards.length > 0 && <BoardsBar names={boards} />}
        {outlets.length < total && `${total - outlets.length} of them hang behind others`}
      </span>
      <span className="power-watts">{pdu.watts === null ? "" : watts(pdu.watts)}</span>
      {isAway && <span className="power-remark">{pdu.error}</span>}
    </>
  );
}

/** An outlet: whether it is on, what it feeds, how its boards stand, what it draws. */
export function OutletRow({ node }: { node: OutletNode }): ReactNode {
  const boards = useMemo(() => boardsBehind(node), [node]);
  const { id, outlet, standing, things, names } = node;
  const remark = remarkOf(outlet);
  // A board with an outlet of its own is told at once: its row may be folded.
  const feeds = [...things.map((thing) => thing.id), ...(names.length === 1 ? names : [])].join(", ");
  const circuit = outlet.circuit === id ? "" : outlet.circuit;
  return (
    <>
      <span className="power-name">
        <b>{id}</b> {circuit}
        {feeds !== "" && <span className="quiet"> {feeds}</span>}
      </span>
      <Word standing={standing} />
      <span className="power-boards">{boards.length > 0 && <BoardsBar names={boards} />}</span>
      <span className="power-watts">
        {outlet.watts === null ? "" : watts(outlet.watts)}
        {outlet.most > 0 && <span className="quiet"> of {watts(outlet.most)}</span>}
      </span>
      {remark !== null && (
        <span className="power-remark" data-bad={standing === "doubted" || outlet.error !== null}>
          {remark}
        </span>
      )}
    </>
  );
}

/** A supply, a switch or a device: it has power when its outlet has. */
export function ThingRow({ thing, standing }: { thing: ThingNode; standing: Standing }): ReactNode {
  return (
    <>
      <span className="power-name">
        <b>{thing.id}</b> <span className="quiet">{thing.kind === thing.id ? "" : thing.kind}</span>
      </span>
      <Word standing={standing} />
    </>
  );
}

/** All boards directly on an outlet. */
export function BoardsRow({ outlet, names }: { outlet: PowerOutletBody; names: readonly string[] }): ReactNode {
  return (
    <>
      <span className="power-name">
        <b>{count(names.length, "board")}</b> <span className="quiet">{outlet.set}</span>
      </span>
      <span className="power-standing" />
      <span className="power-boards">
        <BoardsBar names={names} />
      </span>
    </>
  );
}

/** One board, as the live stream tells of it. */
export function BoardRow({ name }: { name: string }): ReactNode {
  const twin = useTwin();
  const index = useContext(IndexContext).get(name) ?? -1;
  const row = index < 0 ? null : readRow(twin.columns, index);
  return (
    <>
      <span className="power-name power-board">
        {row !== null && <Swatch state={row.state} />}
        <Link href={`/?board=${encodeURIComponent(name)}`}>{name}</Link>
      </span>
      <span className="power-standing power-wide">{row === null ? "not heard of yet" : describe(row)}</span>
    </>
  );
}

function Word({ standing }: { standing: Standing }): ReactNode {
  return (
    <span className="power-standing" data-is={standing}>
      <StandingMark standing={standing} />
      {standingWords[standing]}
    </span>
  );
}
