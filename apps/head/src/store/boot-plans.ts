import type { BootPlanKind, PlanAssignment } from "@bramble/core/boot";
import { bootPlans } from "@bramble/core/boot";
import type { Database, Migration } from "./database.ts";

/** What operators said how boards boot: the newest word for each board. */
export type BootPlanStore = {
  /** By board. */
  readonly all: () => PlanAssignment[];
  /** Keep these, each instead of what was said of its board before; resolves after the commit. */
  readonly set: (assignments: readonly PlanAssignment[]) => Promise<void>;
  /** Forget what was said of these boards; resolves after the commit. */
  readonly forget: (boards: readonly string[]) => Promise<void>;
};

/** The schema of this slice. */
export const bootPlanMigrations: readonly Migration[] = [
  {
    name: "boot: plans",
    sql: `CREATE TABLE boot_plans (
      board TEXT PRIMARY KEY, plan TEXT NOT NULL, node_set TEXT NOT NULL, said_by TEXT NOT NULL, at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
];

/** The slice of the boot plans over `db`. */
export function bootPlanStore(db: Database): BootPlanStore {
  const select = db.read((sql) => sql.prepare("SELECT * FROM boot_plans ORDER BY board"));
  const upsert = db.read((sql) =>
    sql.prepare(`INSERT INTO boot_plans VALUES (:board, :plan, :set, :by, :at)
      ON CONFLICT (board) DO UPDATE SET plan = :plan, node_set = :set, said_by = :by, at = :at`),
  );
  const remove = db.read((sql) => sql.prepare("DELETE FROM boot_plans WHERE board = ?"));
  return {
    all: () => db.read(() => select.all()).flatMap(assignment),
    set: (assignments) =>
      db.write(() => {
        for (const each of assignments) upsert.run({ ...each });
      }),
    forget: (boards) =>
      db.write(() => {
        for (const board of boards) remove.run(board);
      }),
  };
}

/** A row as an assignment; none for a plan that this Bramble does not know. */
function assignment(row: Record<string, unknown>): PlanAssignment[] {
  const plan = bootPlans.find((known): known is BootPlanKind => known === row.plan);
  if (plan === undefined) return [];
  return [{ board: String(row.board), plan, set: String(row.node_set), by: String(row.said_by), at: Number(row.at) }];
}
