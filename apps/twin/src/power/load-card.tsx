import type { PowerAnswer, PowerLimitsAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { useMemo } from "react";
import { whole } from "../parts/words.ts";
import { loadsOf, otherReasons, shownLoads } from "./limits.ts";
import { LoadBar } from "./load-bar.tsx";
import { amps, percent, watts } from "./words.ts";

/** What the card needs. */
export type LoadCardProps = { readonly power: PowerAnswer; readonly limits: PowerLimitsAnswer["limits"] };

/** Each limit as a bar, with why it is what it is, and what nobody knows yet. */
export function LoadCard({ power, limits }: LoadCardProps): ReactNode {
  const loads = useMemo(() => loadsOf(power, limits), [power, limits]);
  const { shown, rest } = shownLoads(loads);
  const hidden = rest.reduce((sum, { count }) => sum + count, 0);
  const others = otherReasons(power.limits, limits);
  const open = limits.filter(({ open }) => open !== null);
  return (
    <section className="card loads" aria-labelledby="loads-title">
      <header>
        <h2 id="loads-title">Load against each limit</h2>
        <span className="quiet">
          {power.watts === null ? "nothing measures" : `${watts(power.watts)}, ${amps(power.watts, power.volts)}`}
        </span>
      </header>
      <p className="quiet loads-key">
        <i className="key-measured" aria-hidden="true" /> now <i className="key-full" aria-hidden="true" /> all that is
        on at full work <i className="key-mark" aria-hidden="true" /> for long, {percent(power.loadMax)}; the end: for a
        second
      </p>
      {shown.map((load) => (
        <LoadBar key={load.limit} load={load} volts={power.volts} />
      ))}
      {rest.length > 0 && (
        <details className="fold-line">
          <summary>
            {whole(hidden)} more, the fullest at {percent(rest[0]!.share)}
          </summary>
          {rest.map((load) => (
            <LoadBar key={load.limit} load={load} volts={power.volts} />
          ))}
        </details>
      )}
      {others.length > 0 && (
        <details className="fold-line">
          <summary>Rules that are no load: {others.map(({ limit }) => limit).join(", ")}</summary>
          <dl className="reasons">
            {others.map(({ limit, value, from }) => (
              <div key={`${limit} ${value}`}>
                <dt>{limit}</dt>
                <dd>
                  {value}
                  <span className="quiet"> {from}</span>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {open.map(({ limit, open }) => (
        <p className="open-question" key={limit}>
          <b>
            <span aria-hidden="true">?</span> Open, {limit}:
          </b>{" "}
          {open}
        </p>
      ))}
      <details className="curl">
        <summary>The same as a command</summary>
        <pre className="code">{`curl ${window.location.origin}/api/v1/power/limits\nbramble power\nbramble plan`}</pre>
      </details>
    </section>
  );
}
