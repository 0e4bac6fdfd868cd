import type { LaneBrief } from "@bramble/core/boot";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { whole } from "../parts/words.ts";
import { columns, extras, standing } from "./lanes.ts";
import { time } from "./words.ts";

const pageSize = 84;

/** The chart as a table, for reading and for screen readers: closed until wanted. */
export function LaneTable({
  lanes,
  onBoard,
}: {
  lanes: readonly LaneBrief[];
  onBoard: (name: string) => void;
}): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const [shown, setShown] = useState(pageSize);
  const steps = columns.slice(1, -1);
  return (
    <section className="lane-table">
      <Button className="fold" aria-expanded={isOpen} onPress={() => setIsOpen(!isOpen)}>
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> The same as a table
        <span className="quiet">{whole(lanes.length)} boards</span>
      </Button>
      {isOpen && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
          <section className="table-scroll" tabIndex={0} aria-label="Boots as a table">
            <table className="boards">
              <caption className="unseen">How boards boot: time of each step</caption>
              <thead>
                <tr>
                  <th scope="col">board</th>
                  <th scope="col">now</th>
                  {steps.map(({ id, label }) => (
                    <th scope="col" key={id} data-number="true">
                      {label}
                    </th>
                  ))}
                  <th scope="col" data-number="true">
                    in all
                  </th>
                  <th scope="col">sent</th>
                </tr>
              </thead>
              <tbody>
                {lanes.slice(0, shown).map((lane) => (
                  <tr key={lane.board}>
                    <th scope="row">
                      <Button className="link-button" onPress={() => onBoard(lane.board)}>
                        {lane.board}
                      </Button>
                    </th>
                    <td>{standing(lane)}</td>
                    {steps.map(({ id }) => {
                      const ms = id === "power" ? undefined : lane.stepMs[id];
                      return (
                        <td key={id} data-number="true">
                          {ms === undefined ? "–" : time(ms)}
                        </td>
                      );
                    })}
                    <td data-number="true">{lane.tookMs === null ? "–" : time(lane.tookMs)}</td>
                    <td>{extras(lane) || "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          {lanes.length > shown && (
            <Button className="button" onPress={() => setShown(shown + 3 * pageSize)}>
              Show more
            </Button>
          )}
        </>
      )}
    </section>
  );
}
