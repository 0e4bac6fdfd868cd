import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { useTwin } from "../live/context.tsx";
import { timeOfDay } from "../parts/words.ts";

const shown = 60;

/** What happened, newest first. */
export function Events({ onBoard }: { onBoard: (name: string) => void }): ReactNode {
  const { events } = useTwin();
  return (
    <section className="card events" aria-labelledby="events-title">
      <header>
        <h2 id="events-title">Events</h2>
      </header>
      {events.length === 0 ? (
        <p className="quiet">Nothing has happened yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <ol tabIndex={0} aria-label="Events, newest first">
          {events.slice(0, shown).map((event) => (
            <li key={event.id} data-level={event.level}>
              <time dateTime={new Date(event.at).toISOString()}>{timeOfDay(event.at)}</time>
              <span>
                {event.level !== "info" && <i className="level">{event.level === "warn" ? "note" : "alarm"}</i>}
                {event.message}
                {event.board !== null && !event.message.includes(event.board) ? ` (${event.board})` : ""}
              </span>
              {event.board !== null && (
                <Button
                  className="link-button"
                  aria-label={`Show ${event.board}`}
                  onPress={() => onBoard(event.board!)}
                >
                  show
                </Button>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
