import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PowerAnswer, PowerPlanAnswer, PowerPlansAnswer, PowerTraceAnswer } from "@bramble/core/api";
import { type Cluster, parseCluster } from "@bramble/core/cluster";
import { checkTrace, type Violation } from "@bramble/core/power";
import { programArguments } from "../../apps/cli/src/programs.ts";
import { freePort, pause, type Running, start } from "../bench/process.ts";
import { bramble, repository } from "./demo-process.ts";

/** A simulator, all off, and a head with its boot servers and PDUs, as processes of their own; told what to do by the command line. */
export type PowerBox = AsyncDisposable & {
  readonly url: string;
  readonly cluster: Cluster;
  readonly head: Running;
  bramble(...args: string[]): ReturnType<typeof bramble>;
  power(): Promise<PowerAnswer>;
  newestPlan(): Promise<PowerPlanAnswer | null>;
  events(): Promise<readonly { readonly kind: string; readonly message: string }[]>;
  trace(): Promise<PowerTraceAnswer["trace"]>;
  /** What the recorded trace did that no limit, need or stagger allows. */
  violations(profile?: string): Promise<readonly Violation[]>;
  states(): Promise<Readonly<Record<string, number>>>;
  /** Asks again and again, for ten minutes at most. @throws with what it waited for. */
  until<T>(what: string, look: () => Promise<T | null | false>): Promise<T>;
};

/** A copy of an example with some of its text changed, without its roles: their files stand beside the example. */
export function editedExample(name: string, edits: readonly (readonly [was: string, is: string])[]): string {
  let text = readFileSync(join(repository, "examples", name), "utf8").replace(/^roles:\n(?:[ #].*\n)+/m, "");
  for (const [was, is] of edits) {
    if (!text.includes(was)) throw new Error(`${name} has no "${was}"`);
    text = text.replace(was, is);
  }
  const file = join(mkdtempSync(join(tmpdir(), "bramble-example-")), name);
  writeFileSync(file, text);
  return file;
}

/** Start both on the cluster file, `speed` times faster than true. */
export async function startPowerBox(
  file: string,
  { speed, sim = [] }: { readonly speed: number; readonly sim?: readonly string[] },
): Promise<PowerBox> {
  const folder = mkdtempSync(join(tmpdir(), "bramble-power-box-"));
  const [headPort, pduPort, control] = [await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${headPort}`;
  const common = ["--cluster", file, "--speed", String(speed), "--pdu-port", String(pduPort), "--log-level", "error"];
  const boot = ["--boot", "simulated", "--dhcp-port", "0", "--tftp-port", "0", "--boot-http-port", "0"];
  const parsed = parseCluster(readFileSync(file, "utf8"));
  if (parsed.kind !== "ok") throw new Error(`${file} cannot be read`);
  const { cluster } = parsed;
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const program = (name: "head" | "sim", args: readonly string[], ready: RegExp): Promise<Running> =>
    start(process.execPath, [...programArguments(name), ...common, ...args], ready, process.env, 5 * 60_000);
  const ports = ["--port", String(headPort), "--data", join(folder, "data")];
  const head = stack.use(
    await program("head", [...ports, ...boot, "--power", "simulated", "--beacon", "off"], /^ready (http:\S+)$/m),
  );
  stack.use(await program("sim", ["--head", url, "--control", String(control), ...sim], /^ready sim (.*)$/m));
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const trace = async () => get<PowerTraceAnswer>("/power/trace");
  const until: PowerBox["until"] = async (what, look) => {
    const from = performance.now();
    for (;;) {
      const found = await look();
      if (found !== null && found !== false) return found;
      if (performance.now() - from > 600_000) throw new Error(`not so after ten minutes: ${what}`);
      await pause(200);
    }
  };
  const power = (): Promise<PowerAnswer> => get("/power");
  await until("all PDUs answer", async () => (await power()).pdus.every(({ error }) => error === null));
  const open = stack.move();
  return {
    ...{ url, cluster, head, power, until },
    bramble: (...args) =>
      bramble(args[0] === "sim" ? [...args, "--control", String(control)] : [...args, "--head", url]),
    async newestPlan() {
      const [plan] = (await get<PowerPlansAnswer>("/power/plans?limit=1")).plans;
      return plan === undefined ? null : get<PowerPlanAnswer>(`/power/plans/${plan.id}`);
    },
    events: async () => (await get<{ events: { kind: string; message: string }[] }>("/events?limit=1000")).events,
    trace: async () => (await trace()).trace,
    async violations(profile) {
      const { speed: pace, trace: moves } = await trace();
      return checkTrace(
        cluster,
        moves.map(({ at, outlet, on }) => ({ at: at * pace, outlet, on })),
        profile ?? null,
      );
    },
    states: async () => (await get<{ states: Record<string, number> }>("/cluster")).states,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
