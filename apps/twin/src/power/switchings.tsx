import type { PowerTraceAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useParts } from "../live/context.tsx";
import { timeOfDay, whole } from "../parts/words.ts";

const dayMs = 24 * 3600 * 1000;
const pageSize = 25;

/** Outlets as they were seen to switch in the last day, whoever switched them: what the PDUs said when read back. */
export function Switchings(): ReactNode {
  const { rest, clock } = useParts();
  const [isOpen, setIsOpen] = useState(false);
  const [trace, setTrace] = useState<PowerTraceAnswer["trace"] | null>(null);
  const [shown, setShown] = useState(pageSize);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (!isOpen) return;
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const from = Math.round(clock.now() - dayMs);
        const answer = await rest.get<PowerTraceAnswer>(`/power/trace?from=${from}`, ended.signal);
        setTrace(answer.trace.toReversed());
        setProblem(null);
      } catch (thrown) {
        if (!ended.signal.aborted) setProblem(messageOf(thrown));
      }
    };
    void ask();
    const timer = clock.every(5000, () => void ask());
    return () => {
      timer.cancel();
      ended.abort();
    };
  }, [isOpen, rest, clock]);
  return (
    <details className="fold-line switchings" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>Outlets as they were seen to switch</summary>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {trace === null && problem === null && <p className="quiet">Asking the head …</p>}
      {trace?.length === 0 && <p className="quiet">None in the last day.</p>}
      <ol>
        {trace?.slice(0, shown).map(({ at, outlet, on, plan }) => (
          <li key={`${at} ${outlet} ${on}`}>
            <time className="quiet">{timeOfDay(at)}</time> <b>{outlet}</b> reads {on ? "on" : "off"}
            <span className="quiet"> {plan === null ? "by hand, or from elsewhere" : `by plan ${plan}`}</span>
          </li>
        ))}
      </ol>
      {trace !== null && trace.length > shown && (
        <Button className="button small" onPress={() => setShown((before) => before + pageSize)}>
          {whole(trace.length - shown)} older
        </Button>
      )}
    </details>
  );
}
