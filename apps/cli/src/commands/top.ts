import type { BoardBody, ClusterAnswer } from "@bramble/core/api";
import type { Command } from "commander";
import { Option } from "commander";
import { headClient } from "../head-client.ts";
import type { HeadOptions } from "../options.ts";
import { between, headAddress, whole, withHead } from "../options.ts";
import { pause } from "../pause.ts";
import type { Terminal } from "../terminal.ts";
import { reading, table } from "../terminal.ts";
import { listBoards } from "./boards.ts";
import { describeCluster } from "./status.ts";

type Order = "temperature" | "cpu" | "memory";
type TopOptions = HeadOptions & { by: Order; lines: number; every: number; once?: boolean };

/** `bramble top`: the busiest or hottest boards, drawn anew every few seconds. */
export function addTop(program: Command, terminal: Terminal, signal: AbortSignal): void {
  withHead(program.command("top"))
    .description("the hottest or busiest boards, live")
    .addOption(
      new Option("--by <reading>", "order by").choices(["temperature", "cpu", "memory"]).default("temperature"),
    )
    .option("--lines <n>", "how many boards", whole(1, 1000), 15)
    .option("--every <seconds>", "draw anew after", between(0.5, 3600), 2)
    .option("--once", "draw once and end (what happens when the output is no terminal)")
    .addHelpText("after", "\nExample:\n  bramble top --by cpu --lines 20")
    .action(async (options: TopOptions) => {
      const head = headClient(headAddress(options));
      for (;;) {
        const cluster = await head.get<ClusterAnswer>("/cluster");
        const boards = pick(await listBoards(head, {}, 100_000), options);
        if (options.json) return terminal.out(JSON.stringify({ boards }, null, 2));
        const picture = `${describeCluster(cluster)}\n\n${busiest(boards)}`;
        if (options.once || !terminal.isTty) return terminal.out(picture);
        // Home, clear to the end of each line and of the screen: no flicker.
        terminal.out(`\x1b[H${picture.replaceAll("\n", "\x1b[K\n")}\x1b[K\n\x1b[J`);
        if (!(await pause(options.every * 1000, signal))) return;
      }
    });
}

function pick(boards: readonly BoardBody[], { by, lines }: TopOptions): BoardBody[] {
  const value = ({ latest }: BoardBody): number =>
    (by === "temperature" ? latest?.temperatureC : latest?.[by]) ?? Number.NEGATIVE_INFINITY;
  return boards
    .filter(({ state, latest }) => state === "up" && latest !== null)
    .sort((a, b) => value(b) - value(a))
    .slice(0, lines);
}

function busiest(boards: readonly BoardBody[]): string {
  return table(
    ["BOARD", "TEMP", "CPU", "MEM", "LOAD", "BUSIEST PROCESS"],
    boards.map(({ name, latest }) => [
      name,
      reading(latest?.temperatureC, " °C", 1),
      reading(latest?.cpu, " %", 1),
      reading(latest?.memory, " %"),
      reading(latest?.load, "", 2),
      latest?.processes[0] === undefined ? "-" : `${latest.processes[0].name} (${latest.processes[0].cpu} %)`,
    ]),
  );
}
