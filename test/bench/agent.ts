import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../support/demo-process.ts";
import { cpuMs, freePort, memoryMb, pause, start } from "./process.ts";
import type { Bench, Row } from "./row.ts";
import { reachedOrNot } from "./row.ts";

/** What the bundled agent costs while it is linked and idle, against Debian's node_exporter scraped every 5 s meanwhile. */
export const agentBench: Bench = {
  name: "agent",
  run: async (): Promise<readonly Row[]> => {
    const nodes = [process.execPath, ...ownNode()];
    const [peer, ...agents] = await Promise.all([nodeExporter(), ...nodes.map(idleAgent)]);
    return agents.flatMap((agent) => rowsOf(agent, peer));
  },
};

/** CPU is taken over this time, after ten seconds of settling. */
const windowS = 25;

type Cost = {
  readonly version: string;
  readonly cpuMsPerMinute: number;
  readonly memoryMb: { readonly resident: number; readonly private: number };
};

function rowsOf({ version, cpuMsPerMinute, memoryMb }: Cost, peer: Cost | null): Row[] {
  const name = `agent on Node ${version}`;
  const of = (tell: (cost: Cost) => string): string =>
    peer === null ? "node_exporter is not installed" : `node_exporter ${tell(peer)}`;
  const isOld = version.startsWith("20.");
  return [
    {
      what: `${name}: resident`,
      measured: megabytes(memoryMb.resident),
      peer: of((cost) => megabytes(cost.memoryMb.resident)),
      budget: "<= 55 MB",
      ...reachedOrNot(
        memoryMb.resident <= 55,
        isOld ? residentNote : `${residentNote}; boards run the distribution's Node 20`,
      ),
    },
    {
      what: `${name}: private`,
      measured: megabytes(memoryMb.private),
      peer: of((cost) => megabytes(cost.memoryMb.private)),
      budget: "<= 15 MB",
      ...reachedOrNot(memoryMb.private <= 15, privateNote),
    },
    {
      what: `${name}: CPU a minute`,
      measured: `${cpuMsPerMinute.toFixed(0)} ms (over ${windowS} s)`,
      peer: of((cost) => `${cost.cpuMsPerMinute.toFixed(0)} ms`),
      budget: "<= 150 ms",
      ...reachedOrNot(cpuMsPerMinute <= 150, cpuNote),
    },
  ];
}

const residentNote =
  "some 42 MB are an empty script on this Node already, most of it pages that every Node on the board shares";
const privateNote =
  "an empty script on Node 24 has 8 MB; the rest is heap and anonymous memory for its own modules that ws and the link load, twice what Node 20 takes for the same bundle";
const cpuNote =
  "a minute of it is sixty heartbeats and twelve samples; it grows on a busy machine, whose caches are cold";

async function idleAgent(node: string): Promise<Cost> {
  const run = promisify(execFile);
  const { stdout: version } = await run(node, ["--version"]);
  const script = join(repository, "apps/agent/measure.ts");
  const { stdout } = await run(process.execPath, [script, node, String(windowS)]);
  return { ...(JSON.parse(stdout) as Omit<Cost, "version">), version: version.trim().slice(1) };
}

/** The exporter in its default form, as a Prometheus would scrape it. Null where it is not installed. */
async function nodeExporter(): Promise<Cost | null> {
  const program = "/usr/bin/prometheus-node-exporter";
  if (!existsSync(program)) return null;
  const address = `127.0.0.1:${await freePort()}`;
  await using running = await start(program, [`--web.listen-address=${address}`], /(?:Listening on|TLS is disabled)/);
  const scrape = async (): Promise<void> => {
    await (await fetch(`http://${address}/metrics`)).text();
  };
  for (let second = 0; second < 10; second += 5) {
    await scrape();
    await pause(5000);
  }
  const before = cpuMs(running.pid);
  for (let second = 0; second < windowS; second += 5) {
    await scrape();
    await pause(5000);
  }
  const spent = cpuMs(running.pid) - before;
  return { version: "", cpuMsPerMinute: (spent * 60) / windowS, memoryMb: memoryMb(running.pid) };
}

/** The machine's own Node, when it is another one than ours. */
function ownNode(): string[] {
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  const found = folders.map((folder) => join(folder, "node")).find((file) => existsSync(file));
  if (found === undefined || statSync(found).ino === statSync(process.execPath).ino) return [];
  return [found];
}

function megabytes(size: number): string {
  return `${size.toFixed(1)} MB`;
}
