import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandLine } from "../apps/cli/src/command-line.ts";
import type { CorpusProgram, Ran } from "./support/corpus.ts";
import { corpus, differenceOf } from "./support/corpus.ts";
import { repository } from "./support/demo-process.ts";

/** `bramble warble run` with the public corpus: the same bytes as in the language's own tests. */
test("all 164 programs of the corpus give the same bytes on the command line", async () => {
  const wrong: string[] = [];
  for (const program of corpus()) wrong.push(...((await differenceOnTheCommandLine(program)) ?? []));
  expect(wrong).toEqual([]);
}, 120_000);

test("a post on standard input prints its lines; an error is one line on stderr and a non-zero exit", () => {
  const bramble = (input: string) =>
    spawnSync(process.execPath, ["bin/bramble.mjs", "warble", "run", "-", "--no-sleep"], {
      cwd: repository,
      input,
      encoding: "utf8",
    });
  expect(bramble("#pi{PRINT(\u201chello cluster\u201d)SLEEP(50)}")).toMatchObject({
    status: 0,
    stdout: "hello cluster\n",
    stderr: "",
  });
  const failed = bramble("#pi{PRINT(1)yPRINT(2)}");
  expect(failed).toMatchObject({ status: 1 });
  expect(failed.stderr).toMatch(/^NAME @\d+: .*y;PRINT.*\n$/);
});

async function differenceOnTheCommandLine(program: CorpusProgram): Promise<string[] | null> {
  const folder = mkdtempSync(join(tmpdir(), "bramble-corpus-"));
  const file = join(folder, "post");
  const runAs = async (user: string, source: string): Promise<Ran> => {
    writeFileSync(file, source);
    const out: string[] = [];
    const terminal = {
      out: (text: string) => void out.push(text),
      note: () => {},
      isTty: false,
      columns: 80,
      now: () => 1_800_000_000_000,
    };
    await runCommandLine(
      ["warble", "run", file, "--user", user, "--store", join(folder, "saved"), "--no-sleep", "--json"],
      terminal,
      new AbortController().signal,
    );
    return JSON.parse(out.join("")) as Ran;
  };
  for (const { user, source } of program.before ?? []) await runAs(user, source);
  const difference = differenceOf(program, await runAs(program.user ?? "ada", program.source));
  return difference === null ? null : [difference];
}
