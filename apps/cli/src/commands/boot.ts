import { userInfo } from "node:os";
import type { BootAnswer, LaneAnswer, LanesAnswer, LeasesAnswer, PlansAnswer } from "@bramble/core/api";
import type { LaneBrief } from "@bramble/core/boot";
import { Argument, type Command } from "commander";
import { drawLanes, tally, whereInWords } from "../boot/picture.ts";
import { describeBoot, describeEvents, describeLane, leaseTable, planTable } from "../boot/summary.ts";
import type { HeadClient } from "../head-client.ts";
import { headClient } from "../head-client.ts";
import type { HeadOptions } from "../options.ts";
import { between, headAddress, withHead } from "../options.ts";
import { pause } from "../pause.ts";
import type { Terminal } from "../terminal.ts";

type WatchOptions = HeadOptions & { every: number; once?: boolean };

/** `bramble boot …`: how boards boot, and what. */
export function addBoot(program: Command, terminal: Terminal, signal: AbortSignal): void {
  const boot = program
    .command("boot")
    .description("how boards boot over the network, where they stop and why: summary, watch, show, set, plans, leases")
    .addHelpText("after", "\nExample:\n  bramble boot\n  bramble boot watch @g03");

  withHead(boot.command("summary", { isDefault: true }))
    .description("servers, boards by step, troubles and what to do; what `bramble boot` alone gives")
    .addHelpText("after", "\nExample:\n  bramble boot")
    .action(async (options: HeadOptions) => {
      const answer = await headClient(headAddress(options)).get<BootAnswer>("/boot");
      terminal.out(options.json ? JSON.stringify(answer, null, 2) : describeBoot(answer));
    });

  withHead(boot.command("watch"))
    .description("boards booting, live: one row a board, one column a step")
    .argument("[set]", "a node set: @g03, b[1-42]; without: all boards that are on their way or stopped")
    .option("--every <seconds>", "look again after", between(0.2, 3600), 1)
    .option("--once", "draw once and end")
    .addHelpText(
      "after",
      "\nWhere the output is no terminal each change is a line.\n\nExample:\n  bramble boot watch @g03",
    )
    .action(async (set: string | undefined, options: WatchOptions) => {
      await watch(headClient(headAddress(options)), set, options, terminal, signal);
    });

  withHead(boot.command("show"))
    .description("one board's boot: its steps, files and times, what is wrong and what to do")
    .argument("<board>", "its name (b0412, or b412) or MAC")
    .option("--events", "everything that the servers saw of it, line by line")
    .addHelpText("after", "\nExample:\n  bramble boot show b0412")
    .action(async (board: string, options: HeadOptions & { events?: boolean }) => {
      const lane = await headClient(headAddress(options)).get<LaneAnswer>(`/boot/lanes/${encodeURIComponent(board)}`);
      if (options.json) return terminal.out(JSON.stringify(lane, null, 2));
      terminal.out(options.events ? describeEvents(lane) : describeLane(lane, terminal.now()));
    });

  withHead(boot.command("set"))
    .description("choose what boards boot from their next boot on")
    .argument("<set>", "a node set: @k01, b[1-42], all")
    .addArgument(
      new Argument(
        "<plan>",
        "live: the image; discovery: find out what it is; local: its own disk; rescue: a shell; file: as the cluster file says",
      ).choices(["live", "discovery", "local", "rescue", "file"]),
    )
    .addHelpText("after", "\nExample:\n  bramble boot set @k01 rescue")
    .action(async (set: string, plan: string, options: HeadOptions) => {
      const body = { set, plan: plan === "file" ? null : plan, by: `cli:${userName()}` };
      const answer = await headClient(headAddress(options)).put<{ boards: number }>("/boot/plans", body);
      if (options.json) return terminal.out(JSON.stringify(answer, null, 2));
      const what = plan === "file" ? "what the cluster file says" : plan;
      terminal.out(
        `${answer.boards} ${answer.boards === 1 ? "board boots" : "boards boot"} ${what} from the next boot on`,
      );
    });

  withHead(boot.command("plans"))
    .description("what boards boot, and who said so")
    .addHelpText("after", "\nExample:\n  bramble boot plans")
    .action(async (options: HeadOptions) => {
      const answer = await headClient(headAddress(options)).get<PlansAnswer>("/boot/plans");
      terminal.out(options.json ? JSON.stringify(answer, null, 2) : planTable(answer, terminal.now()));
    });

  withHead(boot.command("leases"))
    .description("who holds which address")
    .addHelpText("after", "\nExample:\n  bramble boot leases | grep pool")
    .action(async (options: HeadOptions) => {
      const answer = await headClient(headAddress(options)).get<LeasesAnswer>("/boot/leases");
      terminal.out(options.json ? JSON.stringify(answer, null, 2) : leaseTable(answer, terminal.now()));
    });
}

/** Draws the lanes anew again and again; without a terminal, tells each change once. */
async function watch(
  head: HeadClient,
  set: string | undefined,
  options: WatchOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  // Loaded when there is something to watch: it takes longer than the question.
  const { unpackLane } = await import("@bramble/core/boot");
  const isDrawn = terminal.isTty || options.once === true;
  const told = new Map<string, string>();
  for (;;) {
    const query = { set, ...(set === undefined && isDrawn ? { state: "waiting,booting,stopped" } : {}) };
    const answer = await head.get<LanesAnswer>("/boot/lanes", query);
    if (options.json) return terminal.out(JSON.stringify(answer, null, 2));
    const lanes = answer.lanes.map((row) => unpackLane(row));
    if (isDrawn) {
      const picture =
        lanes.length === 0 ? nothing(set) : drawLanes(lanes, await head.get<BootAnswer>("/boot"), terminal.columns);
      if (options.once) return terminal.out(picture);
      // Home, clear to the end of each line and of the screen: no flicker.
      terminal.out(`\x1b[H${picture.replaceAll("\n", "\x1b[K\n")}\x1b[K\n\x1b[J`);
    } else tellChanges(lanes, told, answer.now, terminal);
    if (!(await pause(options.every * 1000, signal))) return;
  }
}

function nothing(set: string | undefined): string {
  return set === undefined
    ? "no board is on its way or has stopped; name some to see their last boot: bramble boot watch @g03"
    : "no board fits";
}

/** One line a board whose step or state is another than it was. */
function tellChanges(lanes: readonly LaneBrief[], told: Map<string, string>, now: number, terminal: Terminal): void {
  const time = new Date(now).toISOString().slice(11, 19);
  const isFirst = told.size === 0;
  for (const lane of lanes) {
    const key = `${lane.state}/${lane.at}/${lane.attempt}`;
    if (told.get(lane.board) === key) continue;
    told.set(lane.board, key);
    // What stands still at the start is in the tally.
    if (!isFirst || lane.state === "waiting" || lane.state === "booting" || lane.state === "stopped")
      terminal.out(`${time} ${lane.board} ${whereInWords(lane)}`);
  }
  if (isFirst) terminal.out(`${time} ${tally(lanes)}`);
}

function userName(): string {
  try {
    return userInfo().username.slice(0, 40);
  } catch {
    return "unknown";
  }
}
