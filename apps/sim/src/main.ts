import { readFileSync } from "node:fs";
import { createWorkerPool, isWarbleThread, serveWarbles } from "@bramble/agent";
import { ClusterError, clockFrom, type Logger, messageOf, type TimeSource } from "@bramble/core/base";
import { type Cluster, parseCluster } from "@bramble/core/cluster";
import { pino } from "pino";
import { firstPlaces, plainCluster } from "./boards/plain.ts";
import { listenForHead, namedHead } from "./head-finder.ts";
import { readOptions, type SimOptions, usage } from "./options.ts";
import { startSimulator } from "./simulator.ts";
import { StartError } from "./start-error.ts";

/** The program `bramble sim`: reads its flags, wires the real clock, runs until it is told to stop. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const startedAt = performance.now();
  const cluster = clusterOf(options);
  const token = options.tokenFile === null ? null : read("--token-file", options.tokenFile).trim();
  const log = loggerOf(options.logLevel);
  const clock = clockFrom(machineTime);
  await using stack = new AsyncDisposableStack();
  const head = stack.use(options.head === null ? await listenForHead({ log, clock }) : namedHead(options.head));
  // In the packed program this file is also the module of the threads.
  const entry = import.meta.url.endsWith(".mjs") ? { entry: new URL(import.meta.url) } : {};
  const runner = stack.use(createWorkerPool({ clock, workers: threads, slots: 1, ...entry }));
  const stopped = untilSignal();
  const sim = stack.use(
    await startSimulator({
      options,
      cluster,
      clock,
      paced: clockFrom(machineTime, options.speed),
      head,
      runner,
      token,
      version,
      log,
    }),
  );
  const facts = { boards: sim.boards, pdus: sim.pdus.length, control: `127.0.0.1:${sim.controlPort}` };
  log.info(
    { ...facts, speed: options.speed, seed: options.seed, ms: Math.round(performance.now() - startedAt) },
    "ready",
  );
  process.stdout.write(`ready sim ${facts.boards} boards, ${facts.pdus} PDUs, control ${facts.control}\n`);
  process.send?.({ type: "ready", ...facts });
  await stopped;
  // Whatever hangs, the process ends within 2 s.
  setTimeout(() => process.exit(0), 1_800).unref();
}

const version = "0.1.0";
/** Threads for the Warbles of all boards. */
const threads = 2;

const machineTime: TimeSource = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

function clusterOf(options: SimOptions): Cluster {
  if (options.cluster === null) return plainCluster(options.boards ?? 1);
  const parsed = parseCluster(read("--cluster", options.cluster));
  if (parsed.kind === "ok") return firstPlaces(parsed.cluster, options.boards ?? Number.POSITIVE_INFINITY);
  const first = parsed.problems[0];
  const where = first === undefined ? "" : `:${first.line}:${first.column}: ${first.message}`;
  throw new ClusterError("input.invalid", `${options.cluster}${where} (bramble check says all)`);
}

function read(flag: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StartError(`${flag} ${file}: ${messageOf(error)}`, error);
  }
}

/** Log lines go to stderr: stdout has the one line that says ready. */
function loggerOf(level: string): Logger {
  const lines = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  return {
    error: (facts, event) => lines.error(facts, event),
    warn: (facts, event) => lines.warn(facts, event),
    info: (facts, event) => lines.info(facts, event),
    debug: (facts, event) => lines.debug(facts, event),
  };
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    // Started by `bramble demo`: without it nobody would end us.
    process.once("disconnect", () => resolve());
  });
}

if (isWarbleThread()) serveWarbles();
else
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      // 2: a flag or the cluster file is wrong; 1: something else failed. A stack only for what is our mistake.
      const isWrong = error instanceof ClusterError && error.code === "input.invalid";
      const isOurs = error instanceof Error && !isWrong && !(error instanceof StartError);
      process.stderr.write(`bramble sim: ${isOurs ? error.stack : messageOf(error)}\n`);
      process.exit(isWrong ? 2 : 1);
    },
  );
