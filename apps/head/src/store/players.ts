import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Millis } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { Migration } from "./database.ts";

/** Names that were claimed by a first post, with the hash of the token that was given for it. */
export const playerMigrations: readonly Migration[] = [
  {
    name: "work: players",
    sql: `CREATE TABLE players (user TEXT PRIMARY KEY, token TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
  },
];

/** The statements of the table, prepared once. */
export function playerStatements(db: DatabaseSync): Record<"find" | "claim", StatementSync> {
  return {
    find: db.prepare("SELECT token FROM players WHERE user = ?"),
    claim: db.prepare("INSERT INTO players (user, token, since) VALUES (?, ?, ?)"),
  };
}

/**
 * Let the holder of a name post, or claim a name that nobody holds. Both hashes are SHA-256 in hex.
 *
 * @returns true when the name was free and `fresh` is its token from now on.
 * @throws ClusterError `auth.player` when the name is another's.
 */
export function claimName(
  statements: ReturnType<typeof playerStatements>,
  user: string,
  { shown, fresh }: { readonly shown: string | null; readonly fresh: string },
  at: Millis,
): boolean {
  const row = statements.find.get(user);
  if (row === undefined) {
    statements.claim.run(user, fresh, at);
    return true;
  }
  // The hash of a secret with 256 bits: comparing hashes tells nothing about the secret by its timing.
  if (shown !== row.token) throw new ClusterError("auth.player", `the name "${user}" is taken`);
  return false;
}
