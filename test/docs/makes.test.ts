import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { powerDrivers } from "@bramble/drivers";
import { expect, test } from "vitest";
import { repository } from "../support/demo-process.ts";

test("the table of makes in docs/driver.md, and what `bramble check` knows, is what the drivers declare", () => {
  const shipped = join(repository, "docs", "driver.md");
  const folder = mkdtempSync(join(tmpdir(), "bramble-makes-"));
  const fresh = join(folder, "driver.md");
  const table = join(folder, "makes.ts");
  copyFileSync(shipped, fresh);
  const { status, stderr } = spawnSync(process.execPath, ["scripts/write-makes.ts", fresh, table], {
    cwd: repository,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  expect(readFileSync(shipped, "utf8"), "run: node scripts/write-makes.ts").toBe(readFileSync(fresh, "utf8"));
  const known = join(repository, "packages", "core", "cluster", "makes.ts");
  expect(readFileSync(known, "utf8"), "run: node scripts/write-makes.ts").toBe(readFileSync(table, "utf8"));
});

test("the list of drivers is in the order of their names, and no name is given twice", () => {
  const ids = powerDrivers.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});
