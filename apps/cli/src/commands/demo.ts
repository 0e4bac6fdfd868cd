import { resolve } from "node:path";
import { ports } from "@bramble/core/api";
import type { Command } from "commander";
import { Option } from "commander";
import { showWakingUp } from "../demo/progress.ts";
import { startDemo } from "../demo/supervisor.ts";
import { headClient } from "../head-client.ts";
import { between, whole } from "../options.ts";
import { CommandError } from "../problem.ts";
import { bramblePath } from "../programs.ts";
import type { Terminal } from "../terminal.ts";

type DemoOptions = {
  port: number;
  control: number;
  cluster: string;
  data: string;
  speed: number;
  seed: string;
  fail: number;
  agent: boolean;
  pduPort: number;
  boot: boolean;
  fullImages?: boolean;
};

/** `bramble demo`: head, a simulated police box and this computer as one real board, until Ctrl+C. */
export function addDemo(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command("demo")
    .description("a simulated police box of 1050 boards, and this computer as one real board")
    .option("--port <n>", "where the page and the API listen, on this computer only", whole(0, 65_535), ports.head)
    .addOption(
      new Option("--cluster <file>", "another cluster file").default(
        bramblePath("examples", "police-box.yaml"),
        "the police box",
      ),
    )
    .option("--speed <n>", "how much faster boards boot than real ones", between(0.1, 1000), 30)
    .option("--fail <part>", "part of the boards that fail at a power-on: 0.1 is one in ten", between(0, 1), 0)
    .option("--seed <seed>", "another seed gives other chances", "bramble")
    .option("--data <dir>", "where the demo keeps its data and logs", ".bramble/demo")
    .addOption(
      new Option("--control <n>", "the simulator's control port, for `bramble sim kill …`")
        .argParser(whole(0, 65_535))
        .default(ports.simControl),
    )
    .option(
      "--pdu-port <n>",
      "where the pretend PDUs listen, on 127.30.0.x; another for a second demo on this computer",
      whole(1, 65_535),
      ports.pdu,
    )
    .option("--full-images", "boards load files of true size: some 50 MB each, and it takes as long")
    .option("--no-boot", "boards tell the steps of their boot and load nothing")
    .option("--no-agent", "without this computer as a board")
    .addHelpText("after", "\nExample:\n  bramble demo --port 9000 --fail 0.1")
    .action((options: DemoOptions) => runDemo(options, terminal, signal));
}

async function runDemo(options: DemoOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { port, control, pduPort, cluster, speed, seed, fail } = options;
  const dataDir = resolve(options.data);
  await using demo = await startDemo({
    port,
    control,
    pduPort,
    speed,
    seed,
    fail,
    cluster: resolve(cluster),
    dataDir,
    withAgent: options.agent,
    boot: !options.boot ? "none" : options.fullImages === true ? "simulated:full" : "simulated",
  });
  terminal.out(`ready ${demo.url}`);
  terminal.note(`Open ${demo.url} in a browser; logs are in ${dataDir}; Ctrl+C ends it.`);
  const interrupted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  void showWakingUp(headClient({ url: demo.url, token: null }), terminal, signal);
  const why = await Promise.race([interrupted, demo.broken]);
  if (why !== null && !signal.aborted) throw new CommandError(why, { hint: `Its log is in ${dataDir}.` });
  terminal.note("Stopping …");
}
