import type { ReactNode } from "react";
import { whole } from "../parts/words.ts";
import type { Load } from "./limits.ts";
import { amps, percent, watts } from "./words.ts";

/** One limit: what it carries now in full, measured or reckoned; what is on at full work as a hatched rest, a mark at what is allowed for long. */
export function LoadBar({ load, volts }: { load: Load; volts: number }): ReactNode {
  const { limit, unit, used, allowed, peak, share, why, count, now, stage } = load;
  const end = Math.max(peak ?? allowed, used, now?.most ?? 0, 1);
  const at = (value: number): string => `${(value / end) * 100}%`;
  const isWatts = unit === "W";
  // Volts are those of the mains: a supply's own current is another.
  const isMains = isWatts && !limit.startsWith("supply ");
  const inAmps = isMains ? `, ${amps(used, volts)} of ${amps(allowed, volts)}` : "";
  const carried = now === null ? "" : `${nowInWords(now)}${isMains ? `, ${amps(now.most, volts)}` : ""}; `;
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
        aria-valuetext={`${carried}${words}`}
      >
        <i className="load-full" style={{ width: at(used) }} />
        {now !== null && <i className="load-measured" style={{ width: at(now.most) }} />}
        {isWatts && <i className="load-mark" style={{ left: at(allowed) }} />}
      </div>
      <p className="load-words quiet">
        {carried}
        {words}
      </p>
      {stage !== "kept" && (
        <p className="load-stage">
          <span aria-hidden="true">!</span> {stages[stage]}
        </p>
      )}
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

/** `573 W measured`, `135 to 151 W reckoned`. */
function nowInWords({ least, most, isMeasured }: NonNullable<Load["now"]>): string {
  const figures =
    Math.round(least) === Math.round(most) ? watts(most) : `${whole(least)} to ${watts(Math.round(most))}`;
  return `${figures} ${isMeasured ? "measured" : "reckoned by what boards say"}`;
}

const stages: Readonly<Record<Exclude<Load["stage"], "kept">, string>> = {
  over: "It carries more than it may for long.",
  drained: "It carried too much: a group takes no more work.",
  thinned: "It carried too much: every second board of a group was asked to halt.",
  shed: "It carried too much: a group has lost its power.",
};
