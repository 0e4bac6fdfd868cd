import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@bramble/core/base";
import { afterAll, expect, test } from "vitest";
import { processRunner } from "./run-program.ts";

const folder = mkdtempSync(join(tmpdir(), "bramble-run-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = (name: string, text: string): string => {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return join(folder, name);
};

function rig() {
  const clock = fakeClock();
  const ending = new AbortController();
  const env = { PATH: "/usr/bin:/bin", OUT: join(folder, "out") };
  const terms = { env, timeoutMs: 60_000, signal: ending.signal };
  return { clock, ending, run: (...words: string[]) => processRunner(clock)(words, terms) };
}

test("a program gets its words as they are, and its environment and nothing of ours", async () => {
  const { run } = rig();
  const end = await run(script("say", 'printf "%s|" "$@" "$OUT" "$HOME"'), "a b", "$(id)", "; rm");
  expect(end).toEqual({ code: 0, isTimedOut: false, output: `a b|$(id)|; rm|${join(folder, "out")}||` });
});

test("its exit code and its last words are told, as one line without control characters", async () => {
  const { run } = rig();
  const end = await run(script("fail", "printf 'one\\n\\033[31mtwo\\n' >&2; exit 3"));
  expect(end).toEqual({ code: 3, isTimedOut: false, output: "one [31mtwo" });
});

test("a program that hangs is ended with all that it started", async () => {
  const { run, clock } = rig();
  const file = join(folder, "child");
  const ended = run(script("hang", `sleep 1000 & echo $! > ${file}.tmp; mv ${file}.tmp ${file}; wait`));
  const child = Number(await eventually(() => readFileSync(file, "utf8")));
  await clock.advance(60_000);
  expect(await ended).toMatchObject({ code: null, isTimedOut: true });
  await eventually(() => {
    if (isAlive(child)) throw new Error("it lives");
    return true;
  });
});

test("a program that prints for ever costs a bounded memory and is ended", async () => {
  const { run, clock } = rig();
  const ended = run(script("yes", "exec yes a line that never ends"));
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(60_000);
  const end = await ended;
  expect(end.isTimedOut).toBe(true);
  expect(end.output.length).toBeLessThanOrEqual(600);
});

test("a program that leaves one in the background is not waited for", async () => {
  const { run, clock } = rig();
  const end = await run(script("leave", "sleep 1000 & echo done $!"));
  expect(end).toMatchObject({ code: 0, output: expect.stringMatching(/^done \d+$/) });
  expect(clock.pending()).toBe(0);
  process.kill(Number(end.output.slice(5)), "SIGKILL");
});

test("a program is ended when the agent stops, and one that is not there is told", async () => {
  const { run, ending } = rig();
  const ended = run(script("wait", "exec sleep 1000"));
  ending.abort();
  expect(await ended).toMatchObject({ code: null, isTimedOut: false });
  await expect(run(join(folder, "nothing"))).rejects.toThrow("ENOENT");
});

async function eventually<T>(look: () => T): Promise<T> {
  for (let turn = 0; ; turn++) {
    try {
      return look();
    } catch (thrown) {
      if (turn > 100_000) throw thrown;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody waits for is dead too.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
