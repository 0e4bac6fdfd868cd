import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSamples } from "@bramble/core/observe";
import { WebSocketServer } from "ws";
import { buildAgent } from "./build.ts";

/*
 * What an idle agent costs: `node apps/agent/measure.ts [NODE] [SECONDS] [NODE FLAGS]` bundles it, links it to a head that only
 * answers, and prints CPU per minute and memory. The budget: 150 ms a minute, 55 MB resident, 15 MB private.
 */

/** CPU time of all its threads so far, from the scheduler: exact to the nanosecond. */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return spent.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

/** Megabytes that are resident, and those that it has written itself (the program's pages are the page cache's). */
function memoryMb(pid: number): { resident: number; private: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const sum = (pattern: RegExp): number =>
    Math.round([...rollup.matchAll(pattern)].reduce((kb, match) => kb + Number(match[1]), 0) / 102.4) / 10;
  return { resident: sum(/^Rss:\s+(\d+)/gm), private: sum(/^Private_Dirty:\s+(\d+)/gm) };
}

async function measure(node: string, seconds: number, flags: readonly string[]): Promise<void> {
  const bundle = join(tmpdir(), `bramble-agent-${process.pid}.mjs`);
  await buildAgent(bundle);
  const head = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  head.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      if (isBinary) {
        const upTo = decodeSamples(data as Buffer).at(-1)!.at;
        socket.send(JSON.stringify({ type: "stored", upTo }));
      } else if (String(data).includes('"hello"')) {
        const terms = { epoch: "measure", intervalMs: 5000, heartbeatMs: 1000, cpuLimit: 30, board: 0, boards: 1 };
        socket.send(JSON.stringify({ type: "welcome", name: "b0001", place: null, ...terms }));
      }
    });
  });
  await once(head, "listening");
  const url = `http://127.0.0.1:${(head.address() as AddressInfo).port}`;
  const args = [...flags, "--disallow-code-generation-from-strings", bundle, "--head", url, "--port", "0"];
  const agent: ChildProcess = spawn(node, args, { stdio: "ignore", env: {} });
  const pid = agent.pid!;
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const before = cpuMs(pid);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const spent = cpuMs(pid) - before;
  console.log(
    JSON.stringify({ node, flags, cpuMsPerMinute: Math.round((spent * 60) / seconds), memoryMb: memoryMb(pid) }),
  );
  agent.kill("SIGTERM");
  await once(agent, "exit");
  head.close();
  rmSync(bundle);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await measure(process.argv[2] ?? process.execPath, Number(process.argv[3] ?? 60), process.argv.slice(4));
}
