import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ProgramName, programArguments } from "../../apps/cli/src/programs.ts";
import type { PowerPlanAnswer, PowerPlansAnswer } from "../../packages/core/api/power.ts";
import { parseCluster } from "../../packages/core/cluster/index.ts";
import { checkTrace, type Move, type Violation } from "../../packages/core/power/index.ts";
import { freePort, pause } from "../bench/process.ts";
import { repository } from "../support/demo-process.ts";
import { editedExample } from "../support/power-box.ts";
import { type Death, type Fate, readDeaths } from "./deaths.ts";

/** What one bring-up with deaths has shown. */
export type PowerFigures = {
  /** Of the plan, in its order. */
  readonly steps: readonly string[];
  /** In their order: one head each. */
  readonly deaths: readonly Death[];
  readonly plan: Pick<PowerPlanAnswer, "id" | "state" | "message" | "missing">;
  readonly up: number;
  readonly boards: number;
  /** How often each outlet was switched on, as its PDU tells. */
  readonly starts: Readonly<Record<string, number>>;
  readonly offs: number;
  /** What the PDUs did that no limit, need or stagger allows. */
  readonly violations: readonly Violation[];
  readonly seconds: number;
};

/**
 * Start a simulated cluster that is all off and a head with `--up all` that dies at the entries of its power journal that
 * `fate` says (`mortal.child.ts`); start it again on the same data after each death, and see how it all ends. It takes as
 * long as it takes: only a plan that stands still for minutes is given up.
 */
export async function bringUpWithDeaths(example: string, fate: Fate, speed: number): Promise<PowerFigures> {
  const from = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "bramble-power-kill-"));
  // Boards that are slow because this machine is busy are waited for: what is shown here is what deaths do.
  const file = editedExample(example, [["settle_s: 90", "settle_s: 1200"]]);
  const parsed = parseCluster(readFileSync(file, "utf8"));
  if (parsed.kind !== "ok") throw new Error(`${example} cannot be read`);
  const { cluster } = parsed;
  const deathsFile = join(folder, "deaths");
  const [headPort, pduPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${headPort}`;
  const common = ["--cluster", file, "--speed", String(speed), "--pdu-port", String(pduPort)];
  const startHead = (): Program =>
    run("head", {
      node: ["--import", pathToFileURL(join(repository, "test/nothing-lost/mortal.child.ts")).href],
      flags: [
        ...[...common, "--log-level", "error", "--port", String(headPort), "--data", join(folder, "data")],
        ...["--power", "simulated", "--up", "all", "--beacon", "off"],
      ],
      env: {
        ...{ BRAMBLE_TEST_DEATHS: deathsFile, BRAMBLE_TEST_FATE: fate },
        NODE_COMPILE_CACHE: join(folder, "compiled"),
      },
    });
  let head: Program | null = null;
  try {
    await using sim = run("sim", { flags: [...common, "--log-level", "info", "--head", url, "--control", "0"] });
    const still = stillness();
    while (!sim.said().includes("ready sim ")) {
      still("sim", sim.said);
      await pause(50);
    }
    head = startHead();
    let plan: PowerPlanAnswer | null = null;
    while (plan === null || plan.state === "running" || plan.state === "waiting") {
      const end = await Promise.race([head.ended, pause(50)]);
      if (end !== undefined) {
        if (end !== "SIGKILL") throw new Error(`the head ended with ${end}: ${head.said()}`);
        head = startHead();
      }
      plan = await newestPlan(url);
      const deaths = readDeaths(deathsFile);
      still(JSON.stringify([deaths.length, plan?.up]), () => `${deaths.length} deaths, ${JSON.stringify(plan)}`);
    }
    const { id } = plan;
    const upNow = async (): Promise<number> =>
      (await get<{ states: Record<string, number> }>(url, "/cluster"))?.states.up ?? 0;
    // Boards that were up before the last death link again in their own time: after so many they wait up to a minute.
    for (let up = 0; up < cluster.boards.length; up = await upNow()) {
      still(`${up} up`, () => `${up} of ${cluster.boards.length} boards are up`);
      await pause(100);
    }
    const moves = movesOf(sim.said(), speed);
    const starts: Record<string, number> = {};
    for (const { outlet, on } of moves) if (on) starts[outlet] = (starts[outlet] ?? 0) + 1;
    return {
      ...{ steps: plan.steps.map((step) => step.id), deaths: readDeaths(deathsFile), boards: cluster.boards.length },
      ...{ plan: (await get<PowerPlanAnswer>(url, `/power/plans/${id}`)) ?? plan, up: await upNow(), starts },
      offs: moves.filter(({ on }) => !on).length,
      violations: checkTrace(cluster, moves),
      seconds: Math.round((performance.now() - from) / 1000),
    };
  } finally {
    await head?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A program that may end at any moment. */
type Program = AsyncDisposable & {
  /** All that it wrote. */
  said(): string;
  /** The signal or the code. */
  readonly ended: Promise<string>;
};

function run(
  name: ProgramName,
  given: { readonly node?: readonly string[]; readonly flags: readonly string[]; readonly env?: NodeJS.ProcessEnv },
): Program {
  const child = spawn(process.execPath, [...(given.node ?? []), ...programArguments(name), ...given.flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...given.env },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const ended = once(child, "close").then(([code, signal]) => String(signal ?? code));
  return {
    said: () => said,
    ended,
    async [Symbol.asyncDispose]() {
      const slow = setTimeout(() => child.kill("SIGKILL"), 5000);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(slow);
    },
  };
}

/** What the simulator's PDUs have switched, by its log: they are there all the time, and no head has told us. */
function movesOf(log: string, speed: number): Move[] {
  return log
    .split("\n")
    .filter((line) => line.includes('"outlet switched"'))
    .map((line) => {
      const { time, outlet, on } = JSON.parse(line) as { time: number; outlet: string; on: boolean };
      return { at: time * speed, outlet, on };
    });
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
  const [plan] = (await get<PowerPlansAnswer>(url, "/power/plans?limit=1"))?.plans ?? [];
  return plan === undefined ? null : get<PowerPlanAnswer>(url, `/power/plans/${plan.id}`);
}

/** Null while no head answers. */
async function get<T>(url: string, path: string): Promise<T | null> {
  let answer: Response;
  try {
    answer = await fetch(`${url}/api/v1${path}`);
    if (answer.ok) return (await answer.json()) as T;
  } catch {
    return null;
  }
  throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}
