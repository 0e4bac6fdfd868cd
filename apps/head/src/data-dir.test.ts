import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nameHead, openDataDir } from "./data-dir.ts";

let folder: string;
let dir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bramble-data-"));
  dir = join(folder, "deep", "data");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As a head does: its name is written once its database stands. */
const start = (): string => {
  const { database } = openDataDir(dir);
  writeFileSync(database, "tables");
  return nameHead(dir);
};

test("a head has one name for ever, readable by nobody but its user", () => {
  const first = start();
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(start()).toBe(first);
  expect(readdirSync(dir).sort()).toEqual(["bramble.db", "head-id"]);
});

test("a name that was cut short by a crash is given anew", () => {
  start();
  writeFileSync(join(dir, "head-id"), "");
  expect(start()).toMatch(/^[0-9a-f-]{36}$/);
});

test("a head that never got as far as its database begins anew", () => {
  const { database } = openDataDir(dir);
  writeFileSync(database, "");
  expect(openDataDir(dir).database).toBe(database);
});

test.each<[string, (database: string) => void]>([
  ["gone", (database) => rmSync(database)],
  ["cut to nothing", (database) => writeFileSync(database, "")],
])("a database that is %s is not quietly begun anew", (_, damage) => {
  start();
  damage(join(dir, "bramble.db"));
  expect(() => openDataDir(dir)).toThrow(/bramble\.db is gone or empty.*remove .*head-id to begin anew/);
});

test("a place where no folder can be is named with its flag", () => {
  writeFileSync(join(folder, "deep"), "");
  expect(() => openDataDir(dir)).toThrow(/--data .*deep\/data cannot be used: ENOTDIR/);
});
