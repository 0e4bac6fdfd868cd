import { linkFleet } from "./fleet.ts";
import { startHeadProcess } from "./head-process.ts";
import { cpuMs, memoryMb } from "./process.ts";
import { restart } from "./restart.ts";
import type { Bench, Row } from "./row.ts";
import { reachedOrNot } from "./row.ts";
import { silence } from "./silence.ts";

/** The head as a process of its own, with boards over real WebSockets on loopback. */
export const headBench: Bench = {
  name: "head",
  run: async (): Promise<readonly Row[]> => [
    await registration(1050, 1),
    await registration(10_000, 5),
    ...(await restart()),
    await silence(),
  ],
};

/** A head that has never seen a board, and all of them at once; the median of three runs. */
async function registration(count: number, mostS: number): Promise<Row> {
  const runs = [await registerAll(count), await registerAll(count), await registerAll(count)];
  const [, middle] = runs.sort((a, b) => a.seconds - b.seconds);
  const { seconds, cpuS, resident } = middle!;
  const range = `${runs[0]!.seconds.toFixed(2)} to ${runs[2]!.seconds.toFixed(2)}`;
  return {
    what: `${count} boards registered, cold`,
    measured: `${seconds.toFixed(2)} s (${range}); head ${cpuS.toFixed(2)} s of CPU, ${resident.toFixed(0)} MB`,
    peer: null,
    budget: `<= ${mostS} s`,
    ...reachedOrNot(
      seconds <= mostS,
      "the pretend boards connect from this same machine and need as much CPU as the head",
    ),
  };
}

async function registerAll(count: number): Promise<{ seconds: number; cpuS: number; resident: number }> {
  await using head = await startHeadProcess();
  const before = cpuMs(head.pid);
  using fleet = await linkFleet(head.url, count);
  const cpuS = (cpuMs(head.pid) - before) / 1000;
  return { seconds: fleet.tookMs / 1000, cpuS, resident: memoryMb(head.pid).resident };
}
