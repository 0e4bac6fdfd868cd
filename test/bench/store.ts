import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Mac } from "@bramble/core/base";
import { clockFrom, seededRandom, silentLog } from "@bramble/core/base";
import type { BoardSample, Sample } from "@bramble/core/observe";
import { openDatabase } from "../../apps/head/src/store/database.ts";
import { sampleMigrations, sampleStore } from "../../apps/head/src/store/samples.ts";
import { workMigrations, workStore } from "../../apps/head/src/store/work.ts";
import type { Bench, Row } from "./row.ts";

/** Durable samples against plain SQLite rows, and the queue of Warbles; every figure waits for its commits (synchronous=FULL). */
export const storeBench: Bench = {
  name: "store",
  run: async (): Promise<readonly Row[]> => {
    const folder = mkdtempSync(join(tmpdir(), "bramble-bench-"));
    try {
      const ours = await ourSamples(join(folder, "ours.db"));
      const rows = plainRows(join(folder, "rows.db"));
      const queue = await claimAndComplete(join(folder, "queue.db"));
      const times = ours.perSecond / rows.perSecond;
      return [
        {
          what: "samples stored, batched",
          measured: `${thousands(ours.perSecond)}/s`,
          peer: `SQLite rows ${thousands(rows.perSecond)}/s (${times.toFixed(1)} times)`,
          budget: ">= 150 k/s",
          isReached: ours.perSecond >= 150_000,
          note: "the bars against PostgreSQL rows and 15 bytes belong to the sample store's own chunks, a later step",
        },
        {
          what: "octets a stored sample",
          measured: ours.octets.toFixed(1),
          peer: `SQLite rows ${rows.octets.toFixed(0)}`,
          budget: "<= 15",
          isReached: ours.octets <= 15,
        },
        {
          what: "Warbles claimed and completed",
          measured: `${thousands(queue)}/s`,
          peer: null,
          budget: ">= 20 k/s",
          isReached: queue >= 20_000,
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const boards = 1050;
const rounds = 120;
const clock = clockFrom({
  now: Date.now,
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
const schedule = (run: () => void): void => void setImmediate(run);

async function ourSamples(file: string): Promise<{ perSecond: number; octets: number }> {
  const db = openDatabase(file, sampleMigrations, { log: silentLog, schedule });
  const store = sampleStore(db, {
    clock,
    log: silentLog,
    terms: { tickMs: 0, retentionMs: 86_400_000, maxOctets: 2 ** 30, maxWaiting: 1_000_000 },
  });
  const batches = pretendHours();
  const from = performance.now();
  await Promise.all(batches.map((batch) => store.append(batch)));
  const seconds = (performance.now() - from) / 1000;
  const octets = store.octets() / (boards * rounds);
  await store[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
  return { perSecond: (boards * rounds) / seconds, octets };
}

/** What most would write: a row a sample, a transaction a tick. */
function plainRows(file: string): { perSecond: number; octets: number } {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  db.exec(
    "CREATE TABLE samples (mac TEXT, at INTEGER, cpu REAL, load REAL, mu REAL, mt REAL, du REAL, dt REAL, temp REAL, throttled INTEGER, rx REAL, tx REAL, up INTEGER, processes TEXT, PRIMARY KEY (mac, at)) WITHOUT ROWID",
  );
  const insert = db.prepare("INSERT INTO samples VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  const batches = pretendHours();
  const from = performance.now();
  for (const batch of batches) {
    db.exec("BEGIN");
    for (const { mac, sample: s } of batch) {
      insert.run(
        mac,
        s.at,
        s.cpu,
        s.load,
        s.memoryUsedMb,
        s.memoryTotalMb,
        s.diskUsedGb,
        s.diskTotalGb,
        s.temperatureC,
        s.throttled,
        s.rxKbps,
        s.txKbps,
        s.uptimeS,
        JSON.stringify(s.processes),
      );
    }
    db.exec("COMMIT");
  }
  const seconds = (performance.now() - from) / 1000;
  const { page_count: pages } = db.prepare("PRAGMA page_count").get() as { page_count: number };
  db.close();
  return { perSecond: (boards * rounds) / seconds, octets: (pages * 4096) / (boards * rounds) };
}

async function claimAndComplete(file: string): Promise<number> {
  const db = openDatabase(file, workMigrations, { log: silentLog, schedule });
  const store = workStore(db);
  const count = 20_000;
  const at = Date.now();
  const posts = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      store.accept({ user: `web:${i}`, post: "#pi{PRINT(1)}", at, seed: i, name: null, result: null }),
    ),
  );
  const outcome = { out: ["1"], effects: [], error: null, warnings: [], steps: 2, saves: {}, data: {} };
  const from = performance.now();
  await Promise.all(
    posts.map(async ({ number }) => {
      const lease = `lease-${number}`;
      await store.claim([
        { number, lease, mac: "b8:27:eb:00:00:01" as Mac, board: "b0001", attempt: 1, until: at + 60_000 },
      ]);
      await store.end({ number, lease, state: "done", outcome, at, ms: 1 });
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  await db[Symbol.asyncDispose]();
  return count / seconds;
}

/** Ten minutes of 1050 boards, a batch a tick of five seconds. */
function pretendHours(): BoardSample[][] {
  const random = seededRandom("bench");
  const names = ["systemd", "bramble-agent", "kworker/0:1", "sshd", "journald"];
  const start = Date.now() - rounds * 5000;
  return Array.from({ length: rounds }, (_, round) =>
    Array.from({ length: boards }, (_, board): BoardSample => {
      const sample: Sample = {
        ...{
          at: start + round * 5000 + (board % 5000),
          cpu: Math.round(random.next() * 200) / 10,
          load: 0.2,
          memoryUsedMb: 200 + random.whole(50),
        },
        ...{
          memoryTotalMb: 877,
          diskUsedGb: 1.5,
          diskTotalGb: 50,
          temperatureC: 45 + random.whole(30) / 10,
          throttled: 0,
        },
        ...{ rxKbps: random.whole(20), txKbps: random.whole(20), uptimeS: round * 5 },
        processes: names.map((name, i) => ({
          pid: 1 + i * 137,
          name,
          user: i === 0 ? "root" : "pi",
          cpu: random.whole(30) / 10,
          memory: 0.8,
        })),
      };
      return {
        mac: `b8:27:eb:00:${(board >> 8).toString(16).padStart(2, "0")}:${(board & 255).toString(16).padStart(2, "0")}` as Mac,
        sample,
      };
    }),
  );
}

function thousands(count: number): string {
  return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} k`;
}
