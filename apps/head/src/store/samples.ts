import type { Clock, Logger, Mac, Millis, Timer } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { BoardSample, Sample } from "@bramble/core/observe";
import type { Database, Migration } from "./database.ts";
import { createRecent } from "./recent.ts";
import { decodeRecord, encodeRecord } from "./sample-log.ts";

/** Samples, durable: a log of records, one for all that arrive within a tick, and the newest hour in memory. */
export type SampleStore = AsyncDisposable & {
  /**
   * Resolves after the commit. Board and `at` are a sample's identity: one that is known is not stored again.
   *
   * @returns how many were new.
   * @throws ClusterError `store.unavailable`: nothing of this batch is durable; `limit.queue` when too many wait.
   */
  append(batch: readonly BoardSample[]): Promise<{ readonly stored: number }>;
  /** Of the newest hour: `fromMs <= at <= toMs`, oldest first. */
  history(mac: Mac, fromMs: Millis, toMs: Millis, limit: number): Sample[];
  /** The newest sample of each board. */
  newest(): BoardSample[];
  /** Settles when the newest hour is back in memory after a start. New samples are taken meanwhile. */
  readonly restored: Promise<void>;
  /** Octets in the log, before SQLite's own. */
  octets(): number;
};

/** How much is kept. */
export type SampleTerms = {
  /** Samples that arrive within this time share one record and one commit. */
  readonly tickMs: Millis;
  readonly retentionMs: Millis;
  readonly maxOctets: number;
  /** Most samples that may wait for the next tick. */
  readonly maxWaiting: number;
};

/** 100 ms, a day, 1 GiB. */
export const sampleTerms: SampleTerms = {
  tickMs: 100,
  retentionMs: 24 * 3_600_000,
  maxOctets: 2 ** 30,
  maxWaiting: 200_000,
};

/** The schema of this slice. */
export const sampleMigrations: readonly Migration[] = [
  {
    name: "samples-1",
    sql: `CREATE TABLE sample_log (
        id INTEGER PRIMARY KEY, newest_ms INTEGER NOT NULL, octets INTEGER NOT NULL, frames BLOB NOT NULL
      ) STRICT;
      CREATE INDEX sample_log_newest ON sample_log (newest_ms, octets);`,
  },
];

/** The slice of the samples over `db`. Dispose of it before the database. */
export function sampleStore(
  db: Database,
  { clock, log, terms = sampleTerms }: { readonly clock: Clock; readonly log: Logger; readonly terms?: SampleTerms },
): SampleStore {
  const sql = statements(db);
  const recent = createRecent();
  let octets = Number(db.read(() => sql.octets.get())?.octets ?? 0);
  let waiting: Waiting[] = [];
  let waitingSamples = 0;
  let tick: Timer | null = null;
  let flushing: Promise<void> | null = null;

  // One flush at a time, so that each knows what the one before has stored.
  const flush = (): Promise<void> => {
    tick?.cancel();
    tick = null;
    flushing ??= storeWaiting().finally(() => {
      flushing = null;
      if (waiting.length > 0) arm();
    });
    return flushing;
  };

  const arm = (): void => {
    if (waitingSamples >= flushAt) void flush();
    else tick ??= clock.after(terms.tickMs, () => void flush());
  };

  const storeWaiting = async (): Promise<void> => {
    const batches = waiting;
    waiting = [];
    waitingSamples = 0;
    try {
      const { fresh, size } = await db.write(() => {
        const fresh = unknownOnly(batches, recent.has);
        return { fresh, size: insert(fresh) };
      });
      octets += size;
      for (const [mac, samples] of fresh) recent.add(mac, [...samples.values()]);
      for (const { resolve, stored } of batches) resolve({ stored });
    } catch (thrown) {
      for (const { reject } of batches) reject(thrown);
    }
  };

  const insert = (fresh: Fresh): number => {
    if (fresh.size === 0) return 0;
    let newest = 0;
    for (const samples of fresh.values()) for (const at of samples.keys()) newest = Math.max(newest, at);
    const frames = encodeRecord([...fresh].map(([mac, samples]) => ({ mac, samples: [...samples.values()] })));
    sql.insert.run(newest, frames.length, frames);
    return frames.length;
  };

  const prune = (): void => {
    recent.prune(clock.now() - hourMs);
    db.write(() => {
      let freed = 0;
      for (const row of sql.expired.all(clock.now() - terms.retentionMs)) freed += Number(row.octets);
      while (octets - freed > terms.maxOctets) {
        const oldest = sql.oldest.all();
        if (oldest.length === 0) break;
        for (const row of oldest) freed += Number(row.octets);
      }
      return freed;
    }).then(
      (freed) => {
        octets -= freed;
      },
      (thrown) => log.warn({ error: messageOf(thrown) }, "samples not pruned"),
    );
  };

  const takeBack = (rows: readonly Record<string, unknown>[]): void => {
    for (const row of rows.toReversed()) {
      try {
        for (const { mac, samples } of decodeRecord(row.frames as Uint8Array))
          recent.add(
            mac,
            samples.filter(({ at }) => !recent.has(mac, at)),
          );
      } catch (thrown) {
        log.warn({ record: Number(row.id), error: messageOf(thrown) }, "record of samples left out");
      }
    }
  };

  // The newest part at once, so that every board has its last numbers; the rest of the hour between other work.
  const since = clock.now() - hourMs;
  const first = Number(db.read(() => sql.first.get(since))?.id ?? Number.MAX_SAFE_INTEGER);
  /** Takes back about `octets` of records below the id `before`; gives the lowest id taken, or null at the end. */
  const takePart = (before: number, octets: number): number | null => {
    const rows: Record<string, unknown>[] = [];
    let left = octets;
    db.read(() => {
      for (const row of sql.page.iterate(first, before, since)) {
        rows.push(row);
        left -= (row.frames as Uint8Array).length;
        if (left <= 0) break;
      }
    });
    takeBack(rows);
    return left > 0 ? null : Number(rows.at(-1)!.id);
  };
  const ending = new AbortController();
  const restore = async (): Promise<void> => {
    for (let last = newestPart; last !== null; last = takePart(last, partOctets)) await clock.sleep(1, ending.signal);
  };
  const newestPart = takePart(Number.MAX_SAFE_INTEGER, firstOctets);
  const restored = restore().catch(() => undefined);
  const pruning = clock.every(60_000, prune);

  return {
    append(batch) {
      if (batch.length === 0) return Promise.resolve({ stored: 0 });
      if (waitingSamples + batch.length > terms.maxWaiting)
        return Promise.reject(new ClusterError("limit.queue", `${waitingSamples} samples wait to be stored`));
      return new Promise((resolve, reject) => {
        waiting.push({ batch, stored: 0, resolve, reject });
        waitingSamples += batch.length;
        if (flushing === null) arm();
      });
    },
    history: (mac, fromMs, toMs, limit) => recent.read(mac, fromMs, toMs, limit),
    newest: () => [...recent.boards()].map((mac) => ({ mac, sample: recent.newest(mac)! })),
    restored,
    octets: () => octets,
    async [Symbol.asyncDispose]() {
      pruning.cancel();
      ending.abort(new Error("closed"));
      await restored;
      while (waiting.length > 0 || flushing !== null) await flush();
    },
  };
}

type Waiting = {
  readonly batch: readonly BoardSample[];
  stored: number;
  readonly resolve: (answer: { stored: number }) => void;
  readonly reject: (thrown: unknown) => void;
};
type Fresh = Map<Mac, Map<Millis, Sample>>;

const hourMs = 3_600_000;
/** A batch this large waits for nobody. */
const flushAt = 5000;
/** Some 30,000 samples at the start, then some 1,000 at a time. */
const firstOctets = 600_000;
const partOctets = 20_000;

/** What of the batches is not known yet, by board and time; counts into each batch what is new of it. */
function unknownOnly(batches: readonly Waiting[], has: (mac: Mac, at: Millis) => boolean): Fresh {
  const fresh: Fresh = new Map();
  for (const waiting of batches) {
    waiting.stored = 0;
    for (const { mac, sample } of waiting.batch) {
      let samples = fresh.get(mac);
      if (samples?.has(sample.at) === true || has(mac, sample.at)) continue;
      if (samples === undefined) {
        samples = new Map();
        fresh.set(mac, samples);
      }
      samples.set(sample.at, sample);
      waiting.stored++;
    }
  }
  return fresh;
}

function statements(db: Database) {
  return db.read((sql) => ({
    insert: sql.prepare("INSERT INTO sample_log (newest_ms, octets, frames) VALUES (?, ?, ?)"),
    octets: sql.prepare("SELECT sum(octets) AS octets FROM sample_log"),
    first: sql.prepare("SELECT min(id) AS id FROM sample_log WHERE newest_ms >= ?"),
    // The plus keeps SQLite on the row ids, from which it can stop early.
    page: sql.prepare(
      "SELECT id, frames FROM sample_log WHERE id >= ? AND id < ? AND +newest_ms >= ? ORDER BY id DESC",
    ),
    expired: sql.prepare(
      "DELETE FROM sample_log WHERE id IN (SELECT id FROM sample_log WHERE newest_ms < ? LIMIT 5000) RETURNING octets",
    ),
    oldest: sql.prepare(
      "DELETE FROM sample_log WHERE id IN (SELECT id FROM sample_log ORDER BY id LIMIT 500) RETURNING octets",
    ),
  }));
}
