import type { PostPowerPlanBody, PowerPlanReply } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useParts } from "../live/context.tsx";
import { isSilence, RestError } from "../live/rest.ts";

/** A wish that is planned at each change, and started at most once. */
export type Ask = {
  readonly wish: PostPowerPlanBody;
  /** Change what is asked: it is planned anew. */
  readonly change: (changes: Partial<PostPowerPlanBody>) => void;
  /** Words for the journal: they change no plan. */
  readonly say: (why: string) => void;
  /** What the head said to the dry run; null while it is asked. */
  readonly answer: PowerPlanReply | null;
  readonly problem: string | null;
  readonly isStarting: boolean;
  /** Sent twice, the wish is carried out once. */
  readonly key: string;
  readonly start: (wish: PostPowerPlanBody) => Promise<void>;
};

/** How long the head may take to answer; a plan for a thousand boards takes it milliseconds. */
const answerMs = 15_000;

/** Plan a wish without switching anything, and start it when asked to. */
export function useAsk(first: PostPowerPlanBody, onStarted: (id: string) => void): Ask {
  const { rest, random } = useParts();
  const [wish, setWish] = useState<PostPowerPlanBody>(first);
  const [answer, setAnswer] = useState<PowerPlanReply | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const [turn, setTurn] = useState(0);
  const { action, set, profile = null, withParents = false, allowCollateral = false } = wish;
  // A changed wish is another one; the same one, tried again after an answer was lost, is not.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key for each wish
  const key = useMemo(
    () => `web-${[0, 1, 2, 3].map(() => random.whole(2 ** 32).toString(36)).join("")}`,
    [random, action, set, profile, withParents, allowCollateral],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks for the same plan anew
  useEffect(() => {
    const ended = new AbortController();
    setAnswer(null);
    const body = { action, set, profile, withParents, allowCollateral, dryRun: true };
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(answerMs)]);
    rest.post<PowerPlanReply>("/power/plans", body, null, { signal }).then(
      (reply) => !ended.signal.aborted && setAnswer(reply),
      (thrown) => !ended.signal.aborted && setProblem(inWords(thrown)),
    );
    return () => ended.abort();
  }, [rest, action, set, profile, withParents, allowCollateral, turn]);

  const change = useCallback((changes: Partial<PostPowerPlanBody>) => {
    setProblem(null);
    setWish((before) => ({ ...before, ...changes }));
  }, []);
  const say = useCallback((why: string) => setWish((before) => ({ ...before, why: why === "" ? null : why })), []);
  const start = async (body: PostPowerPlanBody): Promise<void> => {
    setIsStarting(true);
    setProblem(null);
    try {
      const how = { key, signal: AbortSignal.timeout(answerMs) };
      const reply = await rest.post<PowerPlanReply>("/power/plans", body, null, how);
      if (reply.id === null) setAnswer(reply);
      else onStarted(reply.id);
    } catch (thrown) {
      setProblem(isSilence(thrown) ? notKnown : inWords(thrown));
      // What it would touch may be another thing by now.
      setTurn((before) => before + 1);
    }
    setIsStarting(false);
  };
  return { wish, change, say, answer, problem, isStarting, key, start };
}

function inWords(thrown: unknown): string {
  const hint = thrown instanceof RestError ? thrown.hint : "";
  return [messageOf(thrown), hint].filter((part) => part !== "").join(" ");
}

const notKnown =
  "The head did not answer. Whether the plan has begun is not known: if it has, it stands on this page once the head is back. To press again starts nothing twice.";
