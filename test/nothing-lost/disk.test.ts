import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkerPool } from "@bramble/agent";
import type { PostedAnswer } from "@bramble/core/api";
import { describe, expect, test } from "vitest";
import { trueClock } from "../bench/clock.ts";
import { macOf } from "../bench/fleet.ts";
import { pause } from "../bench/process.ts";
import { launchHead, startMortalHead } from "./head.ts";
import { emptyLedger } from "./ledger.ts";
import { ask, increment, play, startBoard } from "./load.ts";
import { mountSmallDisk } from "./small-disk.ts";
import { allDone, verify } from "./verify.ts";

/* Real heads on disks that fail them. */

describe("a disk of its own", () => {
  test("full: a clear error and no promise; freed, the same head goes on, and what it refused comes again", async ({
    skip,
  }) => {
    const mounted = mountSmallDisk(16);
    if (typeof mounted === "string") return skip(mounted);
    using disk = mounted;
    await using head = await startMortalHead("mini-84.yaml", disk.path);
    await using runner = createWorkerPool({ clock: trueClock, workers: 1, slots: 1 });
    const ledger = emptyLedger();
    const ending = new AbortController();
    const playing = new AbortController();
    const agents = [0, 1].map((index) => startBoard(index, head.url, runner, ledger, ending.signal));
    const player = play(head.url, "web:ada", ledger, playing.signal);
    try {
      await until(() => ledger.taken.size > 3 && ledger.stored.size === 2);
      disk.fill();
      const refused = await until(async () => {
        const answer = await ask(head.url, "/samples", { mac: macOf(5), at: Date.now() });
        return answer?.status === 503 ? answer.body : null;
      });
      expect(refused).toMatchObject({
        error: { code: "store.unavailable", message: expect.stringContaining("disk is full") },
      });
      expect(await ask(head.url, "/warbles", { text: "#pi{1}", user: "web:bob" })).toMatchObject({ status: 503 });
      // Reading goes on.
      expect(await ask(head.url, "/boards")).toMatchObject({ status: 200 });
      await pause(1500);
      disk.free();
      const posted = await until(async () => {
        const answer = await ask(head.url, "/warbles", { text: increment, user: "web:bob" });
        return answer?.status === 202 ? (answer.body as PostedAnswer) : null;
      });
      // The refused post has not claimed the name.
      expect(posted).toMatchObject({ token: expect.any(String) });
      ledger.posted.set(posted.id, "web:bob");
      playing.abort();
      await player;
      await allDone(head.url, ledger, agents);
      await head.kill();
      await head.restart();
      await verify(head.url, ledger);
    } finally {
      playing.abort();
      ending.abort();
      await Promise.all(agents.map((agent) => agent.stop("over")));
      await head.stop();
    }
  }, 120_000);

  test("read-only: the head says so in one line and does not start", async ({ skip }) => {
    const mounted = mountSmallDisk(16);
    if (typeof mounted === "string") return skip(mounted);
    using disk = mounted;
    const first = await launchHead("desk-5.yaml", join(disk.path, "data"));
    await first[Symbol.asyncDispose]();
    disk.freeze();
    await expect(launchHead("desk-5.yaml", join(disk.path, "data"))).rejects.toThrow(
      /ended with 1: bramble head: .*bramble\.db: .*read-only/,
    );
    await expect(launchHead("desk-5.yaml", join(disk.path, "other"))).rejects.toThrow(
      /ended with 1: bramble head: --data .*other cannot be used: .*read-only/,
    );
  }, 60_000);
});

test("a second head on the same data is told so, and the first goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bramble-second-"));
  try {
    await using first = await launchHead("desk-5.yaml", folder);
    await expect(launchHead("desk-5.yaml", folder)).rejects.toThrow(
      /ended with 1: bramble head: .*bramble\.db: another process has it open/,
    );
    expect(await ask(first.ready, "/samples", { mac: macOf(1), at: Date.now() })).toMatchObject({ status: 202 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

/** Polls until it gives something, and gives that. */
async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const from = performance.now(); performance.now() - from < 30_000; await pause(50)) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
  }
  throw new Error("not so within 30 s");
}
