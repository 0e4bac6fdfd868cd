import type { Lease } from "@bramble/core/boot";
import type { Database, Migration } from "./database.ts";

/** Which address is held for whom. */
export type LeaseStore = {
  /** What was kept, as it lies there: a damaged row is for the lease book to refuse. */
  all(): unknown[];
  /** Add or replace by address; resolves after the commit. */
  save(leases: readonly Lease[]): Promise<void>;
};

/** The schema of this slice. */
export const leaseMigrations: readonly Migration[] = [
  {
    name: "leases-1",
    sql: `CREATE TABLE leases (
      address TEXT PRIMARY KEY, mac TEXT NOT NULL, state TEXT NOT NULL, until INTEGER NOT NULL, is_pinned INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
];

/** The slice of the leases over `db`. */
export function leaseStore(db: Database): LeaseStore {
  const select = db.read((sql) => sql.prepare("SELECT * FROM leases"));
  const upsert = db.read((sql) =>
    sql.prepare(`INSERT INTO leases VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (address) DO UPDATE SET mac = excluded.mac, state = excluded.state, until = excluded.until,
        is_pinned = excluded.is_pinned`),
  );
  return {
    all: () =>
      db.read(() => select.all()).map(({ is_pinned: isPinned, ...lease }) => ({ ...lease, pinned: isPinned === 1 })),
    save: (leases) =>
      db.write(() => {
        for (const { address, mac, state, until, pinned } of leases)
          upsert.run(address, mac, state, Math.round(until), pinned ? 1 : 0);
      }),
  };
}
