import * as disk from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { Command } from "commander";
import { CommandError, exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";

/** `bramble check FILE`: every mistake of a cluster file with its line, or what follows from it. */
export function addCheck(program: Command, terminal: Terminal): void {
  program
    .command("check")
    .description("tell every mistake of a cluster file with its line, or what follows from it")
    .argument("<file>", "the cluster file")
    .option("--json", "print problems and derived truths as JSON")
    .addHelpText("after", "\nExample:\n  bramble check examples/police-box.yaml")
    .action(async (file: string, options: { json?: boolean }) => {
      // Loaded when it is asked for: it takes longer to load than most commands to run.
      const { deriveTruths, describeTruths, filesBeside, makes, parseCluster } = await import("@bramble/core/cluster");
      const beside = filesBeside(disk, dirname(file));
      const parsed = parseCluster(read(file), { variables: environment(), beside: beside.look, makes });
      const problems = parsed.kind === "ok" ? parsed.warnings : parsed.problems;
      const truths = parsed.kind === "ok" ? deriveTruths(parsed.cluster) : null;
      if (options.json) {
        terminal.out(JSON.stringify({ valid: parsed.kind === "ok", problems, truths }, null, 2));
      } else {
        for (const problem of problems)
          terminal.note(sentence(file, parsed.kind === "ok" ? "warning" : "error", problem));
        if (truths !== null) terminal.out(describeTruths(truths));
      }
      if (parsed.kind === "ok") await checkRoles(file, parsed.cluster, beside.read);
      if (parsed.kind === "invalid") {
        const count = parsed.problems.length;
        throw new CommandError(`${file}: ${count === 1 ? "one problem" : `${count} problems`} found`);
      }
    });
}

/** What only the contents of roles tell: a unit that asks for more than its role may have. */
async function checkRoles(file: string, { roles }: Cluster, beside: (from: string) => Uint8Array): Promise<void> {
  const { bundleOf, faultOfRole } = await import("@bramble/core/work");
  for (const role of roles) {
    const fault = faultOfRole(bundleOf(role, beside));
    if (fault !== null) throw new CommandError(`${file}: the role ${role.id}: ${fault}`);
  }
}

function read(file: string): string {
  try {
    return disk.readFileSync(file, "utf8");
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    throw new CommandError(isMissing ? `there is no file ${file}` : `${file} cannot be read: ${messageOf(thrown)}`, {
      exitCode: exitCodes.usage,
    });
  }
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

type Told = { line: number; column: number; message: string; expected: string | null; nearest: string | null };

function sentence(file: string, level: string, { line, column, message, expected, nearest }: Told): string {
  const wanted = expected === null ? "" : `; expected ${expected}`;
  const meant = nearest === null ? "" : `; did you mean "${nearest}"?`;
  return `${file}:${line}:${column}: ${level}: ${message}${wanted}${meant}`;
}
