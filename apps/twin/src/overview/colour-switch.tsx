import type { ReactNode } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import type { ColourBy } from "../picture/look.ts";
import { colourings } from "../picture/look.ts";

/** What the colours tell, with their scale. */
export function ColourSwitch({ value, onChange }: { value: ColourBy; onChange: (by: ColourBy) => void }): ReactNode {
  const chosen = colourings.find(({ id }) => id === value);
  return (
    <div className="stage-bar">
      <ToggleButtonGroup
        className="segments"
        aria-label="Colour by"
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[value]}
        onSelectionChange={(keys) => {
          for (const key of keys) onChange(key as ColourBy);
        }}
      >
        {colourings.map(({ id, label }) => (
          <ToggleButton key={id} id={id}>
            {label}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {chosen !== undefined && chosen.low !== "" && (
        <p className="scale" data-ramp={value}>
          <span>{chosen.low}</span>
          <i className="scale-ramp" aria-hidden="true" />
          <span>{chosen.high}</span>
        </p>
      )}
    </div>
  );
}
