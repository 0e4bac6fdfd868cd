import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { usage as agentHelp } from "../../apps/agent/src/flags.ts";
import { runCommandLine } from "../../apps/cli/src/command-line.ts";
import { helpText as headHelp } from "../../apps/head/src/help.ts";
import { usage as simHelp } from "../../apps/sim/src/options.ts";
import type { DemoProcess } from "../support/demo-process.ts";
import { demoOf, repository, startDemoProcess } from "../support/demo-process.ts";
import type { Fence } from "./fences.ts";
import { codeSpansOf, fencesOf, looksAs, readersDocuments } from "./fences.ts";
import { seatReader } from "./shell.ts";

/**
 * Every command of the README and of docs/ is run, as a reader would type it. A `sh` block ends with exit code 0, and
 * prints what the `text output` block after it shows. Blocks that no test can run say so in their first line.
 */
const notRun: Readonly<Record<string, string>> = {
  "on-the-board": "needs a board, and root on it",
  "on-the-head": "needs the head's own machine: root, systemd, an address on the boards' network, or another program",
  "until-ctrl-c": "runs until Ctrl+C; test/demo.test.ts starts and ends it",
  "whole-suite": "runs all tests, this one included",
};
const documents = readersDocuments();
const shells = documents.flatMap((file) => fencesOf(file)).filter(({ language }) => language === "sh");
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

describe("the commands of the documents", () => {
  let demo: DemoProcess;
  const person = { folder: mkdtempSync(join(tmpdir(), "bramble-person-")) };
  beforeAll(async () => {
    demo = await startDemoProcess(demoOf("mini-84.yaml", "--speed", "100"));
    await demo.until(({ states }) => (states.up ?? 0) >= 85, 60_000);
  }, 90_000);
  afterAll(() => demo?.[Symbol.asyncDispose]());

  test.each([...new Set(shells.filter(isRun).map(({ file }) => file))])(
    "%s: every command does what it says",
    async (file) => {
      await using reader = await seatReader(demo, person);
      const wrong: string[] = [];
      for (const fence of shells.filter((each) => each.file === file && isRun(each))) {
        if (fence.marks.includes("keeps-running")) {
          await reader.start(fence.text);
          continue;
        }
        const { code, printed } = await reader.type(fence.text);
        if (code !== 0) wrong.push(`${where(fence)}: exit code ${code}\n${fence.text}\n${printed}`);
        else if (fence.output !== null && !looksAs(printed, fence.output))
          wrong.push(`${where(fence)} shows\n${fence.output}\nand prints\n${printed}`);
      }
      expect(wrong).toEqual([]);
    },
    90_000,
  );

  for (const fence of shells.filter((each) => !isRun(each))) {
    const mark = fence.marks.find((each) => Object.hasOwn(notRun, each));
    // Shown in the list, so that it is plain which commands of the documents nobody tries.
    // Counted, with its reason in its name: a command that only a board, root or a whole evening could run.
    test.skip(`${where(fence)}: not run, ${mark === undefined ? "no curl on this machine" : notRun[mark]}`, () => {});
  }
});

test("a block that holds a command is marked as one, and its marks are known", () => {
  const wrong = documents
    .flatMap((file) => fencesOf(file))
    .flatMap((fence) => {
      const looksLikeCommand = /^(npx|npm|node|curl|sudo|bramble|systemctl) /m.test(fence.text);
      if (fence.language !== "sh")
        return looksLikeCommand && fence.language !== "ini" ? [`${where(fence)}: say \`sh\``] : [];
      return fence.marks
        .filter((mark) => mark !== "keeps-running" && !Object.hasOwn(notRun, mark))
        .map((mark) => `${where(fence)}: "${mark}" is no mark`);
    });
  expect(wrong).toEqual([]);
});

test("commands in running text name commands and flags that there are", async () => {
  const spans = documents.flatMap((file) =>
    codeSpansOf(file)
      .filter((span) => /^(npx )?bramble [a-z]/.test(span))
      .map((span) => ({ file, words: span.replace(/^npx /, "").split(/\s+/).slice(1) })),
  );
  const nameOf = (words: readonly string[]): string => words.slice(0, words[0] === "warble" ? 2 : 1).join(" ");
  const helps = new Map<string, string>();
  for (const name of new Set(spans.map(({ words }) => nameOf(words)))) {
    helps.set(name, await helpOf(name));
  }
  const wrong = spans.flatMap(({ file, words }) => {
    const help = helps.get(nameOf(words)) ?? "";
    if (help === "") return [`${file}: there is no \`bramble ${nameOf(words)}\``];
    return words
      .filter((word) => /^--[a-z]/.test(word) && word !== "--help" && !help.includes(word.replace(/=.*/, "")))
      .map((flag) => `${file}: \`bramble ${nameOf(words)}\` knows no ${flag}`);
  });
  expect(wrong).toEqual([]);
});

test("npm run in running text names scripts that there are", () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { scripts: object };
  const unknown = documents.flatMap((file) =>
    codeSpansOf(file).flatMap((span) => {
      const script = /^npm run ([\w-]+)/.exec(span)?.[1];
      return script !== undefined && !Object.hasOwn(scripts, script) ? [`${file}: ${span}`] : [];
    }),
  );
  expect(unknown).toEqual([]);
});

const programHelps: Readonly<Record<string, string>> = { head: headHelp, agent: agentHelp, sim: simHelp };

/** What `bramble NAME --help` prints; nothing when there is no such command. */
async function helpOf(name: string): Promise<string> {
  if (Object.hasOwn(programHelps, name)) return programHelps[name]!;
  const said: string[] = [];
  const out = (text: string): void => void said.push(text);
  const terminal = { out, note: out, isTty: false, columns: 100, now: () => 0 };
  const code = await runCommandLine([...name.split(" "), "--help"], terminal, new AbortController().signal);
  return code === 0 ? said.join("\n") : "";
}

function isRun({ marks, text }: Fence): boolean {
  return marks.every((mark) => !Object.hasOwn(notRun, mark)) && (hasCurl || !/^curl /m.test(text));
}

function where({ file, line }: Fence): string {
  return `${file}:${line}`;
}
