import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programArguments } from "../../apps/cli/src/programs.ts";
import { repository } from "../support/demo-process.ts";
import type { Running } from "./process.ts";
import { start } from "./process.ts";

/** A head as it is started by hand, as a process of its own. */
export type HeadProcess = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  /** End it without a word and start it again on the same data and port. */
  killAndStart(): Promise<void>;
};

/** Start a head of the police box, without power or beacon, on a data directory of its own. */
export async function startHeadProcess(flags: readonly string[] = []): Promise<HeadProcess> {
  const data = mkdtempSync(join(tmpdir(), "bramble-bench-"));
  const run = (port: string): Promise<Running> =>
    start(
      process.execPath,
      [
        ...flags.filter((flag) => flag.startsWith("--cpu-prof")),
        ...programArguments("head"),
        ...["--cluster", join(repository, "examples/police-box.yaml"), "--port", port, "--data", data],
        ...["--power", "none", "--beacon", "off", "--log-level", "error"],
        ...flags.filter((flag) => !flag.startsWith("--cpu-prof")),
      ],
      /^ready (http:\S+)$/m,
    );
  let running = await run("0");
  const url = running.ready;
  return {
    url,
    get pid() {
      return running.pid;
    },
    async killAndStart() {
      await running.kill();
      running = await run(new URL(url).port);
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
