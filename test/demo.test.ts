import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as story from "./story.ts";
import type { DemoProcess } from "./support/demo-process.ts";
import { bramble, demoOf, startDemoProcess } from "./support/demo-process.ts";

/** The demo as a newcomer meets it, with 84 boards so that it fits in `npm test`; 1050 boards are e2e. */
describe("the demo", () => {
  let demo: DemoProcess;
  beforeAll(async () => {
    demo = await startDemoProcess(demoOf("mini-84.yaml", "--speed", "60"));
  });
  afterAll(() => demo?.[Symbol.asyncDispose]());

  test("every board wakes up, and this computer joins as one real board", async () => {
    await story.allWakeUp(demo, 84, 60_000);
  }, 90_000);

  test(
    "the printed examples of the publication run on boards and answer as printed",
    () => story.publicationRuns(demo),
    120_000,
  );

  test("LIGHTS changes the lamp", () => story.lampChanges(demo));

  test("a group that falls silent is seen, and is up again without a restart of anything", async () => {
    await story.groupFallsSilent(demo, "@k01", 21);
  }, 90_000);

  test("a second head on the same port is told so in one line that names the port and the flag", async () => {
    const { port } = new URL(demo.url);
    const { code, out, err } = await bramble([
      "demo",
      "--port",
      port,
      "--no-agent",
      "--cluster",
      "examples/mini-84.yaml",
    ]);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(new RegExp(`${port}.*--port`));
    expect(err.trim().split("\n").length).toBeLessThanOrEqual(2);
  });

  test("Ctrl+C ends everything cleanly", async () => {
    expect(await demo.interrupt()).toBe(0);
    await expect(fetch(demo.url)).rejects.toThrow();
  });
});
