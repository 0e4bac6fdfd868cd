import type { StateKind } from "@bramble/core/observe";
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";
import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { readRow } from "../live/columns.ts";
import { useParts, useTwin } from "../live/context.tsx";
import { describe, figures } from "../parts/words.ts";
import type { ColourBy } from "./look.ts";
import { usePainting } from "./use-painting.ts";
import type { View } from "./view.ts";
import { boardAt, neighbour, rectOf, viewOf } from "./view.ts";

/** What the picture is asked to show. */
export type PictureProps = {
  readonly colourBy: ColourBy;
  readonly only: ReadonlySet<StateKind>;
  readonly selected: number;
  readonly onSelect: (index: number) => void;
};

/** The unfolded cluster: a canvas for the boards and lights, text over it for the names of racks and banks. */
export function Picture({ colourBy, only, selected, onSelect }: PictureProps): ReactNode {
  const twin = useTwin();
  const { clock } = useParts();
  const frame = useRef<HTMLElement>(null);
  const help = useId();
  const [room, setRoom] = useState<{ width: number; height: number; dpr: number } | null>(null);
  const [pointed, setPointed] = useState(-1);
  const [isKeyed, setIsKeyed] = useState(false);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = (): void =>
      setRoom({
        width: element.clientWidth,
        height: element.clientHeight,
        dpr: Math.min(3, window.devicePixelRatio || 1),
      });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const { layout } = twin;
  const view = useMemo(
    () => (layout === null || room === null || room.width === 0 ? null : viewOf(layout, room)),
    [layout, room],
  );
  const canvas = usePainting({ view, colourBy, only, selected, pointed });

  useEffect(() => {
    const element = frame.current;
    // On a phone the panel rises over the lower half: bring the board above it.
    if (element === null || view === null || selected < 0 || !window.matchMedia("(max-width: 1000px)").matches) return;
    const top = element.getBoundingClientRect().top + window.scrollY + rectOf(view, selected)[1];
    window.scrollTo({ top: Math.max(0, top - window.innerHeight * 0.22) });
  }, [selected, view]);

  const onPointer = useCallback(
    (event: PointerEvent<HTMLElement>): number => {
      if (view === null) return -1;
      const bounds = event.currentTarget.getBoundingClientRect();
      return boardAt(
        view,
        event.clientX - bounds.left,
        event.clientY - bounds.top,
        event.pointerType === "touch" ? 14 : 5,
      );
    },
    [view],
  );

  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    if (view === null) return;
    const current = pointed >= 0 ? pointed : selected;
    if (event.key.startsWith("Arrow") && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      setIsKeyed(true);
      setPointed(current < 0 ? (view.page.boards[0]?.index ?? -1) : neighbour(view, current, event.key as "ArrowLeft"));
    } else if ((event.key === "Enter" || event.key === " ") && current >= 0) {
      event.preventDefault();
      onSelect(current);
    } else if (event.key === "Escape") setPointed(-1);
  };

  const words = pointed < 0 ? "" : `${twin.names[pointed] ?? ""}, ${describe(readRow(twin.columns, pointed))}`;
  return (
    <figure
      ref={frame}
      className="picture"
      data-link={twin.link.kind}
      style={view === null ? undefined : { minHeight: view.height }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture is a widget of its own with arrow keys
      tabIndex={0}
      role="application"
      aria-label="All boards, unfolded"
      aria-describedby={help}
      onKeyDown={onKey}
      onPointerMove={(event) => {
        if (event.pointerType === "touch") return;
        setIsKeyed(false);
        setPointed(onPointer(event));
      }}
      onPointerLeave={() => setPointed(-1)}
      onBlur={() => setPointed(-1)}
      onClick={(event) => onSelect(onPointer(event as unknown as PointerEvent<HTMLElement>))}
    >
      <span id={help} className="unseen">
        Arrow keys move from board to board, Enter opens one. The list “All boards” below has the same facts as text.
      </span>
      <span className="unseen" role="status">
        {isKeyed ? words : ""}
      </span>
      {view !== null && <Frames view={view} />}
      {canvas}
      {view !== null && <Labels view={view} />}
      {view !== null && pointed >= 0 && <Tip view={view} index={pointed} now={clock.now()} />}
      {view === null && <p className="picture-wait">Waiting for the head to tell what there is …</p>}
    </figure>
  );
}

/** The racks' and the lamp's housings, behind the boards. */
function Frames({ view }: { view: View }): ReactNode {
  const [first, last] = [view.lights[0], view.lights.at(-1)];
  return (
    <div aria-hidden="true">
      {view.isFramed &&
        view.racks.map(({ id, x, y, width, height }) => (
          <i key={id} className="frame" style={{ left: x - 33, top: y - 33, width: width + 41, height: height + 42 }} />
        ))}
      {first !== undefined && last !== undefined && (
        <i
          className="frame frame-lamp"
          style={{
            left: first.x - first.radius * 2.6,
            top: first.y - first.radius * 2.2,
            width: last.x - first.x + first.radius * 5.2,
            height: first.radius * 4.4,
          }}
        />
      )}
    </div>
  );
}

/** The names of racks, banks and the strangers' row. They repeat what the list says, so screen readers skip them. */
function Labels({ view }: { view: View }): ReactNode {
  return (
    <div aria-hidden="true" className="labels">
      {view.racks.map((rack) => (
        <span key={rack.id} className="label-rack" style={{ left: rack.x, top: rack.y - 26, width: rack.width }}>
          <b>{rack.label || rack.id}</b> {rack.id}
        </span>
      ))}
      {view.racks.flatMap((rack) =>
        rack.banks.map((bank) => (
          <span
            key={bank.id}
            className="label-bank"
            style={{ left: bank.x - 30, top: bank.y, height: bank.height, lineHeight: `${bank.height}px` }}
          >
            {bank.id}
          </span>
        )),
      )}
      {view.others !== null && (
        <span
          className="label-rack"
          style={
            view.others.width < view.width / 2
              ? { left: view.others.x + view.others.width + 10, top: view.others.y + view.others.height / 2 - 9 }
              : { left: view.others.x, top: view.others.y - 26 }
          }
        >
          <b>Others</b> not in the cluster file
        </span>
      )}
    </div>
  );
}

/** What a board is, beside the pointer. */
function Tip({ view, index }: { view: View; index: number; now: number }): ReactNode {
  const twin = useTwin();
  const [x, y, width, height] = rectOf(view, index);
  const row = readRow(twin.columns, index);
  const board = twin.layout?.boards.find((each) => each.index === index);
  const isLow = y > 90;
  const place = {
    left: Math.max(96, Math.min(view.width - 96, x + width / 2)),
    top: isLow ? y - 10 : y + height + 10,
  };
  return (
    <div className="tip" data-above={isLow} style={place} aria-hidden="true">
      <p>
        <b>{twin.names[index]}</b>
        <span className="tip-place">
          {board?.bank === null || board === undefined ? "" : `${board.bank} · ${board.slot}`}
        </span>
      </p>
      <p className="tip-state">{describe(row)}</p>
      <p className="tip-figures">{figures(row)}</p>
    </div>
  );
}
