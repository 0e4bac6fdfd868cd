import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventBody } from "@bramble/core/api";
import type { FakeClock, Mac } from "@bramble/core/base";
import { fakeClock, mac, silentLog } from "@bramble/core/base";
import type { BoardSample, Sample } from "@bramble/core/observe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KnownBoard } from "./boards.ts";
import { boardMigrations, boardStore } from "./boards.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./database.ts";
import { eventMigrations, eventStore } from "./events.ts";
import { encodeRecord } from "./sample-log.ts";
import type { SampleStore, SampleTerms } from "./samples.ts";
import { sampleMigrations, sampleStore, sampleTerms } from "./samples.ts";

const migrations = [...boardMigrations, ...sampleMigrations, ...eventMigrations];
const one = mac("b8:27:eb:00:00:01");
const two = mac("b8:27:eb:00:00:02");

let folder: string;
let db: Database;
let clock: FakeClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bramble-slices-"));
  clock = fakeClock();
  openAgain();
});
afterEach(async () => {
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
const openAgain = (): void => {
  db = openDatabase(join(folder, "head.db"), migrations, { log: silentLog, schedule: (run) => queueMicrotask(run) });
};
const reopen = async (): Promise<void> => {
  await db[Symbol.asyncDispose]();
  openAgain();
};

describe("the store of boards", () => {
  const board = (mac: Mac, index: number, rest: Partial<KnownBoard> = {}): KnownBoard => ({
    record: {
      ...{ mac, name: `b${index}`, index, serial: "10000000abcdef", model: null, address: "172.20.1.1" },
      ...{
        isSimulated: true,
        agent: "0.1.0",
        cores: 4,
        memoryMb: 877.6,
        bootId: null,
        firstSeen: 1,
        lastRegistered: 2,
      },
    },
    slot: null,
    standing: { state: { kind: "silent", cause: "group" }, since: 3, isDraining: true },
    ...rest,
  });

  test("boards come back as they were saved, in the order of their indexes", async () => {
    const boards = [board(two, 1, { slot: "b0002" }), board(one, 0)];
    await boardStore(db).save(boards);
    await reopen();
    expect(boardStore(db).all()).toEqual([boards[1], boards[0]]);
  });

  test("a board saved again replaces what it told, not when it was first seen", async () => {
    const store = boardStore(db);
    await store.save([board(one, 0)]);
    const moved = board(one, 7);
    await store.save([{ ...moved, record: { ...moved.record, name: "b9", firstSeen: 99 } }]);
    expect(store.all()).toMatchObject([{ record: { name: "b9", index: 7, firstSeen: 1 } }]);
  });

  test("standings change alone, and those of unknown boards are left out", async () => {
    const store = boardStore(db);
    await store.save([board(one, 0)]);
    const standing = { state: { kind: "failed" as const, step: "root", reason: "no 'answer'" }, since: 10 };
    await store.stand([
      { mac: one, standing },
      { mac: two, standing },
    ]);
    expect(store.all()).toEqual([{ ...board(one, 0), standing }]);
  });
});

describe("the store of events", () => {
  const event = (id: number): EventBody => ({
    id,
    at: id * 10,
    kind: "board.up",
    level: "info",
    board: null,
    message: "m",
  });

  test("events are listed newest first, page by page, and outlive a restart", async () => {
    await eventStore(db).append([event(1), event(2), event(3)]);
    await reopen();
    const store = eventStore(db);
    expect(store.lastId()).toBe(3);
    expect(store.list(2)).toEqual([event(3), event(2)]);
    expect(store.list(2, 2)).toEqual([event(1)]);
  });

  test("only the newest are kept", async () => {
    const store = eventStore(db, 3);
    await store.append([1, 2, 3, 4, 5].map(event));
    expect(store.list(10).map(({ id }) => id)).toEqual([5, 4, 3]);
    expect(store.lastId()).toBe(5);
  });
});

describe("the store of samples", () => {
  let samples: SampleStore;
  const start = (terms: Partial<SampleTerms> = {}): void => {
    samples = sampleStore(db, { clock, log: silentLog, terms: { ...sampleTerms, ...terms } });
  };
  beforeEach(() => start());
  afterEach(() => samples[Symbol.asyncDispose]());

  const sample = (at: number, cpu = 5): Sample => ({
    ...{ at, cpu, load: 0.4, memoryUsedMb: 222.3, memoryTotalMb: 877.6, diskUsedGb: null, diskTotalGb: null },
    ...{ temperatureC: 42.7, throttled: 0, rxKbps: 12, txKbps: 4, uptimeS: 100 },
    processes: [{ pid: 1, name: "systemd", user: "root", cpu: 1.2, memory: 0.8 }],
  });
  const of = (mac: Mac, ...ats: number[]): BoardSample[] => ats.map((at) => ({ mac, sample: sample(at) }));
  const append = async (batch: readonly BoardSample[]): Promise<number> => {
    const appended = samples.append(batch);
    await clock.advance(sampleTerms.tickMs);
    return (await appended).stored;
  };
  const times = (mac: Mac): number[] => samples.history(mac, 0, Number.MAX_SAFE_INTEGER, 10_000).map(({ at }) => at);
  const records = (): number =>
    Number(db.read((sql) => sql.prepare("SELECT count(*) AS n FROM sample_log").get())?.n ?? 0);

  test("samples are answered after their commit, all of a tick in one record", async () => {
    const before = db.commits();
    const now = clock.now();
    let answered = 0;
    const all = Array.from({ length: 200 }, (_, i) =>
      samples.append(of(i % 2 === 0 ? one : two, now + i)).then(() => answered++),
    );
    await clock.advance(sampleTerms.tickMs - 1);
    expect([answered, db.commits() - before, samples.newest()]).toEqual([0, 0, []]);
    await clock.advance(1);
    await Promise.all(all);
    expect([db.commits() - before, records()]).toEqual([1, 1]);
    expect(times(one)).toHaveLength(100);
  });

  test("a sample is stored once, however often and however it comes", async () => {
    const now = clock.now();
    expect(await append(of(one, now, now, now + 1))).toBe(2);
    expect(await append(of(one, now + 1, now, now + 2))).toBe(1);
    const both = [samples.append(of(one, now + 9)), samples.append(of(one, now + 9))];
    await clock.advance(sampleTerms.tickMs);
    expect((await Promise.all(both)).map(({ stored }) => stored)).toEqual([1, 0]);
    expect(times(one)).toEqual([now, now + 1, now + 2, now + 9]);
  });

  test("a backlog in any order is known again when it is sent again", async () => {
    const now = clock.now();
    const ats = Array.from({ length: 300 }, (_, i) => now - ((i * 37) % 300) * 5000);
    expect(await append(of(one, ...ats))).toBe(300);
    expect(await append(of(one, ...ats.toReversed()))).toBe(0);
    expect(times(one)).toEqual(ats.toSorted((a, b) => a - b));
  });

  test("the newest hour is back after a restart, and known samples are known still", async () => {
    const now = clock.now();
    const ats = Array.from({ length: 720 }, (_, i) => now - i * 5000);
    for (const at of ats.toReversed()) await append(of(one, at));
    await append(of(two, now));
    await samples[Symbol.asyncDispose]();
    await reopen();
    start();
    expect(samples.newest()).toHaveLength(2);
    await clock.advance(100);
    await samples.restored;
    expect(samples.history(two, now, now, 10)).toEqual([sample(now)]);
    const back = times(one);
    expect(back.length).toBeGreaterThan(690);
    expect(await append(of(one, ...back))).toBe(0);
  });

  test("a page of history is cut where it was asked to", async () => {
    const now = clock.now();
    await append(of(one, now, now + 1, now + 2, now + 3));
    expect(samples.history(one, now + 1, now + 3, 2).map(({ at }) => at)).toEqual([now + 1, now + 2]);
    expect(samples.history(two, 0, now, 10)).toEqual([]);
  });

  test("what is older than the retention goes, from the log and from memory", async () => {
    await append(of(one, clock.now()));
    await clock.advance(23 * 3_600_000);
    await append(of(one, clock.now()));
    expect(records()).toBe(2);
    await clock.advance(2 * 3_600_000);
    expect(records()).toBe(1);
    expect(samples.octets()).toBeGreaterThan(0);
  });

  test("the log keeps to its size by forgetting its oldest records", async () => {
    await samples[Symbol.asyncDispose]();
    start({ maxOctets: 60_000 });
    const now = clock.now();
    for (let i = 0; i < 1200; i++) await append(of(one, now + i));
    await clock.advance(60_000);
    expect(samples.octets()).toBeLessThanOrEqual(60_000);
    expect(records()).toBeGreaterThan(100);
    expect(samples.newest()[0]?.sample.at).toBe(now + 1199);
  });

  test("a store that cannot write acknowledges nothing, and the same samples are new when it can", async () => {
    const now = clock.now();
    db.read((sql) => sql.exec("PRAGMA query_only = 1"));
    const failing = samples.append(of(one, now)).catch((thrown) => thrown);
    await clock.advance(sampleTerms.tickMs);
    expect(await failing).toMatchObject({ code: "store.unavailable" });
    expect(times(one)).toEqual([]);
    db.read((sql) => sql.exec("PRAGMA query_only = 0"));
    expect(await append(of(one, now))).toBe(1);
  });

  test("more than may wait is refused, and what waited is stored", async () => {
    await samples[Symbol.asyncDispose]();
    start({ maxWaiting: 3 });
    const now = clock.now();
    const first = samples.append(of(one, now, now + 1));
    await expect(samples.append(of(one, now + 2, now + 3))).rejects.toMatchObject({ code: "limit.queue" });
    await clock.advance(sampleTerms.tickMs);
    expect((await first).stored).toBe(2);
  });

  test("a large batch waits for no tick", async () => {
    const now = clock.now();
    const { stored } = await samples.append(of(one, ...Array.from({ length: 5000 }, (_, i) => now + i)));
    expect(stored).toBe(5000);
  });

  test("a damaged record of the log is left out, the others are read", async () => {
    const now = clock.now();
    await append(of(one, now));
    const good = encodeRecord([{ mac: two, samples: [sample(now)] }]);
    await db.write((sql) => {
      const insert = sql.prepare("INSERT INTO sample_log (newest_ms, octets, frames) VALUES (?, ?, ?)");
      insert.run(now, 10, good.subarray(0, good.length - 5));
      insert.run(now, 10, Uint8Array.of(1, 2, 3));
    });
    await samples[Symbol.asyncDispose]();
    start();
    expect(samples.newest().map(({ mac }) => mac)).toEqual([one]);
  });

  test("closing stores what waits and leaves no timer", async () => {
    const now = clock.now();
    const waiting = samples.append(of(one, now));
    await samples[Symbol.asyncDispose]();
    expect((await waiting).stored).toBe(1);
    expect(clock.pending()).toBe(0);
  });
});
