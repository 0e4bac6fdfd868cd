import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { workMigrations, workStore } from "./work.ts";

const child = fileURLToPath(new URL("./work-crash.child.ts", import.meta.url));

test("kill -9 in mid-flight loses nothing that was acknowledged and doubles nothing", async () => {
  const path = mkdtempSync(join(tmpdir(), "bramble-crash-"));
  const file = join(path, "head.db");
  const accepted = new Set<number>();
  const ended = new Set<number>();
  try {
    for (let round = 0; round < 4; round++) {
      for (const line of await runAndKill(file, 150 + round * 97)) {
        const [word, number] = line.split(" ");
        if (word === "accepted") accepted.add(Number(number));
        if (word !== "ended") continue;
        expect(ended.has(Number(number)), `${line} twice`).toBe(false);
        ended.add(Number(number));
      }
      await check(file, accepted, ended);
    }
    expect(ended.size).toBeGreaterThan(100);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});

/** Runs the child until it has said `lines` lines after its start, kills it, and gives all whole lines. */
async function runAndKill(file: string, lines: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, file], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(running, "exit");
  let text = "";
  for await (const chunk of running.stdout.setEncoding("utf8")) {
    text += chunk;
    const begun = text.indexOf("begun\n");
    if (begun >= 0 && text.slice(begun).split("\n").length > lines) running.kill("SIGKILL");
  }
  const [, signal] = await exited;
  expect(signal).toBe("SIGKILL");
  return text.split("\n").slice(0, -1);
}

async function check(file: string, accepted: ReadonlySet<number>, ended: ReadonlySet<number>): Promise<void> {
  await using db = openDatabase(file, workMigrations, { log: silentLog, schedule: queueMicrotask });
  const store = workStore(db);
  for (const number of accepted) expect(store.find(number), `warble ${number}`).not.toBeNull();
  for (const number of ended) expect(store.find(number)?.state, `warble ${number}`).toBe("done");
  // A result and its SAVE are one: the counter of a user is the number of their ended Warbles, and each saw its own.
  for (const user of ["web:ada", "web:bob", "web:cy"]) {
    const done = store.list({ user, state: "done", before: null, limit: 100_000 });
    expect(Number(store.saved(user).count ?? 0)).toBe(done.length);
    const counts = done.map(({ result }) => Number(result!.out[0])).sort((a, b) => a - b);
    expect(counts).toEqual(Array.from({ length: done.length }, (_, n) => n + 1));
  }
}
