import * as disk from "node:fs";
import { dirname } from "node:path";
import type { PostPowerPlanBody, PowerAnswer, PowerLimitsAnswer, PowerTraceAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { Command } from "commander";
import { headClient } from "../head-client.ts";
import { type HeadOptions, headAddress, whole, withHead } from "../options.ts";
import { askForPower, type PowerOptions } from "../power/ask.ts";
import { describeWhy } from "../power/why.ts";
import { describeLimits, describePower, outletsOf } from "../power/words.ts";
import { CommandError, exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { listBoards } from "./boards.ts";

/** `bramble up|down|cycle SET`, `bramble power [SET]`, `bramble plan [FILE]`. */
export function addPower(program: Command, terminal: Terminal, signal: AbortSignal): void {
  addAction(program, "up", "on", "bring boards up, in waves, after all that they need").action(start("on"));
  addAction(program, "down", "off", "halt boards, then take their power").action(start("off"));
  addAction(program, "cycle", "cycle", "take power from boards and give it again").action(start("cycle"));

  withHead(program.command("power"))
    .description("outlets, load against each limit, running plans, schedules")
    .argument("[set]", "only the outlets of these boards: b0412, @k01")
    .option("--why", "who switched each outlet last, what it needs, what needs it")
    .option("--dry-run", "as always here: this only looks, `up`, `down` and `cycle` switch")
    .addHelpText("after", "\nExample:\n  bramble power\n  bramble power @k01 --why")
    .action(async (set: string | undefined, options: HeadOptions & { readonly why?: boolean }) => {
      const head = headClient(headAddress(options));
      const power = await head.get<PowerAnswer>("/power");
      const moved = options.why === true ? await head.get<PowerTraceAnswer>("/power/trace") : null;
      if (options.json) {
        const trace = moved === null ? {} : { trace: moved.trace };
        return terminal.out(JSON.stringify({ ...power, ...trace }, null, 2));
      }
      const boards = set === undefined ? null : await listBoards(head, { set }, 100_000);
      const groups = boards === null ? null : new Set(boards.flatMap(({ place }) => place?.group ?? []));
      if (groups?.size === 0) return terminal.note("no outlet switches these boards");
      terminal.out(describePower(power, groups));
      if (moved !== null) terminal.out(`\n${describeWhy(power, moved, outletsOf(power, groups))}`);
    });

  withHead(program.command("plan"))
    .description("why each limit is what it is, of a cluster file or of the head's")
    .argument("[file]", "a cluster file; without: the head's own")
    .addHelpText("after", "\nExample:\n  bramble plan examples/police-box-garage.yaml")
    .action(async (file: string | undefined, options: HeadOptions) => {
      const answer = file === undefined ? await limitsOfHead(options) : await limitsOf(file);
      terminal.out(options.json ? JSON.stringify(answer, null, 2) : describeLimits(answer));
    });

  function start(action: PostPowerPlanBody["action"]) {
    return (set: string, options: PowerOptions) => askForPower({ action, set, options }, terminal, signal);
  }
}

function addAction(program: Command, name: string, action: string, description: string): Command {
  const command = withHead(program.command(name))
    .description(description)
    .argument("<set>", "a node set: b0412, @k01 (bank), @g03 (group), all")
    .option("--profile <name>", "whose limits hold: venue, garage, …; without: the cluster file's first")
    .option(
      "--with-parents",
      action === "off" ? "also what nothing needs any more" : "also what the boards need and is off",
    )
    .option("--dry-run", "show what would be done, and do nothing")
    .option("--why", "show each step with its reason")
    .option("--reason <text>", "for the journal");
  if (action !== "on")
    command
      .option("--collateral", "also boards that nobody named, because they share an outlet")
      .option("--now", "power goes at once: no work is waited for, no board halts first")
      .option(
        "--yes <count>",
        "so many boards lose power, and that is meant (asked for above 50)",
        whole(0, 1_000_000),
      );
  return command
    .option("--no-wait", "start it and do not wait for its end")
    .addHelpText(
      "after",
      `\nCtrl+C asks whether to leave it running or to cancel it.\n\nExample:\n  bramble ${name} @k01 --dry-run --why\n  bramble ${name} @k01`,
    );
}

function limitsOfHead(options: HeadOptions): Promise<PowerLimitsAnswer> {
  return headClient(headAddress(options)).get<PowerLimitsAnswer>("/power/limits");
}

async function limitsOf(file: string): Promise<PowerLimitsAnswer> {
  const [{ filesBeside, parseCluster }, { explainLimits }] = await Promise.all([
    import("@bramble/core/cluster"),
    import("@bramble/core/power"),
  ]);
  let text: string;
  try {
    text = disk.readFileSync(file, "utf8");
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    const why = isMissing ? `there is no file ${file}` : `${file} cannot be read: ${messageOf(thrown)}`;
    throw new CommandError(why, { exitCode: exitCodes.usage });
  }
  const variables = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const parsed = parseCluster(text, { variables, beside: filesBeside(disk, dirname(file)).look });
  if (parsed.kind === "ok") return { limits: explainLimits(parsed.cluster).map((each) => ({ ...each })) };
  const [first] = parsed.problems;
  throw new CommandError(`${file}:${first?.line ?? 1}: ${first?.message ?? "it is no cluster file"}`, {
    hint: `\`bramble check ${file}\` tells all that is wrong.`,
  });
}
