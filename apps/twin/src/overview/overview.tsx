import type { StateKind } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { useCallback, useState } from "react";
import { useSearchParams } from "wouter";
import { AllBoards } from "../boards/all-boards.tsx";
import { useTwin } from "../live/context.tsx";
import { colourings } from "../picture/look.ts";
import { Picture } from "../picture/picture.tsx";
import { BoardPanel } from "./board-panel.tsx";
import { BringUp } from "./bring-up.tsx";
import { ColourSwitch } from "./colour-switch.tsx";
import { Counters } from "./counters.tsx";
import { Events } from "./events.tsx";
import { Legend } from "./legend.tsx";

/** The first thing anybody sees: all boards in one picture, and beside it what they do. */
export function Overview(): ReactNode {
  const twin = useTwin();
  const [params, setParams] = useSearchParams();
  const [only, setOnly] = useState<ReadonlySet<StateKind>>(new Set());
  const name = params.get("board");
  const selected = twin.indexOf(name);
  const colourBy = colourings.find(({ id }) => id === params.get("colour"))?.id ?? "temperature";

  const change = useCallback(
    (key: "board" | "colour", value: string | null) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === null) after.delete(key);
          else after.set(key, value);
          return after;
        },
        { replace: true },
      ),
    [setParams],
  );
  const select = useCallback((board: string | null) => change("board", board), [change]);

  return (
    <div className="overview">
      <h1 className="unseen">Overview of {twin.cluster?.name ?? "the cluster"}</h1>
      <section className="stage" aria-label="Picture of all boards">
        <ColourSwitch value={colourBy} onChange={(by) => change("colour", by)} />
        <Picture
          colourBy={colourBy}
          only={only}
          selected={selected}
          onSelect={(index) => select(index < 0 ? null : (twin.names[index] ?? null))}
        />
        <Counters />
      </section>
      <aside className="rail" aria-label="What they do" data-panel={name !== null}>
        <BringUp />
        <Legend only={only} onChange={setOnly} />
        <Events onBoard={select} />
      </aside>
      {name !== null && <BoardPanel name={name} onClose={() => select(null)} onBoard={select} />}
      <AllBoards onBoard={select} />
    </div>
  );
}
