import type { BootAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { namesOf } from "../parts/names.ts";
import { columns, faultWords } from "./lanes.ts";
import { boardsInWords } from "./words.ts";

/** What troubles need. */
export type TroublesProps = {
  readonly boot: BootAnswer | null;
  readonly onBoard: (name: string) => void;
  readonly onSet: (set: string) => void;
};

/** So many names are buttons; more are shown in the chart. */
const mostNames = 12;

/** What is wrong, each cause once, with what to do and for which boards. */
export function Troubles({ boot, onBoard, onSet }: TroublesProps): ReactNode {
  if (boot === null) return null;
  const { troubles, states } = boot;
  return (
    <section className="card troubles" aria-labelledby="troubles-title">
      <h2 id="troubles-title">{troubles.length === 0 ? "Nothing is in trouble" : "In trouble"}</h2>
      {troubles.length === 0 && (
        <p className="quiet">
          {states.waiting + states.booting > 0
            ? "All that are on their way go on."
            : "When a board stops on its way, the likely cause and what to do stand here."}
        </p>
      )}
      <ul>
        {troubles.map(({ step, fault, cause, advice, source, boards, set, stopped }) => {
          const names = namesOf(set);
          const where = columns.find(({ id }) => id === step)?.label ?? step;
          return (
            <li key={`${step} ${fault} ${stopped}`} data-stopped={stopped}>
              <h3 className="trouble-title">
                <span aria-hidden="true">{stopped ? "✕" : "!"}</span> {boardsInWords(boards)}{" "}
                {stopped ? "stopped" : "in trouble"} at {where}: {faultWords(fault)}
              </h3>
              <p>{cause}</p>
              <p>
                <b>What to do:</b> {advice}
              </p>
              <p className="trouble-boards">
                {names.slice(0, mostNames).map((name) => (
                  <Button key={name} className="link-button" onPress={() => onBoard(name)}>
                    {name}
                  </Button>
                ))}
                {names.length > 1 && (
                  <Button className="link-button" onPress={() => onSet(set)}>
                    {names.length > mostNames ? `and ${names.length - mostNames} more: ` : ""}show them
                  </Button>
                )}
              </p>
              <p className="quiet">Known from: {source}</p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
