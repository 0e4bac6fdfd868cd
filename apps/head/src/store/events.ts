import type { EventBody } from "@bramble/core/api";
import type { Database, Migration } from "./database.ts";

/** What happened, for people: the newest events. */
export type EventStore = {
  /** Keep events under the ids they have; the oldest beyond the limit go. */
  append(events: readonly EventBody[]): Promise<void>;
  /** Newest first, older than `before`. */
  list(limit: number, before?: number): EventBody[];
  /** The highest id ever given, 0 when there is none. */
  lastId(): number;
};

/** The schema of this slice. */
export const eventMigrations: readonly Migration[] = [
  {
    name: "events-1",
    sql: `CREATE TABLE events (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, level TEXT NOT NULL, board TEXT, message TEXT NOT NULL
    ) STRICT`,
  },
];

/** The slice of the events over `db`; keeps the newest `keep`. */
export function eventStore(db: Database, keep = 10_000): EventStore {
  const insert = db.read((sql) =>
    sql.prepare("INSERT OR IGNORE INTO events VALUES (:id, :at, :kind, :level, :board, :message)"),
  );
  const prune = db.read((sql) => sql.prepare("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?"));
  const select = db.read((sql) => sql.prepare("SELECT * FROM events WHERE id < ? ORDER BY id DESC LIMIT ?"));
  const last = db.read((sql) => sql.prepare("SELECT max(id) AS id FROM events"));
  return {
    append: (events) =>
      db.write(() => {
        for (const { id, at, kind, level, board, message } of events)
          insert.run({ id, at, kind, level, board, message });
        prune.run(keep);
      }),
    list: (limit, before = Number.MAX_SAFE_INTEGER) =>
      db.read(() => select.all(before, limit)).map((row) => eventBody(row)),
    lastId: () => Number(db.read(() => last.get())?.id ?? 0),
  };
}

function eventBody(row: Record<string, unknown>): EventBody {
  return {
    id: Number(row.id),
    at: Number(row.at),
    kind: String(row.kind),
    level: String(row.level) as EventBody["level"],
    board: row.board === null ? null : String(row.board),
    message: String(row.message),
  };
}
