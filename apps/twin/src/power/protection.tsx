import type { EventBody } from "@bramble/core/api";
import type { ReactNode } from "react";
import { useSyncExternalStore } from "react";
import { useParts } from "../live/context.tsx";
import { timeOfDay } from "../parts/words.ts";

const mostEvents = 6;

/** What Bramble did or saw by itself: heat, budgets, outlets that it does not believe. */
export function Protection(): ReactNode {
  const { twin } = useParts();
  const events = useSyncExternalStore(twin.subscribe, () => twin.events);
  const own = events.filter(({ kind }) => isProtection(kind)).slice(0, mostEvents);
  return (
    <section className="card protection" aria-labelledby="protection-title">
      <h2 id="protection-title">Cut-outs and doubts</h2>
      {own.length === 0 && (
        <p className="quiet">
          Among the newest events there is none: nothing was too hot, over a budget, or said what is not so.
        </p>
      )}
      <ol>
        {own.map(({ id, at, level, message }) => (
          <li key={id} data-level={level}>
            <time className="quiet">{timeOfDay(at)}</time>
            <span>
              {level !== "info" && <em className="level">{level}</em>}
              {message}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Is this an event after which power should be asked for again at once? */
export function isOfPower({ kind }: EventBody): boolean {
  return isProtection(kind) || /^(power|wave|schedule|group)\./.test(kind);
}

function isProtection(kind: string): boolean {
  return /^(cutout|heat|budget|outlet)\./.test(kind);
}
