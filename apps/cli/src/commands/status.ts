import type { ClusterAnswer } from "@bramble/core/api";
import type { Command } from "commander";
import { headClient } from "../head-client.ts";
import type { HeadOptions } from "../options.ts";
import { headAddress, withHead } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { ago, reading } from "../terminal.ts";
import { listBoards } from "./boards.ts";

/** `bramble status`: how the cluster stands, in ten lines. */
export function addStatus(program: Command, terminal: Terminal): void {
  withHead(program.command("status"))
    .description("how the cluster stands, and which boards need a look")
    .addHelpText("after", "\nExample:\n  bramble status")
    .action(async (options: HeadOptions) => {
      const head = headClient(headAddress(options));
      const cluster = await head.get<ClusterAnswer>("/cluster");
      if (options.json) return terminal.out(JSON.stringify(cluster, null, 2));
      terminal.out(describeCluster(cluster));
      const count = (cluster.states.silent ?? 0) + (cluster.states.failed ?? 0);
      if (count === 0) return;
      const troubled = [
        ...(await listBoards(head, { state: "silent" }, 5000)),
        ...(await listBoards(head, { state: "failed" }, 5000)),
      ];
      // Loaded when there is trouble to tell: it takes longer than the question.
      const { foldNodeSet } = await import("@bramble/core/cluster");
      terminal.out(`\n${describeTrouble(troubled, cluster.now, foldNodeSet)}`);
    });
}

/** The summary as text. */
export function describeCluster(cluster: ClusterAnswer): string {
  const { bringUp, hottest, warbles, watts } = cluster;
  const lines = [
    `${cluster.name}: ${cluster.description}`,
    `  boards    ${boardsInWords(cluster)}`,
    `  head      version ${cluster.version}, up for ${ago(cluster.now - cluster.startedAt)}`,
    `  samples   ${cluster.samplesPerSecond.toFixed(0)} a second`,
    `  warbles   ${warbles.queued} queued, ${warbles.leased} running, ${warbles.done} done, ${warbles.failed} failed`,
    `  hottest   ${hottest === null ? "-" : `${hottest.name}, ${hottest.temperatureC.toFixed(1)} °C`}`,
    `  power     ${reading(watts.now, " W")}${watts.limit === null ? "" : ` of ${reading(watts.limit, " W")}`}`,
  ];
  if (bringUp !== null && !bringUp.done) {
    lines.push(
      `  bring-up  wave ${bringUp.wave} of ${bringUp.waves} (${bringUp.groups.join(", ")}): ${bringUp.waveUp} of ${bringUp.waveExpected} up; in all ${bringUp.up} of ${bringUp.expected}`,
    );
  } else if (bringUp !== null && bringUp.missing.length > 0) {
    lines.push(
      `  bring-up  ended; missing: ${bringUp.missing.slice(0, 20).join(", ")}${bringUp.missing.length > 20 ? ", …" : ""}`,
    );
  }
  return lines.join("\n");
}

/** `1007 of 1051 up, 42 silent, 2 off; 1 of them not in the cluster file`. */
function boardsInWords({ states, expected }: ClusterAnswer): string {
  const all = Object.values(states).reduce((sum, count) => sum + count, 0);
  const others = Object.entries(states).filter(([state, count]) => state !== "up" && count > 0);
  const words = [`${states.up ?? 0} of ${all} up`, ...others.map(([state, count]) => `${count} ${state}`)].join(", ");
  return all > expected ? `${words}; ${all - expected} of them not in the cluster file` : words;
}

type Troubled = {
  readonly name: string;
  readonly state: string;
  readonly cause: string | null;
  readonly since: number;
};

/** Boards in trouble, folded by state and cause so that a dark bank is one line. */
function describeTrouble(boards: readonly Troubled[], now: number, fold: (names: readonly string[]) => string): string {
  const kinds = new Map<string, Troubled[]>();
  for (const board of boards) {
    const kind = board.cause === null ? board.state : `${board.state} (${board.cause})`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), board]);
  }
  return [...kinds]
    .map(([kind, list]) => {
      const oldest = Math.min(...list.map(({ since }) => since));
      return `${kind}, ${list.length === 1 ? "one board" : `${list.length} boards`}, since ${ago(now - oldest)}:\n  ${fold(list.map(({ name }) => name))}`;
    })
    .join("\n");
}
