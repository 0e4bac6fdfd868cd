import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as story from "../story.ts";
import type { DemoProcess } from "../support/demo-process.ts";
import { repository, startDemoProcess } from "../support/demo-process.ts";

/** A stranger clones it and types one command: `npm run demo`, with whatever Node the machine has. */
describe("a fresh clone", () => {
  const clone = mkdtempSync(join(tmpdir(), "bramble-clone-"));
  let demo: DemoProcess;

  beforeAll(async () => {
    execFileSync("git", ["clone", "--quiet", repository, clone]);
    // The machine's own Node: not the packaged one that runs these tests.
    const path = (process.env.PATH ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
    demo = await startDemoProcess(
      { command: "npm", args: ["run", "--silent", "demo", "--"], cwd: clone, env: { PATH: path.join(":") } },
      300_000,
    );
  });
  afterAll(async () => {
    await demo?.[Symbol.asyncDispose]();
    rmSync(clone, { recursive: true, force: true });
  });

  test("has 1050 boards up within a minute of its ready line", async () => {
    const took = await story.allWakeUp(demo, 1050, 120_000);
    console.log(
      `ready after ${(demo.readyAfterMs / 1000).toFixed(1)} s (install included), 1050 boards and one real one up ${(took / 1000).toFixed(1)} s later`,
    );
    expect(took).toBeLessThan(60_000);
  });

  test("runs the printed examples of the publication on its boards", () => story.publicationRuns(demo));

  test("runs all 164 programs of the corpus over HTTP, byte for byte", () => story.corpusRunsHere(demo));

  test("shows the lamp", () => story.lampChanges(demo));

  test("sees 42 boards fall silent within five seconds, and takes them back", async () => {
    const { silentMs, upMs } = await story.groupFallsSilent(demo, "@g03", 42);
    console.log(
      `42 boards silent after ${Math.round(silentMs)} ms, up again ${Math.round(upMs)} ms after they were revived`,
    );
    expect(silentMs).toBeLessThan(5000);
  });
});
