import type { ReactNode } from "react";
import { countStates, stateOf } from "../live/columns.ts";
import { useTwin } from "../live/context.tsx";
import { Swatch } from "../parts/swatch.tsx";
import { whole } from "../parts/words.ts";

/** How many are up; and while groups are brought up, which wave it is and who is missing. */
export function BringUp(): ReactNode {
  const twin = useTwin();
  const counts = countStates(twin.columns);
  const up = counts[5] ?? 0;
  const [silent, failed] = [counts[6] ?? 0, counts[7] ?? 0];
  const waking = (counts[1] ?? 0) + (counts[2] ?? 0) + (counts[3] ?? 0) + (counts[4] ?? 0);
  const total = Math.max(twin.cluster?.expected ?? 0, twin.columns.count);
  const wave = twin.cluster?.bringUp ?? null;
  // Boards that were given up and came after all are missing no longer.
  const missing = (wave?.missing ?? []).filter((name) => stateOf(twin.columns, twin.indexOf(name)) !== "up");
  const part = (count: number): string => `${total === 0 ? 0 : (count / total) * 100}%`;
  return (
    <section className="card bring-up" aria-label="Bring-up">
      <p className="big">
        <b>{whole(up)}</b>
        <span className="big-of">
          of {whole(total)}
          <br />
          boards up
        </span>
      </p>
      <div
        className="bar"
        role="img"
        aria-label={`${up} up, ${waking} waking, ${silent} silent and ${failed} failed, of ${total}`}
      >
        <i className="bar-up" style={{ width: part(up) }} />
        <i className="bar-waking" style={{ width: part(waking) }} />
        <i className="bar-silent" style={{ width: part(silent) }} />
        <i className="bar-failed" style={{ width: part(failed) }} />
      </div>
      {silent + failed > 0 && (
        <p className="trouble">
          <Trouble state="silent" count={silent} />
          <Trouble state="failed" count={failed} />
        </p>
      )}
      {wave !== null && !wave.done && (
        <p className="wave">
          <b>
            Wave {wave.wave} of {wave.waves}
          </b>
          <span>
            {wave.groups.join(", ")}
            {wave.waveExpected > 0 && ` · ${whole(wave.waveUp)} of ${whole(wave.waveExpected)} up`}
          </span>
        </p>
      )}
      {wave?.done === true && <p className="wave quiet">All {wave.waves} waves are through.</p>}
      {missing.length > 0 && (
        <details className="missing">
          <summary>{whole(missing.length)} missing</summary>
          <p>{missing.join(" ")}</p>
        </details>
      )}
    </section>
  );
}

function Trouble({ state, count }: { state: "silent" | "failed"; count: number }): ReactNode {
  if (count === 0) return null;
  return (
    <span>
      <Swatch state={state} /> <b>{whole(count)}</b> {state}
    </span>
  );
}
