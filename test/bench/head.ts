import { linkFleet } from "./fleet.ts";
import { startHeadProcess } from "./head-process.ts";
import { cpuMs, memoryMb } from "./process.ts";
import type { Bench, Row } from "./row.ts";

/** The head as a process of its own, with boards over real WebSockets on loopback. */
export const headBench: Bench = {
  name: "head",
  run: async (): Promise<readonly Row[]> => [await registration(1050, 1), await registration(10_000, 5)],
};

/** A head that has never seen a board, and all of them at once. */
async function registration(count: number, mostS: number): Promise<Row> {
  await using head = await startHeadProcess();
  const before = cpuMs(head.pid);
  using fleet = await linkFleet(head.url, count);
  const spent = cpuMs(head.pid) - before;
  const { resident } = memoryMb(head.pid);
  const seconds = fleet.tookMs / 1000;
  const isReached = seconds <= mostS;
  return {
    what: `${count} boards registered, cold`,
    measured: `${seconds.toFixed(2)} s; head ${(spent / 1000).toFixed(2)} s of CPU, ${resident.toFixed(0)} MB`,
    peer: null,
    budget: `<= ${mostS} s`,
    isReached,
    ...(isReached ? {} : { note: "both cores are busy: the pretend boards connect from the same machine" }),
  };
}
