import type { StateKind } from "@bramble/core/observe";
import { stateKinds } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import { countStates } from "../live/columns.ts";
import { useTwin } from "../live/context.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { whole } from "../parts/words.ts";

/** What is asked of a legend. */
export type LegendProps = {
  readonly only: ReadonlySet<StateKind>;
  readonly onChange: (only: ReadonlySet<StateKind>) => void;
};

/** Boards by state. Pressing one leaves only its boards at full strength. */
export function Legend({ only, onChange }: LegendProps): ReactNode {
  const twin = useTwin();
  const counts = countStates(twin.columns);
  return (
    <section className="card legend" aria-labelledby="legend-title">
      <header>
        <h2 id="legend-title">States</h2>
        {only.size > 0 && (
          <Button className="link-button" onPress={() => onChange(new Set())}>
            show all
          </Button>
        )}
      </header>
      <ToggleButtonGroup
        className="legend-list"
        aria-labelledby="legend-title"
        selectionMode="multiple"
        selectedKeys={only}
        onSelectionChange={(keys) => onChange(new Set([...keys] as StateKind[]))}
      >
        {stateKinds.map((kind, at) => {
          const count = counts[at] ?? 0;
          return (
            <ToggleButton key={kind} id={kind} className="legend-item" data-none={count === 0}>
              <Swatch state={kind} />
              <span>{kind}</span>
              <b>{whole(count)}</b>
            </ToggleButton>
          );
        })}
      </ToggleButtonGroup>
    </section>
  );
}
