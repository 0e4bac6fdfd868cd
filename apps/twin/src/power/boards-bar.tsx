import type { StateKind } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import { stateOf } from "../live/columns.ts";
import { useParts } from "../live/context.tsx";
import { whole } from "../parts/words.ts";

/** Where each board stands in the columns of the twin, by name; made once a layout, for all rows. */
export const IndexContext = createContext<ReadonlyMap<string, number>>(new Map());

/** States that the bar tells apart, in its order. */
const parts = ["up", "waking", "silent", "failed"] as const;

const partOf: Readonly<Partial<Record<StateKind, (typeof parts)[number]>>> = {
  ...{ up: "up", draining: "up", maintenance: "up", silent: "silent", failed: "failed" },
  ...{ powering: "waking", leasing: "waking", loading: "waking", starting: "waking" },
};

/** How some boards stand now, by the live stream: a bar, and the same in words. Drawn anew only when a count changed. */
export function BoardsBar({ names }: { names: readonly string[] }): ReactNode {
  const { twin } = useParts();
  const places = useContext(IndexContext);
  const indexes = useMemo(() => names.map((name) => places.get(name) ?? -1), [names, places]);
  const tell = (): string => {
    const counts = { up: 0, waking: 0, silent: 0, failed: 0 };
    for (const index of indexes) {
      const part = index < 0 ? undefined : partOf[stateOf(twin.columns, index)];
      if (part !== undefined) counts[part] += 1;
    }
    return parts.map((part) => counts[part]).join(" ");
  };
  const counts = useSyncExternalStore(twin.subscribe, tell).split(" ").map(Number);
  return (
    <span className="boards-bar">
      <span className="bar" aria-hidden="true">
        {parts.map((part, at) => (
          <i
            key={part}
            className={`bar-${part}`}
            style={{ width: `${((counts[at] ?? 0) / Math.max(1, names.length)) * 100}%` }}
          />
        ))}
      </span>
      <span className="boards-bar-words">
        {whole(counts[0] ?? 0)} of {whole(names.length)} up
        {parts.map((part, at) => (at > 0 && counts[at]! > 0 ? `, ${whole(counts[at]!)} ${part}` : ""))}
      </span>
    </span>
  );
}
