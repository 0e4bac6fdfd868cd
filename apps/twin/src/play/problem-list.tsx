import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import type { Mark } from "./problems.ts";
import { inWords } from "./problems.ts";

const shown = 4;

/** What is wrong with the program, in sentences, for those who cannot point at it; each with its remedy where one is known. */
export function ProblemList({
  marks,
  onFix,
}: {
  readonly marks: readonly Mark[];
  readonly onFix: (fix: NonNullable<Mark["fix"]>) => void;
}): ReactNode {
  return (
    <ul className="problems" aria-label="What is wrong with it" aria-live="polite" data-empty={marks.length === 0}>
      {marks.slice(0, shown).map((mark, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be the same in every word
          key={index}
          className="problem-row"
        >
          <span className="problem-words">
            <b className="problem-kind" data-severity={mark.severity}>
              {mark.severity === "error" ? "Error" : "Note"}
            </b>{" "}
            {inWords(mark)}
          </span>
          {mark.fix !== null && (
            <Button className="chip problem-fix" onPress={() => mark.fix !== null && onFix(mark.fix)}>
              {mark.fix.label}
            </Button>
          )}
        </li>
      ))}
      {marks.length > shown && <li className="problem-row quiet">and {marks.length - shown} more</li>}
    </ul>
  );
}
