import type { WarbleBody } from "@bramble/core/api";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "wouter";
import { whole } from "../parts/words.ts";
import type { Refusal, Running } from "./running.ts";
import { Stage } from "./stage.tsx";

/** What a result needs. */
export type ResultProps = {
  readonly running: Running;
  /** It shall end now, wherever it runs. */
  readonly onStop: () => void;
  /** Why it could not be ended. */
  readonly notStopped: Refusal | null;
};

/** How the run stands and what it printed. */
export function Result({ running, onStop, notStopped }: ResultProps): ReactNode {
  switch (running.kind) {
    case "idle":
      return <p className="quiet">What it prints will stand here.</p>;
    case "here":
      return (
        <p className="quiet">
          Running here …{" "}
          <Button className="chip" onPress={onStop}>
            Stop
          </Button>
        </p>
      );
    case "sending":
      return <p className="quiet">Sending …</p>;
    case "waiting":
      return (
        <>
          <p>
            {running.warble?.state === "leased" ? (
              <>
                Running on <BoardLink name={running.warble.board} /> …{" "}
                {running.warble.fold != null && <FoldProgress {...running.warble.fold} />}
              </>
            ) : (
              <>In the queue{running.place > 0 && <>, place {whole(running.place)}</>} …</>
            )}{" "}
            <Button className="chip" onPress={onStop}>
              Take it back
            </Button>
          </p>
          {notStopped !== null && <Refused {...notStopped} />}
        </>
      );
    case "refused":
      return <Refused {...running} />;
    case "ended":
      return <Ended {...running} />;
  }
}

function Refused({ message, hint }: Refusal): ReactNode {
  return (
    <p className="problem">
      {message} <span className="quiet">{hint}</span>
    </p>
  );
}

function FoldProgress({ done, total, boards }: NonNullable<WarbleBody["fold"]>): ReactNode {
  return (
    <span className="quiet">
      {whole(done)} of {whole(total)} chunks, {boards === 1 ? "one board helps" : `${whole(boards)} boards help`}
    </span>
  );
}

function Ended({ answer, board, ms, hasSaved }: Extract<Running, { kind: "ended" }>): ReactNode {
  const { out, effects, error, warnings, steps } = answer;
  return (
    <>
      <p className="ran">
        {board === null ? (
          "Ran here, in your browser"
        ) : (
          <>
            Ran on <BoardLink name={board} />
          </>
        )}
        <span className="quiet">
          {" "}
          · {whole(steps)} steps{ms === null ? "" : ` · ${milliseconds(ms)} ms`}
        </span>
      </p>
      {out.length > 0 && <pre className="output">{out.join("\n")}</pre>}
      {out.length === 0 && error === null && <p className="quiet">It printed nothing.</p>}
      {effects.length > 0 && <p className="quiet">{effectsInWords(effects, board !== null)}</p>}
      {effects.length > 0 && board === null && <Stage effects={effects} />}
      {hasSaved && <p className="quiet">What it keeps is kept here, until you leave this page.</p>}
      {error !== null && (
        <p className="problem">
          <b>{error.class}</b> at {error.pos}: {error.message}
        </p>
      )}
      {warnings.map((warning) => (
        <p key={`${warning.pos} ${warning.message}`} className="quiet">
          note at {warning.pos}: {warning.message}
        </p>
      ))}
    </>
  );
}

function BoardLink({ name }: { name: string | null }): ReactNode {
  if (name === null) return "a board";
  return <Link href={`/?board=${encodeURIComponent(name)}`}>{name}</Link>;
}

/** `0.4` of a run that was short, `1 234` of one that was not. */
function milliseconds(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : whole(Math.round(ms));
}

/** `24 × LIGHTS, 1 × SLEEP`; and that a run here reaches no lamp. */
function effectsInWords(effects: readonly (readonly (string | number)[])[], isOnBoard: boolean): string {
  const counts = new Map<string, number>();
  for (const [kind = ""] of effects) counts.set(String(kind), (counts.get(String(kind)) ?? 0) + 1);
  const list = [...counts].map(([kind, count]) => `${whole(count)} × ${kind}`).join(", ");
  return isOnBoard ? list : `It would do ${list}. Send it to the cluster, and the real lamp shines.`;
}
