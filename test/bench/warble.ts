import { spawnSync } from "node:child_process";
import { defaultEnvironment, parse, publicLimits, run } from "@bramble/warble";
import { corpus } from "../support/corpus.ts";
import type { Bench, Row } from "./row.ts";
import { medianMs, notMeasured, reachedOrNot } from "./row.ts";
import { digitRows } from "./warble-digits.ts";
import { measurePython, tinyPrograms } from "./warble-python.ts";

/** The language against CPython, with the equivalent text in the same run (packages/warble/SPEC.md section 11). */
export const warbleBench: Bench = {
  name: "warble",
  run: async (): Promise<readonly Row[]> => {
    const programs = tinyPrograms();
    // The engine takes some ten rounds to change to its best code, as a board's worker has long done.
    const tinyMs = medianMs(25, () => {
      for (const { post } of programs) run(post, defaultEnvironment, limits);
    });
    const parseMs = medianMs(25, () => {
      for (const { post } of programs) parse(post);
    });
    const loopMs = medianMs(5, () => void run(loop, defaultEnvironment, limits));
    const bareLoopMs = medianMs(5, () => void bareLoop(10_000_000));
    const termsMs = medianMs(5, () => void run(terms, defaultEnvironment, limits));
    const bareTermsMs = medianMs(5, () => void bareTerms(1_000_000));
    const python = measurePython(programs);
    const each = `${micros(tinyMs / programs.length)} each`;
    return [
      ratio(
        "10,000 tiny programs, a process each",
        tinyMs,
        (python?.process ?? 0) * 10_000,
        5000,
        each,
        "python3",
        tinyNote,
      ),
      ratio("the same, in one process", tinyMs, python?.tiny ?? 0, 25, each, "CPython exec", tinyNote),
      {
        what: "the same, read and checked only",
        measured: `${micros(parseMs / programs.length)} each`,
        peer: null,
        budget: "< 10 µs each",
        ...reachedOrNot(parseMs / programs.length < 0.01, tinyNote),
      },
      ratio("loop of ten million turns", loopMs, python?.loop ?? 0, 45, inMs(loopMs), "CPython exec", loopNote),
      slower("the same loop", loopMs, bareLoopMs, 2.5),
      ratio("a million BBP terms, floats", termsMs, python?.terms ?? 0, 35, inMs(termsMs), "CPython exec", loopNote),
      slower("the same terms", termsMs, bareTermsMs, 2),
      countingRow("counting steps in the loop", loop),
      countingRow("counting steps in the terms", terms),
      ...digitRows(),
      hostileRow(),
    ];
  },
};

const tinyNote =
  "the profile has no peak: of 3.0 µs 0.5 lex, 0.6 parse, 0.4 check, 0.5 make closures, 0.9 run them; 9 KB of memory a program";
const loopNote =
  "a module is made after 10,000 steps in closures; its first 100,000 steps run in the engine's quick code";
const limits = { ...publicLimits, steps: Number.MAX_SAFE_INTEGER };
const loop = "{x=0;FOR(i=0;i<10000000;i++){x=x+i%7}PRINT(x)}";
const terms = "{x=0;p=1;FOR(k=0;k<1000000;k++){x=x+p*(4/(8*k+1)-2/(8*k+4)-1/(8*k+5)-1/(8*k+6));p=p/16}PRINT(x)}";

function bareLoop(turns: number): number {
  let x = 0;
  for (let i = 0; i < turns; i++) x = x + (i % 7);
  return x;
}

function bareTerms(count: number): number {
  let x = 0;
  let p = 1;
  for (let k = 0; k < count; k++) {
    x = x + p * (4 / (8 * k + 1) - 2 / (8 * k + 4) - 1 / (8 * k + 5) - 1 / (8 * k + 6));
    p = p / 16;
  }
  return x;
}

/** A row against CPython; `peerMs` 0 where there is none. */
function ratio(
  what: string,
  oursMs: number,
  peerMs: number,
  bar: number,
  measured: string,
  peer: string,
  why: string,
): Row {
  if (peerMs === 0) return notMeasured(what, `>= ${bar} times faster`, "python3 is not installed here");
  const times = peerMs / oursMs;
  return {
    what,
    measured: `${measured}, ${times.toFixed(times < 100 ? 1 : 0)} times faster`,
    peer: `${peer} ${peerMs < 10_000 ? `${peerMs.toFixed(0)} ms` : `${(peerMs / 1000).toFixed(0)} s`}`,
    budget: `>= ${bar} times faster`,
    ...reachedOrNot(times >= bar, why),
  };
}

function slower(what: string, oursMs: number, bareMs: number, bar: number): Row {
  return {
    what,
    measured: `${(oursMs / bareMs).toFixed(2)} times slower`,
    peer: `hand-written JS ${bareMs.toFixed(0)} ms`,
    budget: `<= ${bar} times slower`,
    ...reachedOrNot(oursMs / bareMs <= bar, loopNote),
  };
}

/** What counting costs, in a process whose WebAssembly is the engine's best from the start. */
function countingRow(what: string, post: string): Row {
  const { counted, uncounted } = child(["--no-liftoff"], "warble-counting.child.ts", post) as Record<string, number>;
  const more = (counted! / uncounted! - 1) * 100;
  return {
    what,
    measured: `${inMs(counted!)}, ${more.toFixed(0)} % more`,
    peer: `not counted ${inMs(uncounted!)}`,
    budget: "<= 10 % more",
    ...reachedOrNot(more <= 10, "a subtraction and a branch for six short turns, and coming back every 100,000 steps"),
  };
}

/** Each program of the corpus that means harm, in a process of its own; the slowest and the largest. */
function hostileRow(): Row {
  let [slowest, largest, unnamed] = ["", "", ""];
  let [ms, mb] = [0, 0];
  const programs = corpus("limit");
  for (const { name, source, expect } of programs) {
    const ran = child([], "warble-hostile.child.ts", source) as { ended: string; ms: number; mb: number };
    if (expect.error?.includes(ran.ended) !== true) unnamed = name;
    if (ran.ms > ms) [slowest, ms] = [name, ran.ms];
    if (ran.mb > mb) [largest, mb] = [name, ran.mb];
  }
  return {
    what: `${programs.length} hostile programs: slowest, largest`,
    measured: `${inMs(ms)} (${slowest}), ${mb.toFixed(0)} MB (${largest})`,
    peer: null,
    budget: "1 s, 100 MB, each with its class",
    ...reachedOrNot(ms <= 1000 && mb <= 100 && unnamed === "", unnamed === "" ? slowest : `${unnamed} ended otherwise`),
  };
}

function child(flags: readonly string[], script: string, post: string): unknown {
  const path = new URL(`./${script}`, import.meta.url).pathname;
  return JSON.parse(spawnSync(process.execPath, [...flags, path, post], { encoding: "utf8" }).stdout);
}

function micros(ms: number): string {
  return `${(ms * 1000).toFixed(1)} µs`;
}

function inMs(ms: number): string {
  return `${ms.toFixed(0)} ms`;
}
