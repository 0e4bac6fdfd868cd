import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programArguments } from "../../apps/cli/src/programs.ts";
import type { PowerPlanAnswer, PowerPlansAnswer, PowerTraceAnswer } from "../../packages/core/api/power.ts";
import { parseCluster } from "../../packages/core/cluster/index.ts";
import { checkTrace, type Violation } from "../../packages/core/power/index.ts";
import { freePort, pause, type Running, start } from "../bench/process.ts";
import { editedExample } from "../support/power-box.ts";

/** What one bring-up with kills has shown. */
export type PowerFigures = {
  readonly steps: number;
  /** Steps during or right after which the head was killed. */
  readonly killedAt: readonly string[];
  readonly plan: Pick<PowerPlanAnswer, "state" | "message" | "missing">;
  readonly up: number;
  readonly boards: number;
  /** How often each outlet was switched on. */
  readonly starts: Readonly<Record<string, number>>;
  readonly offs: number;
  readonly violations: readonly Violation[];
  readonly seconds: number;
};

/**
 * Start a simulated cluster that is all off and a head with `--up all`; kill the head at each step of its plan as soon as
 * that step is seen to run, start it again on the same data, and see how it all ends. It takes as long as it takes: only a
 * plan that stands still for minutes is given up.
 */
export async function bringUpWithKills(example: string, speed: number): Promise<PowerFigures> {
  const from = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "bramble-power-kill-"));
  // Boards that are slow because this machine is busy are waited for: what is shown here is what kills do.
  const file = editedExample(example, [["settle_s: 90", "settle_s: 1200"]]);
  const [headPort, pduPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${headPort}`;
  const common = ["--cluster", file, "--speed", String(speed), "--pdu-port", String(pduPort), "--log-level", "error"];
  const startHead = (): Promise<Running> =>
    start(
      process.execPath,
      [
        ...[...programArguments("head"), ...common, "--port", String(headPort), "--data", join(folder, "data")],
        ...["--power", "simulated", "--up", "all", "--beacon", "off"],
      ],
      /^ready (http:\S+)$/m,
      { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") },
      stillMs,
    );
  let head: Running | null = null;
  try {
    await using _sim = await start(
      process.execPath,
      [...programArguments("sim"), ...common, "--head", url, "--control", "0"],
      /^ready sim (.*)$/m,
      process.env,
      stillMs,
    );
    head = await startHead();
    const killedAt = new Set<string>();
    let plan: PowerPlanAnswer | null = null;
    const still = stillness();
    for (;;) {
      plan = await newestPlan(url);
      const now = plan?.steps.findLast(({ state }) => state === "running" || state === "done");
      if (plan !== null && plan.state !== "running" && plan.state !== "waiting") break;
      if (now !== undefined && !killedAt.has(now.id)) {
        killedAt.add(now.id);
        await head.kill();
        head = await startHead();
      } else await pause(5);
      still(JSON.stringify([plan?.up, plan?.steps.map(({ state }) => state)]), () => JSON.stringify(plan));
    }
    const { speed: pace, trace } = await get<PowerTraceAnswer>(url, "/power/trace");
    const parsed = parseCluster(readFileSync(file, "utf8"));
    if (parsed.kind !== "ok") throw new Error(`${example} cannot be read`);
    const { cluster } = parsed;
    const moves = trace.map(({ at, outlet, on }) => ({ at: at * pace, outlet, on }));
    const starts: Record<string, number> = {};
    for (const { outlet, on } of trace) if (on) starts[outlet] = (starts[outlet] ?? 0) + 1;
    // Boards that were up before the last kill link again in their own time: after so many kills they wait up to a minute.
    const upNow = async (): Promise<number> =>
      (await get<{ states: Record<string, number> }>(url, "/cluster")).states.up ?? 0;
    for (;;) {
      const up = await upNow();
      if (up >= cluster.boards.length) break;
      still(`${up} up`, () => `${up} of ${cluster.boards.length} boards are up`);
      await pause(200);
    }
    return {
      ...{ steps: plan.steps.length, killedAt: [...killedAt], boards: cluster.boards.length, starts },
      plan: (await newestPlan(url)) ?? plan,
      up: await upNow(),
      offs: trace.filter(({ on }) => !on).length,
      violations: checkTrace(cluster, moves),
      seconds: Math.round((performance.now() - from) / 1000),
    };
  } finally {
    await head?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws when it was told the same for minutes. */
function stillness(): (now: string, what: () => string) => void {
  let last = "";
  let since = performance.now();
  return (now, what) => {
    if (now !== last) since = performance.now();
    last = now;
    if (performance.now() - since > stillMs)
      throw new Error(`nothing moves for ${stillMs / 60_000} minutes: ${what()}`);
  };
}

const stillMs = 5 * 60_000;

async function newestPlan(url: string): Promise<PowerPlanAnswer | null> {
  const { plans } = await get<PowerPlansAnswer>(url, "/power/plans?limit=1");
  const [plan] = plans;
  return plan === undefined ? null : get<PowerPlanAnswer>(url, `/power/plans/${plan.id}`);
}

async function get<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(`${url}/api/v1${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
