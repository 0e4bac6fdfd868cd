import { DatabaseSync } from "node:sqlite";
import type { BoardSample } from "@bramble/core/observe";
import { Client } from "pg";

/** What a way of keeping samples gave. */
export type Kept = { readonly perSecond: number; readonly octets: number };

/** What most would write: a row a sample, a transaction a tick, in SQLite (WAL, synchronous=FULL). */
export function keepInSqlite(file: string, ticks: readonly (readonly BoardSample[])[]): Kept {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  const kinds: Readonly<Record<Kind, string>> = { text: "TEXT", bigint: "INTEGER", real: "REAL" };
  const table = columns.map(([name, kind]) => `${name} ${kinds[kind]}`).join(", ");
  db.exec(`CREATE TABLE samples (${table}, PRIMARY KEY (mac, at))`);
  const insert = db.prepare(`INSERT INTO samples VALUES (${columns.map(() => "?").join(",")})`);
  const from = performance.now();
  for (const tick of ticks) {
    db.exec("BEGIN");
    for (const sample of tick) insert.run(...columns.map(([, , value]) => value(sample)));
    db.exec("COMMIT");
  }
  const seconds = (performance.now() - from) / 1000;
  const { pages } = db.prepare("SELECT page_count AS pages FROM pragma_page_count()").get() as { pages: number };
  db.close();
  return kept(ticks, seconds, pages * 4096);
}

/** The same in PostgreSQL (fsync and synchronous_commit on), a tick by one INSERT from arrays, its fastest but for COPY. */
export async function keepInPostgres(folder: string, ticks: readonly (readonly BoardSample[])[]): Promise<Kept> {
  const client = new Client({ host: folder, user: "postgres", database: "postgres" });
  await client.connect();
  try {
    const table = columns.map(([name, kind]) => `${name} ${kind}`).join(", ");
    await client.query(`CREATE TABLE samples (${table}, PRIMARY KEY (mac, at))`);
    const arrays = columns.map(([, kind], i) => `$${i + 1}::${kind}[]`).join(", ");
    const text = `INSERT INTO samples SELECT * FROM unnest(${arrays})`;
    const from = performance.now();
    for (const tick of ticks) {
      const values = columns.map(([, , value]) => tick.map(value));
      await client.query({ name: "insert", text, values });
    }
    const seconds = (performance.now() - from) / 1000;
    const { rows } = await client.query<{ octets: string }>("SELECT pg_total_relation_size('samples') AS octets");
    return kept(ticks, seconds, Number(rows[0]?.octets));
  } finally {
    await client.end();
  }
}

type Kind = "text" | "bigint" | "real";
type Value = string | number | null;

const columns: readonly (readonly [name: string, kind: Kind, value: (of: BoardSample) => Value])[] = [
  ["mac", "text", ({ mac }) => mac],
  ["at", "bigint", ({ sample }) => sample.at],
  ["cpu", "real", ({ sample }) => sample.cpu],
  ["load", "real", ({ sample }) => sample.load],
  ["memory_used", "real", ({ sample }) => sample.memoryUsedMb],
  ["memory_total", "real", ({ sample }) => sample.memoryTotalMb],
  ["disk_used", "real", ({ sample }) => sample.diskUsedGb],
  ["disk_total", "real", ({ sample }) => sample.diskTotalGb],
  ["temperature", "real", ({ sample }) => sample.temperatureC],
  ["throttled", "bigint", ({ sample }) => sample.throttled],
  ["rx", "real", ({ sample }) => sample.rxKbps],
  ["tx", "real", ({ sample }) => sample.txKbps],
  ["uptime", "real", ({ sample }) => sample.uptimeS],
  ["processes", "text", ({ sample }) => JSON.stringify(sample.processes)],
];

function kept(ticks: readonly (readonly unknown[])[], seconds: number, octets: number): Kept {
  const count = ticks.reduce((sum, { length }) => sum + length, 0);
  return { perSecond: count / seconds, octets: octets / count };
}
