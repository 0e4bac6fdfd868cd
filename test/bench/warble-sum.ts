import { join } from "node:path";
import type { PostedAnswer, WarbleBody } from "@bramble/core/api";
import { run } from "@bramble/warble";
import { repository } from "../support/demo-process.ts";
import { startHeadProcess } from "./head-process.ts";
import { pause, type Running, start } from "./process.ts";
import type { Bench, Row } from "./row.ts";
import { medianMs, reachedOrNot } from "./row.ts";

/** A big SUM through a true head on boards that are processes with one worker each. */
export const warbleSumBench: Bench = {
  name: "warble-sum",
  run: async (): Promise<readonly Row[]> => {
    const alone = medianMs(5, () => void run(post, world));
    const [one, two] = [await sumOn(1), await sumOn(2)];
    const speedUp = one.ms / two.ms;
    const overhead = one.ms / alone - 1;
    return [
      {
        what: "SUM on two boards against one",
        measured: `${two.ms.toFixed(0)} ms against ${one.ms.toFixed(0)} ms: ${speedUp.toFixed(2)} times faster`,
        peer: `the language alone ${alone.toFixed(0)} ms`,
        budget: ">= 1.6 times faster on two cores",
        ...reachedOrNot(speedUp >= 1.6, "the head and this bench take their share of the two cores too"),
      },
      {
        what: "what the way over the head adds, one board",
        measured: `${(overhead * 100).toFixed(0)} % (${(one.ms - alone).toFixed(0)} ms)`,
        peer: `the language alone ${alone.toFixed(0)} ms`,
        budget: "small",
        isReached: null,
        note: "post, lease, the first chunk twice, 146 answers there and back, the result stored",
      },
    ];
  },
};

/** 147 chunks, just within the public limit of steps. */
const post = "#pi{PREC(50)SUM(k,1,150000,1/k^2)}";
const world = { user: "a", board: 0, boards: 1, temperatureC: null, nowMs: 0, seed: 1, saved: {}, data: {} };

async function sumOn(boards: number): Promise<{ readonly ms: number }> {
  await using head = await startHeadProcess(["--boot", "none"]);
  const agents: Running[] = [];
  try {
    for (let index = 0; index < boards; index++) {
      const script = join(repository, "test/nothing-lost/agent.child.ts");
      agents.push(await start(process.execPath, [script, head.url, String(index)], /^linked$/m));
    }
    // Their first samples, so that they count as free.
    await pause(3000);
    for (let warm = 0; warm < 3; warm++) await timed(head.url, `web:warm-${warm}`);
    const taken: number[] = [];
    for (let round = 0; round < 9; round++) taken.push(await timed(head.url, `web:round-${round}`));
    return { ms: taken.sort((a, b) => a - b)[4]! };
  } finally {
    for (const agent of agents) await agent[Symbol.asyncDispose]();
  }
}

/** From the post to its result, as its poster sees it. */
async function timed(url: string, user: string): Promise<number> {
  const from = performance.now();
  const response = await fetch(`${url}/api/v1/warbles`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: post, user }),
  });
  const { id } = (await response.json()) as PostedAnswer;
  for (;;) {
    const warble = (await (await fetch(`${url}/api/v1/warbles/${id}?wait=10`)).json()) as WarbleBody;
    if (warble.state === "failed") throw new Error(`the sum failed: ${JSON.stringify(warble.error)}`);
    if (warble.state !== "done") continue;
    const took = performance.now() - from;
    if (warble.error !== null) throw new Error(`the sum ended with ${JSON.stringify(warble.error)}`);
    return took;
  }
}
