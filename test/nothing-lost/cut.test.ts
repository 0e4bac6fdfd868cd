import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError, fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import type { Outcome } from "@bramble/core/work";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../apps/head/src/store/database.ts";
import { sampleMigrations, sampleStore } from "../../apps/head/src/store/samples.ts";
import { workMigrations, workStore } from "../../apps/head/src/store/work.ts";
import { macOf } from "../bench/fleet.ts";
import { sampleOf } from "../bench/samples.ts";

/* A database, and its log, as they may look after a disk has lost their ends. */

const user = "web:ada";
const board = macOf(1);
const clock = fakeClock();

/** Everything in it, after each of its commits one more of each kind. */
async function contentsOf(path: string): Promise<{ samples: number; done: number; saved: number }> {
  await using db = openDatabase(path, [...sampleMigrations, ...workMigrations], {
    log: silentLog,
    schedule: setImmediate,
  });
  const work = workStore(db);
  await using samples = sampleStore(db, { clock, log: silentLog });
  await samples.restored;
  const done = work.list({ user, state: "done", before: null, limit: 1000 });
  for (const { result } of done) expect(result?.out).toHaveLength(1);
  return {
    samples: samples.history(board, 0, Number.MAX_SAFE_INTEGER, 10_000).length,
    done: done.length,
    saved: Number(work.saved(user).n ?? 0),
  };
}

describe("a database", () => {
  const folder = mkdtempSync(join(tmpdir(), "bramble-cut-"));
  const whole = join(folder, "whole.db");
  const turns = 40;
  let walOctets = 0;

  beforeAll(async () => {
    await write(whole, turns);
    walOctets = statSync(`${whole}-wal`).size;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A copy as a crash leaves it, with its log; one of the two is cut. */
  const cutCopy = (which: "" | "-wal", octets: number): string => {
    const path = join(folder, "cut.db");
    for (const end of ["", "-wal", "-shm"]) {
      rmSync(`${path}${end}`, { force: true });
      if (end !== "-shm" && existsSync(`${whole}${end}`)) cpSync(`${whole}${end}`, `${path}${end}`);
    }
    truncateSync(`${path}${which}`, octets);
    return path;
  };

  test("whose log was cut anywhere opens with whole commits, in order, none by halves", async () => {
    const seen: number[] = [];
    for (const octets of offsets(walOctets, 60)) {
      const found = await contentsOf(cutCopy("-wal", octets));
      expect(found.saved, `log cut at ${octets}`).toBe(found.done);
      expect(Math.abs(found.samples - found.done)).toBeLessThanOrEqual(1);
      expect(found.done).toBeGreaterThanOrEqual(seen.at(-1) ?? 0);
      seen.push(found.done);
    }
    expect(seen.at(-1)).toBe(turns);
  });

  test("that was cut anywhere is called damaged, and left as it is", async () => {
    // Without its log: after a clean stop there is none.
    const clean = join(folder, "clean.db");
    await write(clean, turns, true);
    const { size } = statSync(clean);
    const before = readFileSync(clean);
    for (const octets of offsets(size, 40).filter((octets) => octets > 0 && octets < size)) {
      const path = join(folder, "short.db");
      for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
      cpSync(clean, path);
      truncateSync(path, octets);
      const thrown = await contentsOf(path).then(
        (found) => found,
        (error: unknown) => error,
      );
      expect(thrown, `cut at ${octets} of ${size}`).toBeInstanceOf(ClusterError);
      expect(thrown).toMatchObject({ code: "store.corrupt", message: expect.stringContaining("short.db") });
      expect(readFileSync(path).equals(before.subarray(0, octets)), `cut at ${octets}`).toBe(true);
    }
  });
});

/** A sample and a Warble that adds one, in commits of their own, `turns` times; then a crash, or a clean stop. */
async function write(path: string, turns: number, isClean = false): Promise<void> {
  const live = isClean ? path : `${path}.live`;
  const db = openDatabase(live, [...sampleMigrations, ...workMigrations], { log: silentLog, schedule: setImmediate });
  const work = workStore(db);
  const random = seededRandom("cut");
  const samples = sampleStore(db, { clock, log: silentLog });
  for (let turn = 1; turn <= turns; turn++) {
    const stored = samples.append([{ mac: board, sample: sampleOf(random, clock.now() + turn, turn) }]);
    await clock.advance(100);
    await stored;
    const { number } = await work.accept({ user, post: "{1}", at: turn, seed: 1, name: null, result: null });
    const lease = `${number}.1`;
    await work.claim([{ number, lease, mac: board, board: "b0001", attempt: 1, until: 1 }]);
    const outcome: Outcome = {
      ...{ out: [String(turn)], effects: [], error: null, warnings: [], steps: 1, data: {} },
      saves: { n: String(turn) },
    };
    await work.end({ number, lease, state: "done", outcome, at: turn, ms: 1 });
  }
  if (!isClean) for (const end of ["", "-wal"]) cpSync(`${live}${end}`, `${path}${end}`);
  await samples[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
}

/** Many cuts of a file: at its ends, around pages and frames, and between. */
function offsets(size: number, count: number): number[] {
  const random = seededRandom("offsets");
  const edges = [0, 1, 31, 32, 33, 511, 512, 4095, 4096, 4097, 8192, size - 4096, size - 1, size];
  const some = Array.from({ length: count }, () => random.whole(size));
  return [...new Set([...edges, ...some])].filter((octets) => octets >= 0 && octets <= size).sort((a, b) => a - b);
}
