import type { Mac } from "@bramble/core/base";
import type { BoardState, Standing } from "@bramble/core/observe";
import type { BoardRecord } from "@bramble/core/register";
import type { Database, Migration } from "./database.ts";

/** A board as it is kept: its record without what the cluster file tells, and how it stood. */
export type KnownBoard = {
  readonly record: Omit<BoardRecord, "place">;
  /** Name of its place in the cluster file, null for a stranger. */
  readonly slot: string | null;
  readonly standing: Standing;
};

/** The boards that were ever seen. */
export type BoardStore = {
  /** In the order of their indexes. */
  all(): KnownBoard[];
  /** Add or replace by MAC; resolves after the commit. */
  save(boards: readonly KnownBoard[]): Promise<void>;
  /** Keep how boards stand now; those that are not known are left out. */
  stand(standings: readonly { readonly mac: Mac; readonly standing: Standing }[]): Promise<void>;
};

/** The schema of this slice. */
export const boardMigrations: readonly Migration[] = [
  {
    name: "boards-1",
    sql: `CREATE TABLE boards (
      mac TEXT PRIMARY KEY, name TEXT NOT NULL, position INTEGER NOT NULL, slot TEXT,
      serial TEXT, model TEXT, address TEXT, is_simulated INTEGER NOT NULL,
      agent TEXT, cores INTEGER, memory_mb REAL, boot_id TEXT,
      first_seen INTEGER NOT NULL, last_registered INTEGER NOT NULL,
      state TEXT NOT NULL, since INTEGER NOT NULL, is_draining INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
];

/** The slice of the boards over `db`. */
export function boardStore(db: Database): BoardStore {
  const select = db.read((sql) => sql.prepare("SELECT * FROM boards ORDER BY position, first_seen, mac"));
  const upsert = db.read((sql) =>
    sql.prepare(`INSERT INTO boards VALUES (
        :mac, :name, :position, :slot, :serial, :model, :address, :isSimulated, :agent, :cores, :memoryMb, :bootId,
        :firstSeen, :lastRegistered, :state, :since, :isDraining)
      ON CONFLICT (mac) DO UPDATE SET name = :name, position = :position, slot = :slot, serial = :serial, model = :model,
        address = :address, is_simulated = :isSimulated, agent = :agent, cores = :cores, memory_mb = :memoryMb,
        boot_id = :bootId, last_registered = :lastRegistered, state = :state, since = :since, is_draining = :isDraining`),
  );
  const stand = db.read((sql) =>
    sql.prepare("UPDATE boards SET state = :state, since = :since, is_draining = :isDraining WHERE mac = :mac"),
  );
  return {
    all: () => db.read(() => select.all()).map((row) => knownBoard(row)),
    save: (boards) =>
      db.write(() => {
        for (const board of boards) upsert.run(row(board));
      }),
    stand: (standings) =>
      db.write(() => {
        for (const { mac, standing } of standings) stand.run({ mac, ...standingRow(standing) });
      }),
  };
}

function row({ record, slot, standing }: KnownBoard) {
  const { mac, name, serial, model, address, agent, cores, memoryMb, bootId, firstSeen, lastRegistered } = record;
  return {
    ...{ mac, name, position: record.index, slot, serial, model, address, agent, cores, memoryMb, bootId },
    ...{ isSimulated: record.isSimulated ? 1 : 0, firstSeen, lastRegistered, ...standingRow(standing) },
  };
}

function standingRow({ state, since, isDraining }: Standing) {
  return { state: JSON.stringify(state), since, isDraining: isDraining === true ? 1 : 0 };
}

type Row = Record<string, unknown>;

function knownBoard(from: Row): KnownBoard {
  const text = (key: string): string | null => (from[key] === null ? null : String(from[key]));
  const number = (key: string): number | null => (from[key] === null ? null : Number(from[key]));
  return {
    record: {
      mac: String(from.mac) as Mac,
      name: String(from.name),
      index: Number(from.position),
      serial: text("serial"),
      model: text("model"),
      address: text("address"),
      isSimulated: from.is_simulated === 1,
      agent: text("agent"),
      cores: number("cores"),
      memoryMb: number("memory_mb"),
      bootId: text("boot_id"),
      firstSeen: Number(from.first_seen),
      lastRegistered: Number(from.last_registered),
    },
    slot: text("slot"),
    standing: {
      state: JSON.parse(String(from.state)) as BoardState,
      since: Number(from.since),
      ...(from.is_draining === 1 ? { isDraining: true as const } : {}),
    },
  };
}
