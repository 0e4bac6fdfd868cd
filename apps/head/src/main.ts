import { join } from "node:path";
import { errorTable } from "@bramble/core/api";
import { ClusterError, clockFrom, messageOf, seededRandom } from "@bramble/core/base";
import pino from "pino";
import { type Asked, readConfig } from "./config.ts";
import { startHead } from "./head.ts";
import { UsageError } from "./usage.ts";

/** Exit codes: 0 ended as asked, 1 something failed, 2 a flag or the cluster file is wrong. */
const exitCodes = { failure: 1, usage: 2 } as const;
const root = join(import.meta.dirname, "..", "..", "..");
/** A clean stop that takes longer is no clean stop. */
const stopMs = 2000;

const asked = read();
if (asked.kind === "help") process.stdout.write(asked.text);
else await run(asked.config);

function read(): Asked {
  try {
    return readConfig(process.argv.slice(2), process.env, root);
  } catch (thrown) {
    return fail(thrown, exitCodes.usage);
  }
}

async function run(config: Extract<Asked, { kind: "run" }>["config"]): Promise<void> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2));
  const clock = clockFrom({
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout: (call, ms) => setTimeout(call, ms),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  });
  const random = seededRandom(crypto.randomUUID());
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stopping.abort(name));
  // A parent that is gone (the demo, killed) will never ask us to stop.
  if (process.send !== undefined) process.once("disconnect", () => stopping.abort("disconnect"));
  try {
    await using head = await startHead(config, { clock, random, log });
    process.stdout.write(`ready ${head.url}\n`);
    process.send?.({ type: "ready", url: head.url });
    await ended(stopping.signal);
    log.info({ reason: String(stopping.signal.reason) }, "head stops");
    setTimeout(() => process.exit(exitCodes.failure), stopMs).unref();
  } catch (thrown) {
    fail(thrown, thrown instanceof UsageError ? exitCodes.usage : exitCodes.failure);
  }
  process.exit(0);
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** One line for people: what is wrong and what to do. */
function fail(thrown: unknown, code: number): never {
  const isDamaged = thrown instanceof ClusterError && thrown.code === "store.corrupt";
  const hint = isDamaged ? ` (${errorTable["store.corrupt"].hint})` : "";
  process.stderr.write(`bramble head: ${messageOf(thrown)}${hint}\n`);
  process.exit(code);
}
