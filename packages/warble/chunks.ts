import { compile } from "./compile.ts";
import { decodeWith } from "./encode.ts";
import type { Environment, RunResult } from "./environment.ts";
import { type Limits, publicLimits } from "./limits.ts";
import { Machine } from "./machine.ts";
import { prepare, runOn } from "./run.ts";
import { answerChunk, type ChunkAnswer, type FoldAnswers, type FoldOrder, heaviestIn, Suspension } from "./spread.ts";
import { List } from "./values.ts";

/** How a run that spreads its big folds ended: with its result, or at a fold whose chunks it wants. */
export type SpreadRun =
  | { readonly kind: "done"; readonly result: RunResult }
  | { readonly kind: "fold"; readonly order: FoldOrder };

/**
 * `run`, but big folds are left to others: it ends with an order at the first whose answers are not in `answers`, to be
 * run again when they are. The result is that of `run`, to the last byte, whatever is missing in `answers`. Pure; never throws.
 *
 * @param answers those of each big fold, in the order met.
 * @param leastSteps a fold with less work left than this is not worth asking others.
 */
export function runSpread(
  post: string,
  environment: Environment,
  answers: readonly FoldAnswers[],
  limits: Limits = publicLimits,
  leastSteps = usualLeast,
): SpreadRun {
  const machine = new Machine(limits, environment, "both");
  machine.spread = { answers, leastSteps, met: 0 };
  try {
    return { kind: "done", result: runOn(machine, post) };
  } catch (thrown) {
    if (thrown instanceof Suspension) return { kind: "fold", order: thrown.order };
    throw thrown;
  }
}

/** Some tens of milliseconds: less is done before another board would have begun. */
const usualLeast = 500_000;

/** Which chunks of a fold to compute: the first is chunk 0 of the answers. */
export type ChunkRange = { readonly from: number; readonly count: number };

/**
 * Compute chunks of a fold of `post`, in order, until there are `count`, one has a null answer, or `budget` steps are
 * spent; at least one. An order that does not fit the post gives none. Pure; never throws.
 */
export function runChunks(
  post: string,
  order: FoldOrder,
  { from, count }: ChunkRange,
  budget = Number.POSITIVE_INFINITY,
  limits: Limits = publicLimits,
): ChunkAnswer[] {
  const answers: ChunkAnswer[] = [];
  const machine = new Machine(limits, nobody, "both");
  const compute = open(machine, post, order);
  let spent = 0;
  let size = 0;
  while (compute !== null && answers.length < count && spent < budget && size < mostCharacters) {
    const answer = compute(from + answers.length);
    answers.push(answer);
    if (answer === null) break;
    spent += answer.steps;
    size += answer.value.length;
  }
  return answers;
}

/** More than this is not said in one message. */
const mostCharacters = 262_144;

/** Puts the order into a machine; gives the function that answers one chunk, or null when it does not fit. */
function open(m: Machine, post: string, order: FoldOrder): ((index: number) => ChunkAnswer) | null {
  const prepared = prepare(post, m.limits);
  if ("error" in prepared) return null;
  m.folds = new Map();
  compile(prepared.program, m);
  const code = m.folds.get(order.at);
  if (code === undefined || code.scope.isFunction !== order.depth > 0 || order.depth > m.limits.depth) return null;
  const globals = m.frames[0]!;
  const locals: typeof globals = order.depth === 0 ? globals : new Array(code.scope.size).fill(0);
  let heaviest = 0;
  for (const [frame, slots] of [
    [globals, order.globals],
    [locals, order.locals],
  ] as const) {
    for (const [slot, text] of slots) {
      const value = decodeWith(text, (items) => new List(items, 0));
      if (value === null || slot >= frame.length) return null;
      frame[slot] = value;
      heaviest = Math.max(heaviest, heaviestIn(m, value));
    }
  }
  for (let depth = 1; depth < order.depth; depth++) m.frames[depth] = [];
  m.frames[order.depth] = locals;
  m.precision = order.precision;
  return (index) => {
    m.fuel = order.fuel;
    m.cells = order.cells;
    m.pureFrom = order.cells;
    m.held = order.held;
    m.depth = order.depth;
    m.stack = order.stack;
    try {
      return answerChunk(m, code, order, index, heaviest);
    } catch {
      // Whatever it is, the board that runs the program finds it again, at its place.
      return null;
    }
  };
}

/** The terms of a fold are pure: nothing of this is seen. */
const nobody: Environment = {
  ...{ user: "", board: 0, boards: 1, temperatureC: null, nowMs: 0, seed: 0 },
  ...{ saved: {}, data: {} },
};
