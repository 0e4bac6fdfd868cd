import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { complaintAbout } from "../../packages/warble/test/fuzz/sound.ts";
import { subjectOf } from "../../packages/warble/test/fuzz/subject.ts";
import { startFuzzers, type Tally } from "./fuzzers.ts";
import type { Finding } from "./messages.ts";

/**
 * `npm run soak -- --minutes N`: random programs of every sort against the language, watched from outside
 * (docs/adr/002-test-tiers.md). Exit code 1 when anything was found; `--replay SEED` looks at one program again.
 */
const usage = "usage: npm run soak -- [--minutes 120] [--threads N] [--seed N] [--findings FILE] | --replay SEED";
const options = readOptions();
if (options.replay !== null) process.exit(replay(options.replay));

const { minutes, threads, seed, findings: file } = options;
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, "");
const startedAt = performance.now();
// The same fault shows in thousands of programs: enough of each kind are kept.
const keptOfKind = 50;
const counts = new Map<string, number>();
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());

say(`Fuzzing Warble for ${minutes} minutes on ${threads} threads from seed ${seed}; findings go to ${file}`);
const tally = startFuzzers(threads, seed, keep);
while (!stopped.signal.aborted && minutesGone() < minutes) {
  const untilEnd = (minutes - minutesGone()) * 60_000;
  await sleep(Math.max(1, Math.min(60_000, untilEnd)), undefined, { signal: stopped.signal }).catch(() => {});
  say(progressOf(tally));
}
await tally[Symbol.asyncDispose]();
say(summaryOf(tally));
process.exitCode = tally.findings.length > 0 ? 1 : 0;

function keep(finding: Finding): void {
  const count = (counts.get(finding.kind) ?? 0) + 1;
  counts.set(finding.kind, count);
  if (count > keptOfKind) return;
  appendFileSync(file, `${JSON.stringify(finding)}\n`);
  say(
    `FOUND ${finding.kind} (seed ${finding.seed}): ${JSON.stringify(finding.minimal)} ${finding.detail.slice(0, 200)}`,
  );
}

function progressOf({ ran, slowest, peakBytes, findings }: Tally): string {
  const rate = Math.round(ran / (minutesGone() * 60));
  return `${clock()}  ${count(ran)} programs, ${count(rate)}/s, slowest ${Math.round(slowest.ms)} ms (seed ${slowest.seed}), peak ${megabytes(peakBytes)}, findings ${findings.length}`;
}

function summaryOf(found: Tally): string {
  const kinds = [...counts].map(([kind, times]) => `  ${kind}: ${times}`);
  const { ran, slowest, peakBytes, findings } = found;
  return [
    `Ran ${count(ran)} programs in ${clock()}, ${count(Math.round(ran / (minutesGone() * 60)))} a second; peak of the process ${megabytes(peakBytes)}.`,
    `Slowest under the public limits: ${Math.round(slowest.ms)} ms of its thread (seed ${slowest.seed}): ${JSON.stringify(slowest.post)}`,
    `${findings.length} findings${findings.length > 0 ? ` (${file})` : ""}`,
    ...kinds,
  ].join("\n");
}

/** Says what is wrong with the program of a seed; gives the exit code. */
function replay(seedAgain: number): number {
  const { post, environment, limits } = subjectOf(seedAgain);
  const complaint = complaintAbout(post, environment, limits);
  say(`${JSON.stringify(post)}\n${complaint === null ? "sound" : `${complaint.kind}: ${complaint.detail}`}`);
  return complaint === null ? 0 : 1;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: "string", default: "120" },
        threads: { type: "string", default: String(availableParallelism()) },
        seed: { type: "string", default: String(Date.now() % 1e9) },
        findings: { type: "string", default: join(repository(), ".cache/soak/findings.jsonl") },
        replay: { type: "string" },
      },
    });
    const number = (name: "minutes" | "threads" | "seed" | "replay", least: number): number => {
      const value = Number(values[name]);
      if (!(value >= least)) throw new Error(`--${name} takes a number of ${least} or more, not ${values[name]}`);
      return value;
    };
    return {
      minutes: number("minutes", 0.01),
      threads: Math.ceil(number("threads", 1)),
      seed: Math.floor(number("seed", 0)) * 1e6,
      findings: values.findings,
      replay: values.replay === undefined ? null : number("replay", 0),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    process.exit(2);
  }
}

function repository(): string {
  return fileURLToPath(new URL("../..", import.meta.url));
}

function minutesGone(): number {
  return (performance.now() - startedAt) / 60_000;
}

function clock(): string {
  return new Date(performance.now() - startedAt).toISOString().slice(11, 19);
}

function count(n: number): string {
  return n.toLocaleString("en");
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
