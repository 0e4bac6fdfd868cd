import { DatabaseSync } from "node:sqlite";
import type { Logger } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import { requireWhole, requireWritable } from "./file.ts";

/** One step of the schema, applied once in the order of the list. Never changed once released: a new one is appended. */
export type Migration = { readonly name: string; readonly sql: string };

/** The one SQLite file, with group commit. SQL lives in `head/store` and nowhere else. */
export type Database = AsyncDisposable & {
  /**
   * Run `write` in the next transaction together with whatever else waits, and resolve after its COMMIT
   * (WAL, synchronous=FULL). A write that throws is undone alone and rejects alone.
   *
   * @throws ClusterError `store.unavailable` when the commit itself fails: then nothing of the batch is durable.
   */
  write<T>(write: (db: DatabaseSync) => T): Promise<T>;
  /** Read the committed state, at once. */
  read<T>(read: (db: DatabaseSync) => T): T;
  /** COMMITs so far, for tests and `/metrics`. */
  commits(): number;
};

/**
 * Open or make the database at `path` and bring its schema up to date.
 *
 * @param schedule calls back soon; writes that arrive until then share one commit.
 * @throws ClusterError `store.corrupt` or `store.unavailable` with the path and what SQLite said.
 */
export function openDatabase(
  path: string,
  migrations: readonly Migration[],
  { log, schedule }: { readonly log: Logger; readonly schedule: (run: () => void) => void },
): Database {
  const db = open(path);
  migrate(db, path, migrations);
  type Waiting = {
    run: (db: DatabaseSync) => unknown;
    resolve: (value: never) => void;
    reject: (thrown: unknown) => void;
  };
  let waiting: Waiting[] = [];
  let isScheduled = false;
  let isClosed = false;
  let isFailing = false;
  let commits = 0;

  const flush = (): void => {
    isScheduled = false;
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const settled: (() => void)[] = [];
    try {
      db.exec("BEGIN IMMEDIATE");
      for (const entry of batch) settled.push(attempt(db, entry));
      db.exec("COMMIT");
      commits++;
    } catch (thrown) {
      rollBack(db);
      const error = unavailable(path, thrown);
      if (!isFailing) log.error({ path, error: error.message, writes: batch.length }, "commit failed");
      isFailing = true;
      for (const entry of batch) entry.reject(error);
      return;
    }
    if (isFailing) log.info({ path }, "commits work again");
    isFailing = false;
    for (const settle of settled) settle();
  };

  return {
    write<T>(run: (db: DatabaseSync) => T): Promise<T> {
      if (isClosed) return Promise.reject(new ClusterError("store.unavailable", `${path} is closed`));
      return new Promise<T>((resolve, reject) => {
        waiting.push({ run, resolve: resolve as (value: never) => void, reject });
        if (isScheduled) return;
        isScheduled = true;
        schedule(flush);
      });
    },
    read(run) {
      if (isClosed) throw new ClusterError("store.unavailable", `${path} is closed`);
      try {
        return run(db);
      } catch (thrown) {
        throw isOfStore(thrown) ? unavailable(path, thrown) : thrown;
      }
    },
    commits: () => commits,
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      flush();
      isClosed = true;
      db.close();
    },
  };
}

/** Ends a transaction that failed; SQLite may have ended it already. */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // The same disk that failed the commit. Nothing of it was committed; the next BEGIN tells whether it works again.
  }
}

/** Runs one write in a savepoint of its own; gives what to do once the whole batch is committed. */
function attempt(
  db: DatabaseSync,
  entry: { run: (db: DatabaseSync) => unknown; resolve: (value: never) => void; reject: (thrown: unknown) => void },
): () => void {
  db.exec("SAVEPOINT one");
  try {
    const value = entry.run(db);
    db.exec("RELEASE one");
    return () => entry.resolve(value as never);
  } catch (thrown) {
    // A full disk, a read-only or damaged file is nobody's own mistake: the whole batch fails with one clear error.
    if (!db.isTransaction || isOfStore(thrown)) throw thrown;
    db.exec("ROLLBACK TO one; RELEASE one");
    return () => entry.reject(thrown);
  }
}

function open(path: string): DatabaseSync {
  try {
    if (path !== ":memory:") {
      requireWritable(path);
      requireWhole(path);
    }
    const db = new DatabaseSync(path);
    try {
      // One head, one database: a second process that opens it is told so, instead of giving out leases twice.
      db.exec("PRAGMA busy_timeout=500; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;");
      db.exec("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; BEGIN IMMEDIATE; COMMIT;");
    } catch (thrown) {
      db.close();
      throw thrown;
    }
    return db;
  } catch (thrown) {
    throw unavailable(path, thrown);
  }
}

function migrate(db: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  try {
    db.exec("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT");
    const applied = new Set(
      db
        .prepare("SELECT name FROM migrations")
        .all()
        .map((row) => String(row.name)),
    );
    const known = new Set(migrations.map(({ name }) => name));
    for (const name of applied) {
      if (!known.has(name))
        throw new ClusterError("store.unavailable", `${path} was written by a newer Bramble (it has "${name}")`);
    }
    const note = db.prepare("INSERT INTO migrations (name) VALUES (?)");
    for (const { name, sql } of migrations) {
      if (applied.has(name)) continue;
      db.exec("BEGIN IMMEDIATE");
      db.exec(sql);
      note.run(name);
      db.exec("COMMIT");
    }
  } catch (thrown) {
    rollBack(db);
    db.close();
    throw unavailable(path, thrown);
  }
}

/** Result codes of SQLite that tell of the file, the disk or the lock, and of no caller's mistake. */
const busy = [5, 6];
const corrupt = [11, 26];
const storeCodes: ReadonlySet<number> = new Set([...busy, ...corrupt, 8, 10, 13, 14]);

function isOfStore(thrown: unknown): boolean {
  return storeCodes.has(codeOf(thrown));
}

/** The primary result code of an error of SQLite, 0 for any other. */
function codeOf(thrown: unknown): number {
  const code = thrown instanceof Error && "errcode" in thrown ? thrown.errcode : 0;
  return typeof code === "number" ? code & 0xff : 0;
}

function unavailable(path: string, thrown: unknown): ClusterError {
  if (thrown instanceof ClusterError) return thrown;
  const code = codeOf(thrown);
  const said = busy.includes(code)
    ? "another process has it open (is a head running on it already?)"
    : messageOf(thrown);
  return new ClusterError(corrupt.includes(code) ? "store.corrupt" : "store.unavailable", `${path}: ${said}`, {
    cause: thrown,
  });
}
