import { join } from "node:path";
import { createWorkerPool } from "@bramble/agent";
import type { PostedAnswer, WarbleBody } from "@bramble/core/api";
import { describe, expect, test } from "vitest";
import { trueClock } from "../bench/clock.ts";
import { pause, start } from "../bench/process.ts";
import { restart } from "../bench/restart.ts";
import { startMortalHead } from "../nothing-lost/head.ts";
import { killAgainAndAgain } from "../nothing-lost/kill.ts";
import { emptyLedger } from "../nothing-lost/ledger.ts";
import { ask, increment, startBoard } from "../nothing-lost/load.ts";
import { repository } from "../support/demo-process.ts";

test("a head that is killed in the middle of load, twenty times, loses nothing that it has promised", async () => {
  const figures = await killAgainAndAgain(20, 24, "e2e");
  console.log(figures);
  expect(figures.kills).toBe(20);
}, 600_000);

test("1050 boards are all live again after their head was killed", async () => {
  // How long, and how busy, is for `npm run bench` to judge: this machine may do other things meanwhile.
  for (const { what, measured, peer, budget } of await restart())
    console.log(`${what}: ${measured} (budget ${budget}${peer === null ? "" : `; ${peer}`})`);
});

describe("an agent that is killed with a Warble in its hands", () => {
  const startAgentProcess = (url: string) =>
    start(process.execPath, [join(repository, "test/nothing-lost/agent.child.ts"), url], /^linked$/m);

  /** The agent hangs, is given a Warble, and dies before it has read it. */
  async function killedInWork(url: string): Promise<string> {
    const agent = await startAgentProcess(url);
    const warm = await post(url);
    expect(await result(url, warm, 20)).toMatchObject({ state: "done", out: ["1"], attempts: 1 });
    process.kill(agent.pid, "SIGSTOP");
    const id = await post(url);
    await pause(300);
    expect(await result(url, id, 0)).toMatchObject({ state: "leased" });
    await agent.kill();
    return id;
  }

  test("has lost its lease as soon as it is back, and runs it then, once", async () => {
    await using head = await startMortalHead("desk-5.yaml");
    const id = await killedInWork(head.url);
    const from = performance.now();
    await using _again = await startAgentProcess(head.url);
    expect(await result(head.url, id, 30)).toMatchObject({ state: "done", out: ["2"], attempts: 2 });
    console.log(`run by the agent that came back after ${Math.round(performance.now() - from)} ms, its start included`);
  });

  test("loses it to another board when it does not come back", async () => {
    await using head = await startMortalHead("desk-5.yaml");
    await using runner = createWorkerPool({ clock: trueClock, workers: 1, slots: 1 });
    const id = await killedInWork(head.url);
    const from = performance.now();
    const ending = new AbortController();
    const other = startBoard(1, head.url, runner, emptyLedger(), ending.signal);
    try {
      expect(await result(head.url, id, 30)).toMatchObject({ state: "done", out: ["2"], attempts: 2 });
      console.log(`run by another board after ${Math.round(performance.now() - from)} ms`);
    } finally {
      await other.stop("over");
    }
  });

  const tokens = new Map<string, string>();
  async function post(url: string): Promise<string> {
    const answer = await ask(url, "/warbles", { text: increment, user: "web:ada" }, tokens.get(url));
    expect(answer?.status, JSON.stringify(answer?.body)).toBe(202);
    const posted = answer!.body as PostedAnswer;
    if (posted.token !== undefined) tokens.set(url, posted.token);
    return posted.id;
  }

  async function result(url: string, id: string, waitS: number): Promise<WarbleBody> {
    return (await ask(url, `/warbles/${id}?wait=${waitS}`))!.body as WarbleBody;
  }
});
