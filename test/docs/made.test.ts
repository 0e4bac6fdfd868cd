import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCluster } from "@bramble/core/cluster";
import { publicLimits } from "@bramble/warble";
import { expect, test } from "vitest";
import { httpLimits, loopbackLimits } from "../../apps/head/src/http/limits.ts";
import { defaultWorkLimits } from "../../apps/head/src/work/limits.ts";
import { repository } from "../support/demo-process.ts";
import { fencesOf, readersDocuments } from "./fences.ts";

const text = (file: string): string => readFileSync(join(repository, file), "utf8");

test("the reference of Warble is the one that the table of built-ins makes", () => {
  const fresh = join(mkdtempSync(join(tmpdir(), "bramble-reference-")), "reference.md");
  const { status, stderr } = spawnSync(process.execPath, ["scripts/write-warble-reference.ts", fresh], {
    cwd: repository,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const shipped = text("docs/warble/reference.md");
  expect(shipped, "run: node scripts/write-warble-reference.ts").toBe(readFileSync(fresh, "utf8"));
});

test("every block of YAML can be read, and a whole cluster file holds", () => {
  for (const fence of readersDocuments().flatMap((file) => fencesOf(file))) {
    if (fence.language !== "yaml") continue;
    const where = `${fence.file}:${fence.line}`;
    const parsed = parseCluster(fence.text);
    if (fence.text.includes("schema: bramble/v1")) expect(parsed, where).toMatchObject({ kind: "ok", warnings: [] });
    const codes = parsed.kind === "ok" ? [] : parsed.problems.map(({ code }) => code);
    for (const code of ["cluster.syntax", "cluster.key-twice"]) expect(codes, where).not.toContain(code);
  }
});

test("the limits that the operator's page names are those of the head", () => {
  const page = text("docs/operator.md");
  const row = (name: string): string => page.split("\n").find((line) => line.startsWith(`| ${name}`)) ?? "";
  const both = (access: "viewer" | "player" | "board"): string =>
    `| ${shown(loopbackLimits.perMinute[access])} | ${shown(httpLimits.perMinute[access])} |`;
  expect(row("requests a minute")).toContain(both("viewer"));
  expect(row("Warbles posted")).toContain(both("player"));
  expect(row("reports of boards")).toContain(both("board"));
  expect(page).toContain(`${shown(httpLimits.connections)} connections`);
  expect(page).toContain(`${shown(httpLimits.viewers)} viewers`);
  const { jobs, jobsPerUser } = defaultWorkLimits.queue;
  expect(page).toContain(`${shown(jobs)} Warbles in the queue, ${shown(jobsPerUser)} of one user`);
});

test("the limits that the tour of Warble names are those of the language", () => {
  const page = text("docs/warble/README.md");
  const { steps, wholeBits, textLength, depth, outputBytes, effects, sleepSeconds, postLength } = publicLimits;
  for (const said of [
    `| post | ${postLength} characters |`,
    `| ${steps / 1e6} million |`,
    `| ${wholeBits / 1e6} million bits,`,
    `| ${shown(textLength)} characters or elements |`,
    `| calls inside calls | ${depth} |`,
    `| output | ${outputBytes / 1024} KB |`,
    `| ${shown(effects)}; ${sleepSeconds} s of`,
    `| ${defaultWorkLimits.wallMs / 1000} s |`,
  ])
    expect(page).toContain(said);
});

/** 6000 as it is, 10000 with a comma. */
function shown(count: number): string {
  return count < 10_000 ? String(count) : count.toLocaleString("en-GB");
}
