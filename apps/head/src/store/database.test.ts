import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError, silentLog } from "@bramble/core/base";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database, Migration } from "./database.ts";
import { openDatabase } from "./database.ts";

const notes: Migration = {
  name: "notes-1",
  sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT",
};

describe("the database", () => {
  let folder: string;
  let path: string;
  let scheduled: (() => void)[];
  const opened: Database[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bramble-store-"));
    path = join(folder, "head.db");
    scheduled = [];
  });
  afterEach(async () => {
    for (const db of opened.splice(0)) await db[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const open = (migrations: readonly Migration[] = [notes]): Database => {
    const db = openDatabase(path, migrations, { log: silentLog, schedule: (run) => scheduled.push(run) });
    opened.push(db);
    return db;
  };
  const flush = (): void => {
    for (const run of scheduled.splice(0)) run();
  };
  const add = (db: Database, text: string): Promise<unknown> =>
    db.write((sql) => sql.prepare("INSERT INTO notes (text) VALUES (?)").run(text));
  const texts = (db: Database): unknown[] =>
    db.read((sql) => sql.prepare("SELECT text FROM notes ORDER BY id").all()).map((row) => row.text);
  const codeOf = (run: () => unknown): string => {
    try {
      run();
    } catch (thrown) {
      return thrown instanceof ClusterError ? thrown.code : `not a ClusterError: ${thrown}`;
    }
    return "nothing was thrown";
  };

  test("it syncs each commit to the disk, as its settings read back", () => {
    const db = open();
    expect(db.read((sql) => sql.prepare("PRAGMA synchronous").get())).toEqual({ synchronous: 2 });
    expect(db.read((sql) => sql.prepare("PRAGMA journal_mode").get())).toEqual({ journal_mode: "wal" });
    expect(db.read((sql) => sql.prepare("PRAGMA foreign_keys").get())).toEqual({ foreign_keys: 1 });
  });

  test("a write is not answered before its commit, and many share one", async () => {
    const db = open();
    let answered = 0;
    const writes = Array.from({ length: 500 }, (_, i) => add(db, `note ${i}`).then(() => answered++));
    await Promise.resolve();
    expect(answered).toBe(0);
    expect(db.commits()).toBe(0);
    flush();
    await Promise.all(writes);
    expect(db.commits()).toBe(1);
    expect(texts(db)).toHaveLength(500);
  });

  test("a write that fails is undone alone, and answered alone", async () => {
    const db = open();
    const writes = [
      add(db, "one"),
      db.write((sql) => {
        sql.prepare("INSERT INTO notes (text) VALUES ('half')").run();
        throw new Error("changed my mind");
      }),
      add(db, "one"),
      add(db, "two"),
    ];
    const settled = Promise.allSettled(writes);
    flush();
    expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(texts(db)).toEqual(["one", "two"]);
  });

  test("what is committed is there after it was opened anew", async () => {
    const first = open();
    const written = add(first, "kept");
    flush();
    await written;
    await first[Symbol.asyncDispose]();
    expect(texts(open())).toEqual(["kept"]);
  });

  test("closing commits what waits; later writes are refused", async () => {
    const db = open();
    const written = add(db, "last");
    await db[Symbol.asyncDispose]();
    await written;
    await expect(add(db, "too late")).rejects.toMatchObject({ code: "store.unavailable" });
    expect(codeOf(() => texts(db))).toBe("store.unavailable");
    expect(texts(open())).toEqual(["last"]);
  });

  test.each([
    ["a full disk", "PRAGMA max_page_count = 1"],
    ["a file that became read-only", "PRAGMA query_only = 1"],
  ])("%s fails the whole batch with a clear error, and the head goes on", async (_, pragma) => {
    const db = open();
    db.read((sql) => sql.exec(pragma));
    const settled = Promise.allSettled([add(db, "x".repeat(1_000_000)), add(db, "y".repeat(1_000_000))]);
    flush();
    for (const outcome of await settled)
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "store.unavailable" } });
    expect(db.commits()).toBe(0);
    expect(texts(db)).toEqual([]);
    db.read((sql) => sql.exec("PRAGMA query_only = 0; PRAGMA max_page_count = 1000000"));
    const written = add(db, "room again");
    flush();
    await written;
    expect(texts(db)).toEqual(["room again"]);
  });

  test("a second head on the same file is told so", () => {
    open();
    expect(() => open()).toThrow(/head\.db: another process has it open/);
  });

  test("a file that is no database is called damaged, and left as it is", () => {
    writeFileSync(path, "this was a shopping list ".repeat(400));
    expect(codeOf(() => open())).toBe("store.corrupt");
    expect(readFileSync(path, "utf8")).toContain("shopping list");
  });

  test("a database whose pages were overwritten is called damaged", async () => {
    const db = open();
    const written = Array.from({ length: 2000 }, (_, i) => add(db, `a note of some length, number ${i}`));
    flush();
    await Promise.all(written);
    await db[Symbol.asyncDispose]();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4096, bytes.length);
    writeFileSync(path, bytes);
    expect(
      codeOf(() => {
        texts(open());
      }),
    ).toBe("store.corrupt");
  });

  test("a folder that cannot be is named", () => {
    writeFileSync(join(folder, "file"), "");
    path = join(folder, "file", "head.db");
    expect(codeOf(() => open())).toBe("store.unavailable");
    expect(() => open()).toThrow(path);
  });

  test("a missing folder is made", async () => {
    path = join(folder, "deep", "down", "head.db");
    expect(texts(open())).toEqual([]);
  });

  test("each migration is applied once, in order, and a newer schema is refused", async () => {
    const more: Migration = { name: "notes-2", sql: "ALTER TABLE notes ADD COLUMN at INTEGER" };
    await open()[Symbol.asyncDispose]();
    await open([notes, more])[Symbol.asyncDispose]();
    await open([notes, more])[Symbol.asyncDispose]();
    expect(codeOf(() => open([notes]))).toBe("store.unavailable");
    expect(() => open([notes])).toThrow(/newer Bramble/);
  });

  test("a migration that fails leaves nothing of itself", async () => {
    const wrong: Migration = {
      name: "notes-2",
      sql: "CREATE TABLE half (id INTEGER); CREATE TABLE notes (id INTEGER)",
    };
    expect(codeOf(() => open([notes, wrong]))).toBe("store.unavailable");
    const db = open();
    expect(db.read((sql) => sql.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all())).toEqual([]);
  });
});
