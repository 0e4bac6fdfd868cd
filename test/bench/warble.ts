import { spawnSync } from "node:child_process";
import { publicLimits, run } from "@bramble/warble";
import type { Bench, Row } from "./row.ts";
import { medianMs, notMeasured, reachedOrNot } from "./row.ts";

/** The language against CPython, with the equivalent text in the same run (packages/warble/SPEC.md section 11). */
export const warbleBench: Bench = {
  name: "warble",
  run: async (): Promise<readonly Row[]> => {
    const post = "#pi{i=0;WHILE(i<10){PRINT(i);i++}}";
    const tiny = 10_000;
    const ours = medianMs(5, () => {
      for (let i = 0; i < tiny; i++) run(post, environment, limits);
    });
    const loopMs = medianMs(3, () => void run("{x=0;FOR(i=0;i<10000000;i++){x=x+i%7}PRINT(x)}", environment, limits));
    const bareMs = medianMs(3, () => void bareLoop(10_000_000));
    const python = peers();
    const perProgram = (ours / tiny) * 1000;
    return [
      ratio(
        "10,000 tiny programs",
        ours,
        python?.exec ?? null,
        25,
        `${perProgram.toFixed(1)} µs each`,
        "CPython exec",
        tinyNote,
      ),
      ratio(
        "the same, a process each",
        ours,
        python === null ? null : python.process * tiny,
        5000,
        `${perProgram.toFixed(1)} µs each`,
        "python3 processes",
      ),
      ratio(
        "loop of ten million turns",
        loopMs,
        python?.loop ?? null,
        45,
        `${loopMs.toFixed(0)} ms`,
        "CPython exec",
        tierNote,
      ),
      {
        what: "the same loop",
        measured: `${(loopMs / bareMs).toFixed(1)} times slower`,
        peer: `hand-written JS ${bareMs.toFixed(0)} ms`,
        budget: "<= 2.5 times slower",
        ...reachedOrNot(loopMs / bareMs <= 2.5, tierNote),
      },
    ];
  },
};

const tinyNote =
  "the profile: two thirds read, check and compile the text, a third is garbage collection; the run itself is little";
const tierNote = "closures pay for a step and a call each operation; the WebAssembly tier is a later step";
const limits = { ...publicLimits, steps: Number.MAX_SAFE_INTEGER };
const environment = {
  user: "cli:bench",
  board: 0,
  boards: 1,
  temperatureC: null,
  nowMs: 0,
  seed: 1,
  saved: {},
  data: {},
};

function ratio(
  what: string,
  oursMs: number,
  peerMs: number | null,
  bar: number,
  measured: string,
  peer: string,
  why = "see packages/warble/SPEC.md, section 11",
): Row {
  if (peerMs === null) return notMeasured(what, `>= ${bar} times faster`, "python3 is not installed here");
  const times = peerMs / oursMs;
  return {
    what,
    measured: `${measured}, ${times.toFixed(times < 100 ? 1 : 0)} times faster`,
    peer: `${peer} ${peerMs < 10_000 ? `${peerMs.toFixed(0)} ms` : `${(peerMs / 1000).toFixed(0)} s`}`,
    budget: `>= ${bar} times faster`,
    ...reachedOrNot(times >= bar, why),
  };
}

function bareLoop(turns: number): number {
  let x = 0;
  for (let i = 0; i < turns; i++) x = x + (i % 7);
  return x;
}

/** What CPython takes for the same work, in ms; null where there is none. */
function peers(): { exec: number; process: number; loop: number } | null {
  const text = "i=0\nwhile i<10:\n    print(i)\n    i+=1\n";
  const script = `
import time,io,sys
out=sys.stdout; sys.stdout=io.StringIO()
t=time.perf_counter()
for _ in range(10000): exec(compile(${JSON.stringify(text)},"p","exec"),{})
a=time.perf_counter()-t
t=time.perf_counter()
exec(compile("x=0\\ni=0\\nwhile i<10000000:\\n    x=x+i%7\\n    i+=1\\n","p","exec"),{})
b=time.perf_counter()-t
sys.stdout=out
print(a*1000,b*1000)`;
  const done = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  if (done.status !== 0) return null;
  const [exec, loop] = done.stdout.trim().split(" ").map(Number);
  const process = medianMs(9, () => void spawnSync("python3", ["-c", text]));
  return { exec: exec!, process, loop: loop! };
}
