import { DatabaseSync } from "node:sqlite";
import type { Logger } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";

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
      if (db.isTransaction) db.exec("ROLLBACK");
      const error = unavailable(path, thrown);
      log.error({ path, error: error.message, writes: batch.length }, "commit failed");
      for (const entry of batch) entry.reject(error);
      return;
    }
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
    read: (run) => run(db),
    commits: () => commits,
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      flush();
      isClosed = true;
      db.close();
    },
  };
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
    // A full disk or a read-only file ends the whole transaction; a mistake of one caller only its savepoint.
    if (!db.isTransaction) throw thrown;
    db.exec("ROLLBACK TO one; RELEASE one");
    return () => entry.reject(thrown);
  }
}

function open(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path);
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=2000;");
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
    if (db.isTransaction) db.exec("ROLLBACK");
    db.close();
    throw unavailable(path, thrown);
  }
}

function unavailable(path: string, thrown: unknown): ClusterError {
  if (thrown instanceof ClusterError) return thrown;
  const said = messageOf(thrown);
  const isCorrupt = /malformed|not a database|corrupt/i.test(said);
  return new ClusterError(isCorrupt ? "store.corrupt" : "store.unavailable", `${path}: ${said}`, { cause: thrown });
}
