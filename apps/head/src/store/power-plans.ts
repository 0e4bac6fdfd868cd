import type { Millis } from "@bramble/core/base";
import type { PowerPlan, PowerRequest } from "@bramble/core/power";
import type { Database, Migration } from "./database.ts";

/** Who asks for power to be switched; a later one goes before an earlier one. */
export const planDoers = ["schedule", "operator", "cut-out"] as const;

/** Who asked for a plan. */
export type PlanDoer = (typeof planDoers)[number];

/** How a plan of the journal stands. `waiting` and `running` go on after a restart. */
type PlanState = "waiting" | "running" | "done" | "failed" | "cancelled";

/** One plan of the journal. */
export type PlanRecord = {
  readonly id: number;
  readonly at: Millis;
  readonly by: PlanDoer;
  readonly why: string | null;
  /** The node set as it was asked for. */
  readonly set: string;
  readonly request: PowerRequest;
  /** Null while PDUs are waited for. */
  readonly plan: PowerPlan | null;
  readonly state: PlanState;
  /** How it ended. */
  readonly message: string;
  readonly endedAt: Millis | null;
  readonly missing: readonly { readonly board: string; readonly step: string }[];
};

/** How one step stands. A step without a record has not begun. */
export type StepRecord = {
  readonly step: string;
  readonly state: "running" | "done" | "failed" | "skipped";
  readonly startedAt: Millis;
  readonly endedAt: Millis | null;
  readonly note: string | null;
  readonly watts: number | null;
};

/** One switching of an outlet: intended before, its outcome after the read-back. */
export type MoveRecord = {
  readonly step: string;
  readonly outlet: string;
  readonly on: boolean;
  readonly outcome: "intended" | "seen" | "failed";
};

/** An outlet as it was seen to switch, whoever switched it. */
export type TraceRecord = {
  readonly at: Millis;
  readonly outlet: string;
  readonly on: boolean;
  readonly plan: number | null;
};

/** The journal of power. Every promise resolves after the commit. */
export type PowerJournal = {
  create(plan: Omit<PlanRecord, "id" | "endedAt" | "missing" | "message">, key: string | null): Promise<number>;
  /** It has been planned and runs. */
  planned(id: number, plan: PowerPlan): Promise<void>;
  /** Boards that did not come up so far. */
  missed(id: number, missing: PlanRecord["missing"]): Promise<void>;
  end(id: number, end: Pick<PlanRecord, "state" | "message" | "endedAt" | "missing">): Promise<void>;
  step(id: number, step: StepRecord): Promise<void>;
  /** Gives the number of the move. */
  intend(id: number, move: Omit<MoveRecord, "outcome">): Promise<number>;
  outcome(move: number, outcome: "seen" | "failed"): Promise<void>;
  find(id: number): PlanRecord | null;
  findKey(key: string): PlanRecord | null;
  /** Those that wait or run, in the order in which they were asked for. */
  open(): PlanRecord[];
  /** Newest first. */
  list(limit: number, before?: number): PlanRecord[];
  steps(id: number): ReadonlyMap<string, StepRecord>;
  moves(id: number): MoveRecord[];
  traced(moves: readonly TraceRecord[]): Promise<void>;
  /** Oldest first. */
  trace(from: Millis, limit: number): TraceRecord[];
  /** What was said last under this key; for schedules that were snoozed. */
  word(key: string): string | null;
  say(key: string, value: string): Promise<void>;
};

/** The schema of this slice. */
export const powerPlanMigrations: readonly Migration[] = [
  {
    name: "power: plans",
    sql: `CREATE TABLE power_plans (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, said_by TEXT NOT NULL, why TEXT, node_set TEXT NOT NULL,
      request TEXT NOT NULL, plan TEXT, state TEXT NOT NULL, message TEXT NOT NULL DEFAULT '', ended_at INTEGER,
      missing TEXT NOT NULL DEFAULT '[]', idempotency TEXT UNIQUE
    ) STRICT;
    CREATE TABLE power_steps (
      plan INTEGER NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
      note TEXT, watts REAL, PRIMARY KEY (plan, step)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE power_moves (
      id INTEGER PRIMARY KEY AUTOINCREMENT, plan INTEGER NOT NULL, step TEXT NOT NULL, outlet TEXT NOT NULL,
      is_on INTEGER NOT NULL, outcome TEXT NOT NULL
    ) STRICT;
    CREATE INDEX power_moves_plan ON power_moves (plan);
    CREATE TABLE power_trace (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, outlet TEXT NOT NULL, is_on INTEGER NOT NULL, plan INTEGER
    ) STRICT;
    CREATE TABLE power_words (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  },
];

/** The slice of power over `db`; keeps the newest plans and moves. */
export function powerJournal(db: Database, keep = { plans: 500, trace: 20_000 }): PowerJournal {
  const prepare = (sql: string) => db.read((handle) => handle.prepare(sql));
  const insert = prepare(`INSERT INTO power_plans (at, said_by, why, node_set, request, plan, state, idempotency)
    VALUES (:at, :by, :why, :set, :request, :plan, :state, :key) RETURNING id`);
  const prune = [
    prepare("DELETE FROM power_plans WHERE id <= ? AND state NOT IN ('waiting', 'running')"),
    prepare("DELETE FROM power_steps WHERE plan NOT IN (SELECT id FROM power_plans)"),
    prepare("DELETE FROM power_moves WHERE plan NOT IN (SELECT id FROM power_plans)"),
  ] as const;
  const setPlan = prepare("UPDATE power_plans SET plan = ?, state = 'running' WHERE id = ?");
  const setMissing = prepare("UPDATE power_plans SET missing = ? WHERE id = ?");
  const setEnd = prepare("UPDATE power_plans SET state = ?, message = ?, ended_at = ?, missing = ? WHERE id = ?");
  const setStep = prepare(`INSERT INTO power_steps VALUES (:plan, :step, :state, :startedAt, :endedAt, :note, :watts)
    ON CONFLICT (plan, step) DO UPDATE SET state = :state, started_at = :startedAt, ended_at = :endedAt, note = :note,
      watts = :watts`);
  const addMove = prepare(`INSERT INTO power_moves (plan, step, outlet, is_on, outcome)
    VALUES (?, ?, ?, ?, 'intended') RETURNING id`);
  const setMove = prepare("UPDATE power_moves SET outcome = ? WHERE id = ?");
  const byId = prepare("SELECT * FROM power_plans WHERE id = ?");
  const byKey = prepare("SELECT * FROM power_plans WHERE idempotency = ?");
  const byOpen = prepare("SELECT * FROM power_plans WHERE state IN ('waiting', 'running') ORDER BY id");
  const byAge = prepare("SELECT * FROM power_plans WHERE id < ? ORDER BY id DESC LIMIT ?");
  const allSteps = prepare("SELECT * FROM power_steps WHERE plan = ?");
  const allMoves = prepare("SELECT * FROM power_moves WHERE plan = ? ORDER BY id");
  const addTrace = prepare("INSERT INTO power_trace (at, outlet, is_on, plan) VALUES (?, ?, ?, ?)");
  const pruneTrace = prepare("DELETE FROM power_trace WHERE id <= (SELECT max(id) FROM power_trace) - ?");
  const someTrace = prepare("SELECT * FROM power_trace WHERE at >= ? ORDER BY id LIMIT ?");
  const oneWord = prepare("SELECT value FROM power_words WHERE name = ?");
  const setWord = prepare(`INSERT INTO power_words VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`);

  return {
    create: ({ at, by, why, set, request, plan, state }, key) =>
      db.write(() => {
        const text = plan === null ? null : JSON.stringify(plan);
        const row = insert.get({ at, by, why, set, request: JSON.stringify(request), plan: text, state, key });
        const id = Number(row?.id);
        prune[0].run(id - keep.plans);
        prune[1].run();
        prune[2].run();
        return id;
      }),
    planned: (id, plan) => db.write(() => void setPlan.run(JSON.stringify(plan), id)),
    missed: (id, missing) => db.write(() => void setMissing.run(JSON.stringify(missing), id)),
    end: (id, { state, message, endedAt, missing }) =>
      db.write(() => void setEnd.run(state, message, endedAt, JSON.stringify(missing), id)),
    step: (plan, step) => db.write(() => void setStep.run({ plan, ...step })),
    intend: (plan, { step, outlet, on }) => db.write(() => Number(addMove.get(plan, step, outlet, on ? 1 : 0)?.id)),
    outcome: (move, outcome) => db.write(() => void setMove.run(outcome, move)),
    find: (id) => planOf(db.read(() => byId.get(id))),
    findKey: (key) => planOf(db.read(() => byKey.get(key))),
    open: () => db.read(() => byOpen.all()).flatMap((row) => planOf(row) ?? []),
    list: (limit, before = Number.MAX_SAFE_INTEGER) =>
      db.read(() => byAge.all(before, limit)).flatMap((row) => planOf(row) ?? []),
    steps: (id) => new Map(db.read(() => allSteps.all(id)).map((row) => [String(row.step), stepOf(row)])),
    moves: (id) => db.read(() => allMoves.all(id)).map(moveOf),
    traced: (moves) =>
      db.write(() => {
        for (const { at, outlet, on, plan } of moves) addTrace.run(at, outlet, on ? 1 : 0, plan);
        pruneTrace.run(keep.trace);
      }),
    trace: (from, limit) =>
      db
        .read(() => someTrace.all(from, limit))
        .map((row) => ({
          at: Number(row.at),
          outlet: String(row.outlet),
          on: row.is_on === 1,
          plan: row.plan === null ? null : Number(row.plan),
        })),
    word: (key) => {
      const value = db.read(() => oneWord.get(key))?.value;
      return typeof value === "string" ? value : null;
    },
    say: (key, value) => db.write(() => void setWord.run(key, value)),
  };
}

type Row = Record<string, unknown>;

function planOf(row: Row | undefined): PlanRecord | null {
  if (row === undefined) return null;
  return {
    id: Number(row.id),
    at: Number(row.at),
    by: planDoers.find((doer) => doer === row.said_by) ?? "operator",
    why: row.why === null ? null : String(row.why),
    set: String(row.node_set),
    request: JSON.parse(String(row.request)) as PowerRequest,
    plan: row.plan === null ? null : (JSON.parse(String(row.plan)) as PowerPlan),
    state: row.state as PlanState,
    message: String(row.message),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    missing: JSON.parse(String(row.missing)) as PlanRecord["missing"],
  };
}

function stepOf(row: Row): StepRecord {
  return {
    step: String(row.step),
    state: row.state as StepRecord["state"],
    startedAt: Number(row.started_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    note: row.note === null ? null : String(row.note),
    watts: row.watts === null ? null : Number(row.watts),
  };
}

function moveOf(row: Row): MoveRecord {
  return {
    step: String(row.step),
    outlet: String(row.outlet),
    on: row.is_on === 1,
    outcome: row.outcome as MoveRecord["outcome"],
  };
}
