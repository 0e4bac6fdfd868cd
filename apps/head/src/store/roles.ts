import type { Millis } from "@bramble/core/base";
import type { Database, Migration } from "./database.ts";

/** What operators said of boards' roles: the newest word of each board. */
export type RoleStore = {
  /** A role, or `none`, by the board's name. */
  all(): Map<string, string>;
  /** Keep the newest word, or with null take it back; resolves after the commit. */
  say(boards: readonly string[], role: string | null, at: Millis): Promise<void>;
};

/** The schema of this slice. */
export const roleMigrations: readonly Migration[] = [
  {
    name: "roles-1",
    sql: "CREATE TABLE role_words (board TEXT PRIMARY KEY, role TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
  },
];

/** The slice of the roles over `db`. */
export function roleStore(db: Database): RoleStore {
  const select = db.read((sql) => sql.prepare("SELECT board, role FROM role_words ORDER BY board"));
  const forget = db.read((sql) => sql.prepare("DELETE FROM role_words WHERE board = ?"));
  const upsert = db.read((sql) =>
    sql.prepare(
      "INSERT INTO role_words (board, role, at) VALUES (?, ?, ?) ON CONFLICT (board) DO UPDATE SET role = excluded.role, at = excluded.at",
    ),
  );
  return {
    all: () => new Map(db.read(() => select.all()).map(({ board, role }) => [String(board), String(role)])),
    say: (boards, role, at) =>
      db.write(() => {
        for (const board of boards) {
          if (role === null) forget.run(board);
          else upsert.run(board, role, at);
        }
      }),
  };
}
