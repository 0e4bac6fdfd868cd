import { createWorkerPool } from "@bramble/agent";
import { trueClock } from "../bench/clock.ts";
import { emptyLedger } from "./ledger.ts";
import { startBoard } from "./load.ts";

/*
 * One board as a process of its own that can be killed: the real agent, on hardware that pretends to be idle, because a
 * busy machine gets no work.
 */

const runner = createWorkerPool({ clock: trueClock, workers: 1, slots: 1 });
const agent = startBoard(
  Number(process.argv[3] ?? 0),
  process.argv[2]!,
  runner,
  emptyLedger(),
  new AbortController().signal,
);
agent.onChange = (state) => process.stdout.write(`${state}\n`);
