import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { filesAskedBy, pathFor, pretendNames } from "@bramble/core/boot";
import type { Row } from "./row.ts";
import { notMeasured, reachedOrNot } from "./row.ts";
import type { TftpContender } from "./tftp-servers.ts";
import { startOurs, startPeers } from "./tftp-servers.ts";

/**
 * TFTP against dnsmasq, tftpd-hpa and atftpd: the same clients (a small C program) against each server in turn, the order
 * rotated from round to round, every octet compared. Ratios are medians of the ratios within a round.
 */
export async function tftp(rounds = 3): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "bramble-bench-tftp-"));
  try {
    const program = join(folder, "tftp-load");
    try {
      execFileSync(compiler, ["-O2", "-o", program, new URL("./tftp-load.c", import.meta.url).pathname]);
    } catch {
      return [notMeasured("TFTP", "see DESIGN", "its clients are a C program, and gcc is not installed")];
    }
    const root = join(folder, "root");
    const loads = layOut(root);
    await using ours = await startOurs(root);
    const { peers, missing } = await startPeers(root);
    try {
      const rows: Row[] = [];
      for (const load of loads)
        rows.push(await compare(load, program, [ours, ...peers], load.isReached === null ? 1 : rounds, missing));
      return rows;
    } finally {
      for (const peer of peers) await peer[Symbol.asyncDispose]();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Load = {
  readonly what: string;
  readonly clients: number;
  readonly block: number;
  readonly window: number;
  readonly asksSize: boolean;
  readonly list: string;
  readonly budget: string;
  /** By how much we beat each peer, from its name; above 1 we are faster. Null: nothing is demanded. */
  readonly isReached: ((ratios: ReadonlyMap<string, number>, ours: readonly Ran[]) => boolean) | null;
};

const compiler = "gcc";

/** What one run of one server gave. */
type Ran = {
  readonly seconds: number;
  readonly firstSeconds: number;
  readonly octets: number;
  readonly resends: number;
  readonly wrong: number;
  readonly finished: number;
  readonly failed: number;
  readonly cpuSeconds: number | null;
};

async function compare(
  load: Load,
  program: string,
  servers: readonly TftpContender[],
  rounds: number,
  missing: readonly string[],
): Promise<Row> {
  const ran = new Map<string, Ran[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < servers.length; turn++) {
      const server = servers[(round + turn) % servers.length]!;
      ran.get(server.name)!.push(await run(load, program, server));
    }
  }
  const ours = ran.get("bramble")!;
  const ratios = new Map<string, number>();
  for (const [name, theirs] of ran) {
    if (name !== "bramble")
      ratios.set(name, median(theirs.map(({ seconds }, round) => seconds / ours[round]!.seconds)));
  }
  const isWhole = ours.every(({ wrong, failed, finished }) => wrong === 0 && failed === 0 && finished === load.clients);
  const peer = [...ran].filter(([name]) => name !== "bramble").map(([name, all]) => `${name} ${inWords(all)}`);
  const against = [...ratios].map(([name, ratio]) => `${ratio.toFixed(2)} times as fast as ${name}`);
  const { what, budget } = load;
  const measured = `${inWords(ours)}; ${against.join(", ")}${isWhole ? "" : "; NOT ALL WHOLE"}`;
  const row = { what, measured, peer: [...peer, ...missing].join("; "), budget };
  if (load.isReached === null) return { ...row, isReached: null, note: "for comparison, nothing is demanded" };
  if (ratios.size === 0) return { ...row, isReached: null, note: "no peer could be started" };
  return { ...row, ...reachedOrNot(isWhole && load.isReached(ratios, ours), profiled) };
}

const profiled =
  "of the server's CPU 57 % is the kernel (sending, and being switched), 38 % is Node's dgram and the C library, 4 % is our code";

async function run(load: Load, program: string, server: TftpContender): Promise<Ran> {
  const { clients, block, window, asksSize, list } = load;
  const before = server.cpuSeconds();
  const args = ["127.0.0.1", server.port, clients, block, window, asksSize ? 1 : 0, list].map(String);
  const { stdout } = await promisify(execFile)(program, args, { timeout: 300_000 });
  const after = server.cpuSeconds();
  return { ...JSON.parse(stdout), cpuSeconds: before === null || after === null ? null : after - before };
}

function inWords(all: readonly Ran[]): string {
  const speed = median(all.map(({ octets, seconds }) => octets / seconds / 1e6));
  const seconds = median(all.map((one) => one.seconds));
  const first = median(all.map((one) => one.firstSeconds));
  const cpu = all.flatMap(({ cpuSeconds, octets }) => (cpuSeconds === null ? [] : [cpuSeconds / (octets / 1e9)]));
  const resends = median(all.map((one) => one.resends));
  const lost = all.reduce((sum, { failed, wrong }) => sum + failed + wrong, 0);
  return [
    `${speed.toFixed(speed < 10 ? 1 : 0)} MB/s, ${seconds.toFixed(2)} s (first ${first.toFixed(2)} s)`,
    // A hundredth of a second is the grain of the figure.
    ...(cpu.length > 0 && speed > 5 ? [`${median(cpu).toFixed(1)} CPU s/GB`] : []),
    ...(resends > 0 ? [`${resends} asked again`] : []),
    ...(lost > 0 ? [`${lost} failed`] : []),
  ].join(", ");
}

/** The files, and what is done with them. */
function layOut(root: string): readonly Load[] {
  const write = (name: string, size: number): string => {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) writeFileSync(path, randomBytes(size));
    return path;
  };
  const list = (name: string, lines: readonly string[]): string => {
    const path = join(root, "..", name);
    writeFileSync(path, `${lines.join("\n")}\n`);
    return path;
  };
  const kernel = list("kernel", [`get kernel.img ${write("kernel.img", 8_150_000)}`]);
  const big = list("big", [`get big.img ${write("big.img", 30 * 2 ** 20)}`]);
  const small = list("small", [`get small1 ${write("small1", 900)}`, `get small2 ${write("small2", 3000)}`]);
  const board = "a2ef5644";
  const boot = filesAskedBy("3b+", pretendNames).flatMap(({ path, isExpectedMissing, asks, sizeBytes }) => {
    const name = pathFor(path, board);
    // The RAM disk is a matter of taste and large: the other files are what every boot asks.
    if (name.endsWith(pretendNames.initrd)) return [];
    if (isExpectedMissing) return [`missing ${name}`];
    const get = `get ${name} ${write(name, sizeBytes)}`;
    return asks === "read" ? [get] : asks === "probe" ? [`probe ${name}`] : [`probe ${name}`, get];
  });
  const pi = list("pi", boot);
  const plain = { block: 0, window: 0, asksSize: true };
  const ratio = (ratios: ReadonlyMap<string, number>, name: string): number =>
    ratios.get(name) ?? Number.POSITIVE_INFINITY;
  return [
    {
      ...{ what: "42 clients, 8 MB each, 512-octet lockstep", clients: 42, ...plain, list: kernel },
      budget: "1.25 times tftpd-hpa, 0.7 times dnsmasq",
      isReached: (ratios) => ratio(ratios, "tftpd-hpa") >= 1.25 && ratio(ratios, "dnsmasq") >= 0.7,
    },
    {
      ...{ what: "42 clients, 8 MB each, blocks of 1468 in windows of 16", clients: 42, block: 1468, window: 16 },
      ...{ asksSize: true, list: kernel, budget: "0.66 times atftpd, 1 times dnsmasq (which has no windows)" },
      isReached: (ratios) => ratio(ratios, "atftpd") >= 0.66 && ratio(ratios, "dnsmasq") >= 1,
    },
    {
      ...{ what: "42 boards, a Pi 3's files, probes and missing ones", clients: 42, ...plain, list: pi },
      budget: "0.75 times the time of tftpd-hpa",
      isReached: (ratios) => ratio(ratios, "tftpd-hpa") >= 1 / 0.75,
    },
    {
      ...{ what: "1050 clients at once, two small files each", clients: 1050, ...plain, list: small },
      budget: "0.3 times the time of the best peer, nothing asked again",
      isReached: (ratios, ours) =>
        Math.min(...ratios.values()) >= 1 / 0.3 && ours.every(({ resends }) => resends === 0),
    },
    ...[
      { what: "1 client, 30 MiB, 512-octet lockstep", clients: 1, ...plain, list: big },
      {
        what: "1 client, 30 MiB, blocks of 1468 in windows of 16",
        clients: 1,
        block: 1468,
        window: 16,
        asksSize: true,
        list: big,
      },
      {
        what: "42 clients, 8 MB each, blocks of 1468 in lockstep",
        clients: 42,
        block: 1468,
        window: 0,
        asksSize: true,
        list: kernel,
      },
    ].map((load) => ({ ...load, budget: "-", isReached: null })),
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
