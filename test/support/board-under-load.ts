import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunResult } from "@bramble/warble";
import { cpuMs, start } from "../bench/process.ts";
import { repository } from "./demo-process.ts";
import type { Beat, FromEndpoint, Player, ToEndpoint } from "./link-endpoint.child.ts";

/** One run on the board's own threads. `ms` is what the run took: by the clock, or by the board's CPU where that is less. */
type Measured = {
  readonly outcome: RunResult;
  readonly ms: number;
  /** The most memory that the board's process held meanwhile, above what it held idle. */
  readonly growthMb: number;
};

/** How late the latest heartbeat came, in ms; `own` leaves out what the machine let the two ends wait for a CPU. */
type Lateness = {
  readonly most: number;
  readonly own: number;
  /** The longest that the two ends waited for a CPU between two beats. */
  readonly waited: number;
  readonly beats: number;
};

/** A real agent and its link. */
export type BoardUnderLoad = AsyncDisposable & {
  run(post: string, by?: Player): Promise<Measured>;
  /** Of the heartbeats so far, each against a second after the one before it. */
  lateness(): Promise<Lateness>;
};

/** Start an agent as a board does, with its flags of Node, on an endpoint of the link. */
export async function startBoardUnderLoad(): Promise<BoardUnderLoad> {
  const endpoint = fork(join(repository, "test/support/link-endpoint.child.ts"), { execArgv: [] });
  const heard: FromEndpoint[] = [];
  let wake = (): void => {};
  endpoint.on("message", (message: FromEndpoint) => {
    heard.push(message);
    wake();
  });
  const next = async <Kind extends FromEndpoint["kind"]>(kind: Kind): Promise<FromEndpoint & { kind: Kind }> => {
    for (;;) {
      const at = heard.findIndex((message) => message.kind === kind);
      if (at >= 0) return heard.splice(at, 1)[0] as FromEndpoint & { kind: Kind };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const tell = (message: ToEndpoint): void => void endpoint.send(message);
  const { port } = await next("listening");
  const flags = ["--max-semi-space-size=1", "--disallow-code-generation-from-strings"];
  const main = join(repository, "apps/agent/src/main.ts");
  const args = [...flags, main, "--head", `http://127.0.0.1:${port}`, "--no-web"];
  const agent = await start(process.execPath, args, /"linked"/);
  const { pid } = agent;
  await next("welcomed");
  const runOnce = async (
    post: string,
    by: Player = nobody,
  ): Promise<{ outcome: RunResult; ms: number; peakMb: number }> => {
    writeFileSync(`/proc/${pid}/clear_refs`, "5"); // the peak starts anew
    const before = cpuMs(pid);
    tell({ kind: "run", post, by });
    const { outcome, ms } = await next("result");
    return {
      outcome: outcome as RunResult,
      ms: Math.min(ms, cpuMs(pid) - before),
      peakMb: statusMb(pid, "VmHWM"),
    };
  };
  await runOnce("#pi{PRINT(1)}"); // its thread is warm, as a board's is
  const idleMb = statusMb(pid, "VmRSS");
  tell({ kind: "watch", pid });

  return {
    async run(post, by) {
      const { outcome, ms, peakMb } = await runOnce(post, by);
      return { outcome, ms, growthMb: peakMb - idleMb };
    },
    async lateness() {
      tell({ kind: "beats" });
      return latenessOf((await next("beats")).beats);
    },
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      if (endpoint.exitCode !== null) return;
      const ended = once(endpoint, "exit");
      endpoint.disconnect();
      await ended;
    },
  };
}

function latenessOf(beats: readonly Beat[]): Lateness {
  let [most, own, waited] = [0, 0, 0];
  for (let i = 1; i < beats.length; i++) {
    const [before, beat] = [beats[i - 1]!, beats[i]!];
    const late = beat.at - before.at - heartbeatMs;
    most = Math.max(most, late);
    own = Math.max(own, late - (beat.waited - before.waited));
    waited = Math.max(waited, beat.waited - before.waited);
  }
  return { most, own, waited, beats: beats.length };
}

function statusMb(pid: number, field: "VmHWM" | "VmRSS"): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found![1]) / 1024;
}

const nobody: Player = { user: "ada", saved: {}, data: {} };
const heartbeatMs = 1000;
