import type { ReactNode } from "react";
import { whole } from "../parts/words.ts";
import type { Load } from "./limits.ts";
import { amps, percent, watts } from "./words.ts";

/** One limit: measured in full, what is on at full work as a hatched rest, a mark at what is allowed for long. */
export function LoadBar({ load, volts }: { load: Load; volts: number }): ReactNode {
  const { limit, unit, used, allowed, measured, peak, share, why, count } = load;
  const end = Math.max(peak ?? allowed, used, measured ?? 0, 1);
  const at = (value: number): string => `${(value / end) * 100}%`;
  const isWatts = unit === "W";
  // Volts are those of the mains: a supply's own current is another.
  const isMains = isWatts && !limit.startsWith("supply ");
  const inAmps = isMains ? `, ${amps(used, volts)} of ${amps(allowed, volts)}` : "";
  const words = isWatts
    ? `${watts(used)} of ${watts(allowed)} at full work${inAmps}`
    : `${whole(used)} of ${whole(allowed)} boards on`;
  return (
    <div className="load" data-high={share > 1}>
      <p className="load-head">
        <b>{limit}</b>
        <span>
          {share > 1 && "over! "}
          {count > 1 && "each "}
          {percent(share)}
        </span>
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a <meter> cannot show two figures and a mark */}
      <div
        className="load-bar"
        role="meter"
        aria-label={limit}
        aria-valuemin={0}
        aria-valuemax={Math.round(allowed)}
        aria-valuenow={Math.round(Math.min(used, allowed))}
        aria-valuetext={`${words}${measured === null ? "" : `, ${watts(measured)} measured`}`}
      >
        <i className="load-full" style={{ width: at(used) }} />
        {measured !== null && <i className="load-measured" style={{ width: at(measured) }} />}
        {isWatts && <i className="load-mark" style={{ left: at(allowed) }} />}
      </div>
      <p className="load-words quiet">
        {measured === null
          ? isWatts && "by the file, "
          : `${watts(measured)} measured${isMains ? `, ${amps(measured, volts)}` : ""}; `}
        {words}
      </p>
      {why !== null && (
        <details className="why">
          <summary>why {isWatts ? watts(allowed) : `${whole(allowed)} boards`}?</summary>
          <p>
            {why.value}: {why.from}
          </p>
        </details>
      )}
    </div>
  );
}
