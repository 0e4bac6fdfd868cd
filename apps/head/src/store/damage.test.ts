import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError, fakeClock, mac, silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import { boardMigrations, boardStore } from "./boards.ts";
import { openDatabase } from "./database.ts";
import { eventMigrations, eventStore } from "./events.ts";
import { sampleMigrations, sampleStore } from "./samples.ts";
import { workMigrations, workStore } from "./work.ts";

const migrations = [...boardMigrations, ...sampleMigrations, ...eventMigrations, ...workMigrations];
const reading = {
  ...{ cpu: 1, load: 1, memoryUsedMb: 1, memoryTotalMb: 1, diskUsedGb: 1, diskTotalGb: 1, temperatureC: 40 },
  ...{ throttled: 0, rxKbps: 1, txKbps: 1, uptimeS: 1, processes: [] },
};

/** Opens all slices as a head does at its start, and closes them. */
async function openAll(path: string, fill: boolean): Promise<void> {
  const clock = fakeClock();
  const schedule = (run: () => void): void => queueMicrotask(run);
  await using db = openDatabase(path, migrations, { log: silentLog, schedule });
  await using samples = sampleStore(db, { clock, log: silentLog });
  const boards = boardStore(db);
  eventStore(db).lastId();
  workStore(db).open();
  workStore(db).totals();
  boards.all();
  if (!fill) return;
  for (let second = 0; second < 20; second++) {
    const batch = Array.from({ length: 50 }, (_, index) => ({
      mac: mac(`b8:27:eb:00:00:${index.toString(16).padStart(2, "0")}`),
      sample: { ...reading, at: clock.now() + second * 1000 },
    }));
    const stored = samples.append(batch);
    await clock.advance(200);
    await stored;
  }
}

test("whichever page of the database is damaged: it opens, or the file is named and called damaged", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bramble-damage-"));
  const path = join(folder, "bramble.db");
  await openAll(path, true);
  const whole = readFileSync(path);
  const pages = whole.length / 4096;
  expect(pages).toBeGreaterThan(8);
  let refused = 0;
  for (let page = 0; page < pages; page++) {
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, page * 4096 + 100, (page + 1) * 4096);
    for (const each of ["-wal", "-shm"]) rmSync(path + each, { force: true });
    writeFileSync(path, damaged);
    const thrown = await openAll(path, false).then(
      () => null,
      (error: unknown) => error,
    );
    if (thrown === null) continue;
    refused++;
    expect(thrown, `page ${page}: ${String(thrown)}`).toBeInstanceOf(ClusterError);
    expect(thrown, `page ${page}: ${String(thrown)}`).toMatchObject({
      code: "store.corrupt",
      message: expect.stringContaining(path),
    });
  }
  expect(refused).toBeGreaterThan(3);
  rmSync(folder, { recursive: true });
});
