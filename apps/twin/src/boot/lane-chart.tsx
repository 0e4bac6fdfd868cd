import type { LaneBrief } from "@bramble/core/boot";
import type { KeyboardEvent, ReactNode } from "react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { LaneRow } from "./lane-row.tsx";
import { longestOf } from "./lanes.ts";
import { rowHeight, rowsInSight } from "./window.ts";

/** What the chart needs. */
export type LaneChartProps = {
  readonly lanes: readonly LaneBrief[];
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
};

const short = "(max-width: 760px)";

/**
 * One row a board, one column a step. A list in which arrows go from board to board; only rows in sight are drawn, so
 * that a thousand boards cost no more than forty.
 */
export function LaneChart({ lanes, selected, onSelect }: LaneChartProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const { height, top, isShort } = useSight(box);
  const [active, setActive] = useState<string | null>(null);
  const longest = useScale(lanes);
  const each = rowHeight(height, isShort);
  const chosen = lanes.findIndex(({ board }) => board === (active ?? selected));
  const { from, to } = rowsInSight({ top, height, each, count: lanes.length });

  const go = (to: number): void => {
    const at = Math.max(0, Math.min(lanes.length - 1, to));
    setActive(lanes[at]!.board);
    const element = box.current;
    if (element === null) return;
    if (at * each < element.scrollTop) element.scrollTop = at * each;
    else if ((at + 1) * each > element.scrollTop + element.clientHeight)
      element.scrollTop = (at + 1) * each - element.clientHeight;
  };
  const onKey = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / each) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (by !== undefined) go(chosen < 0 ? 0 : chosen + by);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(lanes.length - 1);
    else if ((event.key === "Enter" || event.key === " ") && chosen >= 0) onSelect(lanes[chosen]!.board);
    else return;
    event.preventDefault();
  };

  const drawn = lanes.slice(from, to).map((lane, index) => ({ lane, index: from + index }));
  // What has the keys is there for a screen reader, in sight or not.
  if (chosen >= 0 && (chosen < from || chosen >= to)) drawn.push({ lane: lanes[chosen]!, index: chosen });
  return (
    <div
      ref={box}
      className="lanes"
      role="listbox"
      tabIndex={0}
      aria-label="Boards and how they boot"
      aria-activedescendant={chosen < 0 ? undefined : `${id}-${lanes[chosen]!.board}`}
      data-short={isShort}
      onKeyDown={onKey}
      onFocus={() => chosen < 0 && setActive(lanes[from]?.board ?? null)}
    >
      <div className="lanes-all" role="presentation" style={{ height: lanes.length * each }}>
        {drawn.map(({ lane, index }) => (
          <LaneRow
            key={lane.board}
            lane={lane}
            longest={longest}
            id={`${id}-${lane.board}`}
            place={index + 1}
            count={lanes.length}
            top={index * each}
            height={each}
            isActive={index === chosen}
            isSelected={lane.board === selected}
            isShort={isShort}
            onPress={(name) => {
              setActive(name);
              onSelect(name);
            }}
          />
        ))}
      </div>
    </div>
  );
}

/** How much of the list is seen: its height, how far it was scrolled, and whether it is that of a phone. */
function useSight(box: { readonly current: HTMLDivElement | null }) {
  const [sight, setSight] = useState({ height: 640, top: 0, isShort: window.matchMedia(short).matches });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void =>
      setSight((before) => {
        const { clientHeight: height, scrollTop: top } = element;
        const isShort = window.matchMedia(short).matches;
        return before.height === height && before.top === top && before.isShort === isShort
          ? before
          : { height, top, isShort };
      });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [box]);
  return sight;
}

/** The scale of the bars: the same object as long as it is the same, so that rows need not be drawn anew. */
function useScale(lanes: readonly LaneBrief[]) {
  const text = useMemo(() => JSON.stringify(longestOf(lanes)), [lanes]);
  return useMemo(() => JSON.parse(text) as ReturnType<typeof longestOf>, [text]);
}
