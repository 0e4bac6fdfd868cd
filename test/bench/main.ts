import { cpus, loadavg, release, totalmem } from "node:os";
import { messageOf } from "@bramble/core/base";
import Table from "cli-table3";
import { agentBench } from "./agent.ts";
import { bootBench } from "./boot.ts";
import { clusterBench } from "./cluster.ts";
import { headBench } from "./head.ts";
import { heartbeatBench } from "./heartbeat.ts";
import { pageBench } from "./page.ts";
import type { Bench } from "./row.ts";
import { storeBench } from "./store.ts";
import { streamBench } from "./stream.ts";
import { warbleBench } from "./warble.ts";
import { warbleSumBench } from "./warble-sum.ts";

/**
 * `npm run bench [name …]`: each budget as a figure, against a peer in the same run where one exists.
 * It prints and never fails: a busy machine is not a broken one.
 */
const benches: readonly Bench[] = [
  clusterBench,
  warbleBench,
  warbleSumBench,
  storeBench,
  headBench,
  streamBench,
  bootBench,
  agentBench,
  heartbeatBench,
  pageBench,
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no bench is called ${unknown.join(", ")}; there are ${benches.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(2);
}

const startedAt = performance.now();
process.stdout.write(
  `${cpus().length} cores of ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}; ${new Date().toISOString().slice(0, 16)}Z\n`,
);
for (const bench of benches) {
  if (wanted.length > 0 && !wanted.includes(bench.name)) continue;
  // What else ran on the machine in the last minute: figures of a busy one are not to be believed.
  const load = loadavg()[0]!;
  const busy = load > cpus().length + 1 ? ": a busy machine, whose times tell of the others too" : "";
  process.stdout.write(`\n${bench.name} (load average before: ${load.toFixed(1)}${busy})\n`);
  try {
    const table = new Table({
      head: ["what", "measured", "peer", "budget", ""],
      style: { head: [], border: [] },
      wordWrap: true,
      colWidths: [34, 26, 28, 30, 9],
    });
    const notes: string[] = [];
    for (const row of await bench.run()) {
      const verdict = row.isReached === null ? "-" : row.isReached ? "reached" : "NOT YET";
      table.push([row.what, row.measured, row.peer ?? "-", row.budget, verdict]);
      if (row.note !== undefined) notes.push(`  ${row.what}: ${row.note}`);
    }
    process.stdout.write(`${table.toString()}\n${notes.join("\n")}${notes.length > 0 ? "\n" : ""}`);
  } catch (thrown) {
    process.stdout.write(`  could not be measured: ${messageOf(thrown)}\n`);
  }
}
process.stdout.write(`\n${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes in all\n`);
process.exit(0);
