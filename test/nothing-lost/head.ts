import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programArguments } from "../../apps/cli/src/programs.ts";
import type { Running } from "../bench/process.ts";
import { start } from "../bench/process.ts";
import { repository } from "../support/demo-process.ts";

/** A real head, a process of its own that may be killed and started again on the same data and port. */
export type MortalHead = AsyncDisposable & {
  readonly url: string;
  readonly data: string;
  /** SIGKILL: it writes and says nothing more. */
  kill(): Promise<void>;
  /** Ends it as an operator does. */
  stop(): Promise<void>;
  /** Starts it again; gives how long that took in ms. */
  restart(): Promise<number>;
};

/** Start a head of `cluster` (a file of `examples`) without power or beacon; its data lies in `within`. */
export async function startMortalHead(cluster: string, within?: string): Promise<MortalHead> {
  const folder = mkdtempSync(join(tmpdir(), "bramble-nothing-lost-"));
  const data = join(within ?? folder, "data");
  const compiled = join(folder, "compiled");
  let running: Running | null = await launchHead(cluster, data, "0", compiled);
  const url = running.ready;
  return {
    url,
    data,
    async kill() {
      await running?.kill();
      running = null;
    },
    async stop() {
      await running?.[Symbol.asyncDispose]();
      running = null;
    },
    async restart() {
      const from = performance.now();
      running = await launchHead(cluster, data, new URL(url).port, compiled);
      return performance.now() - from;
    },
    async [Symbol.asyncDispose]() {
      await running?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One head process on `data`. @throws when it is not ready, with what it said. */
export function launchHead(cluster: string, data: string, port = "0", compiled?: string): Promise<Running> {
  const file = join(repository, "examples", cluster);
  const flags = ["--cluster", file, "--port", port, "--data", data, "--power", "none", "--beacon", "off"];
  // Twenty starts compile the same files: that is not what is tested here.
  const env = compiled === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: compiled };
  return start(
    process.execPath,
    [...programArguments("head"), ...flags, "--log-level", "error"],
    /^ready (http:\S+)$/m,
    env,
  );
}
