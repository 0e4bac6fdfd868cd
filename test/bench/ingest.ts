import type { BoardSample } from "@bramble/core/observe";
import { encodeSamples } from "@bramble/core/observe";
import type { FleetBoard } from "./fleet.ts";
import { linkFleet } from "./fleet.ts";
import { startHeadProcess } from "./head-process.ts";
import { cpuMs } from "./process.ts";
import { sampleTicks } from "./samples.ts";

/** Samples through one door of a head that is a process of its own, from the first octet to the last "stored". */
export type Ingested = { readonly perSecond: number; readonly headCpuMicros: number };

/** Backlogs over 100 links at once, in frames of 200, four of them under way: what boards send after a head was away. */
export async function ingestByLink(): Promise<Ingested> {
  const [links, frames, perFrame] = [100, 15, 200];
  const backlogs = byBoard(sampleTicks(links, frames * perFrame)).map((samples) =>
    Array.from({ length: frames }, (_, n) => encodeSamples(samples.slice(n * perFrame, (n + 1) * perFrame))),
  );
  await using head = await startHeadProcess();
  using fleet = await linkFleet(head.url, links);
  return await timed(head.pid, links * frames * perFrame, () =>
    Promise.all(fleet.boards.map((board, i) => sendBacklog(board, backlogs[i]!))),
  );
}

function sendBacklog(board: FleetBoard, frames: readonly Uint8Array[]): Promise<void> {
  let sent = 0;
  let stored = 0;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const frame = frames[sent++];
      if (frame !== undefined) board.socket.send(frame);
    };
    board.socket.once("close", () => reject(new Error("the head closed a link")));
    board.onText = (text) => {
      if (!text.startsWith('{"type":"stored"')) return;
      if (++stored === frames.length) resolve();
      else next();
    };
    for (let n = 0; n < 4; n++) next();
  });
}

/** JSON by REST, four requests at a time. */
export async function ingestByHttp(): Promise<Ingested> {
  const perRequest = 2100;
  const bodies = sampleTicks(perRequest, 24).map((tick) =>
    JSON.stringify(tick.map(({ mac, sample }) => ({ mac, ...sample }))),
  );
  await using head = await startHeadProcess();
  const post = async (body: string): Promise<void> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${head.url}/api/v1/samples`, { method: "POST", headers, body });
    if (answer.status !== 202) throw new Error(`POST /samples: ${answer.status} ${await answer.text()}`);
    await answer.text();
  };
  await post(bodies.shift()!);
  return await timed(head.pid, bodies.length * perRequest, () => {
    const work = async (): Promise<void> => {
      for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) await post(body);
    };
    return Promise.all([work(), work(), work(), work()]);
  });
}

async function timed(pid: number, count: number, run: () => Promise<unknown>): Promise<Ingested> {
  const before = cpuMs(pid);
  const from = performance.now();
  await run();
  const seconds = (performance.now() - from) / 1000;
  return { perSecond: count / seconds, headCpuMicros: ((cpuMs(pid) - before) * 1000) / count };
}

function byBoard(ticks: readonly (readonly BoardSample[])[]) {
  return ticks[0]!.map((_, board) => ticks.map((tick) => tick[board]!.sample));
}
