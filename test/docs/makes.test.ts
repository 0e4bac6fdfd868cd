import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { powerDrivers } from "@bramble/drivers";
import { expect, test } from "vitest";
import { repository } from "../support/demo-process.ts";

test("the table of makes in docs/driver.md is what the drivers declare", () => {
  const shipped = join(repository, "docs", "driver.md");
  const fresh = join(mkdtempSync(join(tmpdir(), "bramble-makes-")), "driver.md");
  copyFileSync(shipped, fresh);
  const { status, stderr } = spawnSync(process.execPath, ["scripts/write-makes.ts", fresh], {
    cwd: repository,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  expect(readFileSync(shipped, "utf8"), "run: node scripts/write-makes.ts").toBe(readFileSync(fresh, "utf8"));
});

test("the list of drivers is in the order of their names, and no name is given twice", () => {
  const ids = powerDrivers.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});
