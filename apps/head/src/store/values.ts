import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Mac, Millis } from "@bramble/core/base";
import type { Migration } from "./database.ts";

/** SAVE keeps values per user; SETDATA per user and board. */
export const valueMigrations: readonly Migration[] = [
  {
    name: "work: values",
    sql: `
      CREATE TABLE saved (
        user TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (user, name)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE board_data (
        user TEXT NOT NULL, mac TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (user, mac, name)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

/** Names that a user may save (SPEC section 6). The language keeps to it; only a board that lies comes past it. */
export const maxSavedPerUser = 64;

/** A user's SETDATA values on all boards together; past it the oldest are forgotten. A board's own bound is 64. */
export const maxDataPerUser = 4096;

/** The statements of both tables, prepared once. */
export function valueStatements(
  db: DatabaseSync,
): Record<"saved" | "save" | "data" | "setData" | "countData" | "forgetData", StatementSync> {
  return {
    saved: db.prepare("SELECT name, value FROM saved WHERE user = ?"),
    save: db.prepare(
      "INSERT INTO saved (user, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    ),
    data: db.prepare("SELECT name, value FROM board_data WHERE user = ? AND mac = ?"),
    setData: db.prepare(
      `INSERT INTO board_data (user, mac, name, at, value) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = excluded.at, value = excluded.value`,
    ),
    countData: db.prepare("SELECT COUNT(*) AS count FROM board_data WHERE user = ?"),
    forgetData: db.prepare(
      `DELETE FROM board_data WHERE (user, mac, name) IN
       (SELECT user, mac, name FROM board_data WHERE user = ? ORDER BY at LIMIT ?)`,
    ),
  };
}

type Statements = ReturnType<typeof valueStatements>;

/** What LOAD finds. Names are only names: `__proto__` is one like any other. */
export function readSaved(statements: Statements, user: string): Readonly<Record<string, string>> {
  return record(statements.saved.all(user));
}

/** What GETDATA finds on that board. */
export function readData(statements: Statements, user: string, mac: Mac): Readonly<Record<string, string>> {
  return record(statements.data.all(user, mac));
}

/** Keep what a program saved, over what was there; new names past the bound are left out. */
export function writeSaved(statements: Statements, user: string, saves: Readonly<Record<string, string>>): void {
  const entries = Object.entries(saves);
  if (entries.length === 0) return;
  const known = new Set(statements.saved.all(user).map(({ name }) => String(name)));
  for (const [name, value] of entries) {
    if (!known.has(name) && known.size >= maxSavedPerUser) continue;
    known.add(name);
    statements.save.run(user, name, value);
  }
}

/** Keep what a program set on its board, over what was there. */
export function writeData(
  statements: Statements,
  user: string,
  mac: Mac,
  data: Readonly<Record<string, string>>,
  at: Millis,
): void {
  const entries = Object.entries(data);
  if (entries.length === 0) return;
  for (const [name, value] of entries) statements.setData.run(user, mac, name, at, value);
  const excess = Number(statements.countData.get(user)!.count) - maxDataPerUser;
  if (excess > 0) statements.forgetData.run(user, excess);
}

function record(rows: readonly Record<string, unknown>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map(({ name, value }) => [String(name), String(value)]));
}
