import type { RunResult } from "@bramble/warble";
import type { ExitWith } from "../commands/programs.ts";
import { exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { environmentHere } from "./environment.ts";
import { grouped, tell } from "./place.ts";

/** What a bench found. Times in milliseconds. */
export type Measured = {
  readonly runs: number;
  readonly medianMs: number;
  readonly fastestMs: number;
  /** Reading the post (lex, parse, check), which is a part of each run. */
  readonly readMs: number;
  /** The median without WebAssembly for hot loops. */
  readonly closuresMs: number;
  readonly steps: number;
  readonly stepsPerSecond: number;
};

const leastRuns = 5;
const mostRuns = 10_000;
const enoughMs = 1000;

/** `bramble warble bench`: a post run again and again, its median time, and what takes it. */
export async function benchPost(
  terminal: Terminal,
  exitWith: ExitWith,
  post: string,
  options: { readonly json?: boolean; readonly runs?: number },
): Promise<void> {
  const { explain, parse, publicLimits, run, textOfPost } = await import("@bramble/warble");
  const { runIn } = await import("@bramble/warble/tiers");
  const environment = environmentHere(terminal, "cli:me");
  const clock = (): number => performance.now();
  let result: RunResult = run(post, environment);
  const text = textOfPost(post);
  if (result.error !== null && result.steps === 0) {
    if (options.json) terminal.out(JSON.stringify({ error: result.error }));
    else tell(terminal, text, result.error);
    exitWith(exitCodes.failed);
    return;
  }
  const times = repeat(clock, options.runs, () => {
    result = run(post, environment);
  });
  const reads = repeat(clock, Math.min(times.length, 200), () => void parse(post));
  const closures = repeat(
    clock,
    Math.min(times.length, 5),
    () => void runIn("closures", post, environment, publicLimits),
  );
  const measured = measuredOf({ times, reads, closures }, result.steps);
  const explanation = explain(post, environment);
  const dearest = "error" in explanation ? null : explanation.dearest;
  if (options.json) return terminal.out(JSON.stringify({ ...measured, dearest, error: result.error }));
  terminal.out(told(measured));
  if (dearest !== null) {
    terminal.out(`dearest      ${dearest.what} at @${dearest.pos}: ${shareOf(dearest.share)} of the steps`);
  } else terminal.out("dearest      no loop, SUM or function: reading it is most of the work");
  if (result.error !== null) tell(terminal, text, result.error);
}

/** The times of some runs: as many as asked, else for about a second. */
export function repeat(clock: () => number, runs: number | undefined, work: () => void): number[] {
  const times: number[] = [];
  const start = clock();
  for (;;) {
    const before = clock();
    work();
    const after = clock();
    times.push(after - before);
    if (runs !== undefined ? times.length >= runs : isEnough(times.length, after - start)) return times;
  }
}

function isEnough(runs: number, spentMs: number): boolean {
  return runs >= mostRuns || (runs >= leastRuns && spentMs >= enoughMs);
}

/** Medians and rates of what was measured. */
export function measuredOf(
  { times, reads, closures }: Readonly<Record<"times" | "reads" | "closures", readonly number[]>>,
  steps: number,
): Measured {
  const medianMs = median(times);
  return {
    runs: times.length,
    medianMs,
    fastestMs: Math.min(...times),
    readMs: median(reads),
    closuresMs: median(closures),
    steps,
    stepsPerSecond: medianMs === 0 ? 0 : Math.round((steps * 1000) / medianMs),
  };
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function told({ runs, medianMs, fastestMs, readMs, closuresMs, steps, stepsPerSecond }: Measured): string {
  const share = Math.min(100, Math.round((readMs / medianMs) * 100));
  const times = closuresMs / medianMs;
  const tier =
    times > 1.5
      ? `${ms(closuresMs)} without it, ${times.toPrecision(2)} times slower`
      : "nothing in it is hot enough to gain";
  return [
    `median       ${ms(medianMs)} of ${grouped(runs)} runs, the fastest ${ms(fastestMs)}`,
    `reading      ${ms(readMs)} of it, ${share} %`,
    `WebAssembly  ${tier}`,
    `steps        ${grouped(steps)}, ${grouped(stepsPerSecond)} a second`,
  ].join("\n");
}

function shareOf(share: number): string {
  return share === 1 ? "all" : `about ${Math.round(share * 100)} %`;
}

function ms(value: number): string {
  return value < 1 ? `${(value * 1000).toPrecision(3)} µs` : `${value.toPrecision(3)} ms`;
}
