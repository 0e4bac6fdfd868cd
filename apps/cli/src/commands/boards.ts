import type { BoardBody } from "@bramble/core/api";
import type { Command } from "commander";
import type { HeadClient } from "../head-client.ts";
import { headClient } from "../head-client.ts";
import type { HeadOptions } from "../options.ts";
import { headAddress, whole, withHead } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { ago, reading, table } from "../terminal.ts";

/** `bramble boards` and `bramble board NAME`. */
export function addBoards(program: Command, terminal: Terminal): void {
  withHead(program.command("boards"))
    .description("list boards: all, or those of a node set such as @k01")
    .argument("[set]", "a node set: b[1-42], @k01 (bank), @g03 (group), @silent, @r1!b7 (without b7)")
    .option("--state <state>", "only boards in this state: up, silent, off, failed, …")
    .option("--limit <n>", "at most this many", whole(1, 100_000), 2000)
    .addHelpText("after", "\nExample:\n  bramble boards @g03 --state silent")
    .action(async (set: string | undefined, options: HeadOptions & { state?: string; limit: number }) => {
      const boards = await listBoards(headClient(headAddress(options)), { set, state: options.state }, options.limit);
      if (options.json) return terminal.out(JSON.stringify({ boards }, null, 2));
      if (boards.length === 0) return terminal.note("no board fits; `bramble boards` lists all");
      terminal.out(boardTable(boards, terminal.now()));
    });

  withHead(program.command("board"))
    .description("show one board: its place, state, readings and busiest processes")
    .argument("<name>", "its name (b0412, or b412) or MAC")
    .addHelpText("after", "\nExample:\n  bramble board b0412")
    .action(async (name: string, options: HeadOptions) => {
      const board = await headClient(headAddress(options)).get<BoardBody>(`/boards/${encodeURIComponent(name)}`);
      terminal.out(options.json ? JSON.stringify(board, null, 2) : describeBoard(board, terminal.now()));
    });
}

/** All boards that fit, over as many pages as that takes. */
export async function listBoards(
  head: HeadClient,
  query: { readonly set?: string | undefined; readonly state?: string | undefined },
  limit: number,
): Promise<BoardBody[]> {
  const boards: BoardBody[] = [];
  let cursor: string | undefined;
  do {
    const page: { boards: BoardBody[]; next: string | null } = await head.get("/boards", {
      ...query,
      cursor,
      limit: String(Math.min(5000, limit - boards.length)),
    });
    boards.push(...page.boards);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && boards.length < limit);
  return boards;
}

function boardTable(boards: readonly BoardBody[], now: number): string {
  return table(
    ["BOARD", "STATE", "FOR", "CPU", "MEM", "TEMP", "PLACE", "ADDRESS", "MAC"],
    boards.map((board) => [
      board.name,
      stateWords(board),
      ago(now - board.since),
      reading(board.latest?.cpu, " %"),
      reading(board.latest?.memory, " %"),
      reading(board.latest?.temperatureC, " °C"),
      board.place === null ? "-" : `${board.place.rack} ${board.place.bank}/${board.place.slot}`,
      board.address,
      board.mac,
    ]),
  );
}

function describeBoard(board: BoardBody, now: number): string {
  const { latest, place, boot } = board;
  const facts: [string, string][] = [
    ["state", `${stateWords(board)} for ${ago(now - board.since)}`],
    [
      "place",
      place === null ? "not in the cluster file" : `rack ${place.rack}, bank ${place.bank}, slot ${place.slot}`,
    ],
    ["switch", place?.switch ? `${place.switch}${place.port === null ? "" : ` port ${place.port}`}` : "-"],
    ["group", place?.group ?? "-"],
    ["address", board.address ?? "-"],
    ["mac", board.mac ?? "not seen yet"],
    ["serial", board.serial ?? "-"],
    ["model", `${board.model ?? "-"}${board.simulated ? " (simulated)" : ""}`],
    ["agent", board.agent ?? "-"],
    ["boot", boot === null ? "-" : `${boot.step}${boot.failed === null ? "" : `, failed: ${boot.failed}`}`],
  ];
  if (latest !== null) {
    facts.push(
      ["cpu", reading(latest.cpu, " %", 1)],
      ["memory", `${reading(latest.memoryUsedMb, " MB")} of ${reading(latest.memoryTotalMb, " MB")}`],
      ["disk", `${reading(latest.diskUsedGb, " GB", 1)} of ${reading(latest.diskTotalGb, " GB", 1)}`],
      ["temperature", reading(latest.temperatureC, " °C", 1)],
      ["sampled", `${ago(now - latest.at)} ago`],
    );
  }
  const lines = [board.name, ...facts.map(([name, value]) => `  ${name.padEnd(12)}${value}`)];
  if (latest !== null && latest.processes.length > 0) {
    const rows = latest.processes.map(({ pid, name, user, cpu, memory }) => [
      pid,
      name,
      user,
      `${cpu} %`,
      `${memory} %`,
    ]);
    lines.push("", table(["PID", "PROCESS", "USER", "CPU", "MEM"], rows));
  }
  return lines.join("\n");
}

function stateWords({ state, cause }: BoardBody): string {
  return cause === null ? state : `${state} (${cause})`;
}
