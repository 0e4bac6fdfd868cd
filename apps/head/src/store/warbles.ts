import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Mac, Millis } from "@bramble/core/base";
import type { WarbleState } from "@bramble/core/work";
import type { Migration } from "./database.ts";
import type { StoredResult } from "./work.ts";

/** A Warble as it is kept. `board` is the name of the board that runs or ran it. */
export type StoredWarble = {
  readonly number: number;
  readonly user: string;
  readonly post: string;
  readonly state: WarbleState;
  readonly attempts: number;
  readonly board: string | null;
  readonly postedAt: Millis;
  readonly endedAt: Millis | null;
  readonly ms: number | null;
  readonly result: StoredResult | null;
};

/** A Warble that waits or runs, as a start of the head finds it. */
export type OpenWarble = {
  readonly number: number;
  readonly user: string;
  readonly attempts: number;
  readonly lease: { readonly id: string; readonly mac: Mac; readonly until: Millis } | null;
};

/** Which Warbles are asked for. */
export type WarbleQuery = {
  readonly user: string | null;
  readonly state: WarbleState | null;
  /** Only Warbles with a smaller number. */
  readonly before: number | null;
  readonly limit: number;
};

/** `size` stands before the result so that sums over it never read the results' own pages. */
export const warbleMigrations: readonly Migration[] = [
  {
    name: "work: warbles",
    sql: `
      CREATE TABLE warbles (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'failed')),
        size INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        posted_at INTEGER NOT NULL,
        ended_at INTEGER,
        seed INTEGER NOT NULL,
        lease TEXT,
        mac TEXT,
        board TEXT,
        until INTEGER,
        ms REAL,
        user TEXT NOT NULL,
        post TEXT NOT NULL,
        result TEXT
      ) STRICT;
      CREATE INDEX warbles_open ON warbles (number) WHERE state IN ('queued', 'leased');
      CREATE TABLE warble_totals (state TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
    `,
  },
];

/** Every statement of the table, prepared once. */
export function warbleStatements(
  db: DatabaseSync,
): Record<
  | "insert"
  | "claim"
  | "requeue"
  | "end"
  | "withdraw"
  | "open"
  | "totals"
  | "find"
  | "list"
  | "weigh"
  | "oldest"
  | "count"
  | "remove",
  StatementSync
> {
  return {
    insert: db.prepare(
      "INSERT INTO warbles (user, post, state, posted_at, seed, ended_at, size, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    claim: db.prepare(
      `UPDATE warbles SET state = 'leased', lease = ?, mac = ?, board = ?, attempts = ?, until = ?
       WHERE number = ? AND state IN ('queued', 'leased') RETURNING user, post, seed`,
    ),
    requeue: db.prepare(
      `UPDATE warbles SET state = 'queued', lease = NULL, mac = NULL, board = NULL, until = NULL
       WHERE number = ? AND lease = ? AND state = 'leased'`,
    ),
    end: db.prepare(
      `UPDATE warbles SET state = ?, ended_at = ?, ms = ?, size = ?, result = ?, until = NULL
       WHERE number = ? AND lease = ? AND state = 'leased' RETURNING user, mac`,
    ),
    withdraw: db.prepare(
      `UPDATE warbles SET state = 'failed', ended_at = ?, size = ?, result = ? WHERE number = ? AND state = 'queued'
       RETURNING number`,
    ),
    open: db.prepare("SELECT * FROM warbles WHERE state IN ('queued', 'leased') ORDER BY number"),
    totals: db.prepare(
      "SELECT state, COUNT(*) AS count FROM warbles GROUP BY state UNION ALL SELECT state, count FROM warble_totals",
    ),
    find: db.prepare("SELECT * FROM warbles WHERE number = ?"),
    list: db.prepare(
      `SELECT * FROM warbles WHERE (? IS NULL OR user = ?) AND (? IS NULL OR state = ?) AND (? IS NULL OR number < ?)
       ORDER BY number DESC LIMIT ?`,
    ),
    weigh: db.prepare(
      "SELECT COUNT(*) AS warbles, COALESCE(SUM(size), 0) AS chars FROM warbles WHERE state IN ('done', 'failed')",
    ),
    oldest: db.prepare(
      "SELECT number, state, size FROM warbles WHERE state IN ('done', 'failed') ORDER BY number LIMIT 1000",
    ),
    count: db.prepare(
      "INSERT INTO warble_totals (state, count) VALUES (?, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1",
    ),
    remove: db.prepare("DELETE FROM warbles WHERE number = ?"),
  };
}

/** A row of `open`. */
export function rowToOpen(row: Row): OpenWarble {
  const lease =
    row.state === "leased" ? { id: String(row.lease), mac: String(row.mac) as Mac, until: Number(row.until) } : null;
  return { number: Number(row.number), user: String(row.user), attempts: Number(row.attempts), lease };
}

/** A row of `find` or `list`. */
export function rowToWarble(row: Row): StoredWarble {
  return {
    number: Number(row.number),
    user: String(row.user),
    post: String(row.post),
    state: String(row.state) as WarbleState,
    attempts: Number(row.attempts),
    board: row.board === null ? null : String(row.board),
    postedAt: Number(row.posted_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    ms: row.ms === null ? null : Number(row.ms),
    result: row.result === null ? null : (JSON.parse(String(row.result)) as StoredResult),
  };
}

type Row = Record<string, SQLOutputValue>;
