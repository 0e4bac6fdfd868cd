import { join } from "node:path";
import { ByteReader } from "@bramble/core/base";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { repository } from "../support/demo-process.ts";
import { cpuMs, memoryMb, pause, start } from "./process.ts";
import type { Bench, Row } from "./row.ts";
import { quantile, reachedOrNot } from "./row.ts";

/** 1000 viewers of 1050 boards that all change each second, against socket.io sending the same steps as JSON. */
export const streamBench: Bench = {
  name: "stream",
  run: async (): Promise<readonly Row[]> => {
    const ours = await measure("bramble");
    const peer = await measure("socket.io");
    return [
      {
        what: "stream: bytes a second and viewer",
        measured: kilobytes(ours.bytesPerSecond),
        peer: `socket.io ${kilobytes(peer.bytesPerSecond)} (${(peer.bytesPerSecond / ours.bytesPerSecond).toFixed(1)} times)`,
        budget: "<= 10 KB/s",
        isReached: ours.bytesPerSecond <= 10_000,
      },
      {
        what: "stream: CPU for 1000 viewers",
        measured: `${ours.cpu.toFixed(1)} % of a core, ${ours.residentMb.toFixed(0)} MB`,
        peer: `socket.io ${peer.cpu.toFixed(1)} %, ${peer.residentMb.toFixed(0)} MB`,
        budget: "<= 3 % of a core",
        ...reachedOrNot(ours.cpu <= 3, cpuNote),
      },
      {
        what: "stream: delay to a viewer",
        measured: `p50 ${ours.p50} ms, p99 ${ours.p99} ms`,
        peer: `socket.io p50 ${peer.p50} ms, p99 ${peer.p99} ms`,
        budget: "p99 <= 40 ms",
        isReached: ours.p99 <= 40,
        note: "from the step to its last viewer; a change waits up to 200 ms for its step before that",
      },
    ];
  },
};

const viewers = 1000;
const windowS = 10;
const cpuNote =
  "nine tenths of it are writev in the profile: a thousand frames a second of 5 KB, each copied by the kernel into a socket of its own";

type Stream = {
  readonly bytesPerSecond: number;
  readonly cpu: number;
  readonly residentMb: number;
  readonly p50: number;
  readonly p99: number;
};

/** Both are watched by the same bare WebSockets: what is measured is the server, not somebody's parser. */
async function measure(kind: "bramble" | "socket.io"): Promise<Stream> {
  const script = join(repository, "test/bench/stream-server.child.ts");
  await using server = await start(process.execPath, [script, kind], /^ready (\S+)$/m);
  if (kind === "socket.io") await checkPeer(server.ready);
  const seen = { isOn: false, bytes: 0, delays: [] as number[] };
  const sockets = await Promise.all(Array.from({ length: viewers }, () => view(server.ready, kind, seen)));
  await pause(2000);
  seen.isOn = true;
  const before = cpuMs(server.pid);
  const from = performance.now();
  await pause(windowS * 1000);
  const seconds = (performance.now() - from) / 1000;
  const cpu = (cpuMs(server.pid) - before) / seconds / 10;
  seen.isOn = false;
  const { resident } = memoryMb(server.pid);
  for (const socket of sockets) socket.terminate();
  const delays = seen.delays.sort((a, b) => a - b);
  return {
    bytesPerSecond: seen.bytes / viewers / seconds,
    cpu,
    residentMb: resident,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
  };
}

type Seen = { isOn: boolean; bytes: number; readonly delays: number[] };

function view(url: string, kind: "bramble" | "socket.io", seen: Seen): Promise<WebSocket> {
  const path = kind === "bramble" ? "/" : "/socket.io/?EIO=4&transport=websocket";
  const socket = new WebSocket(url.replace("http", "ws") + path, { perMessageDeflate: false });
  const note = (bytes: number, at: number): void => {
    if (!seen.isOn) return;
    // Two to four octets are the WebSocket's own.
    seen.bytes += bytes + (bytes < 126 ? 2 : 4);
    seen.delays.push(Date.now() - at);
  };
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        const at = timeOfDelta(data);
        if (at === null) resolve(socket);
        else note(data.length, at);
        return;
      }
      const head = data.toString("latin1", 0, 60);
      if (head.startsWith("0")) socket.send("40");
      else if (head === "2") socket.send("3");
      else if (head.startsWith('42["snapshot"')) resolve(socket);
      else if (head.startsWith('42["delta"')) note(data.length, Number(/"at":(\d+)/.exec(head)?.[1]));
    });
  });
}

/** Null for a snapshot. Only the first numbers are read. */
function timeOfDelta(bytes: Uint8Array): number | null {
  const input = new ByteReader(bytes, "bench");
  input.u8();
  if (input.u8() === 0) return null;
  input.varint();
  input.varint();
  return input.varint();
}

/** The peer's own client understands what the bare viewers count. */
async function checkPeer(url: string): Promise<void> {
  const client = io(url, { transports: ["websocket"] });
  const rows = await new Promise<number>((resolve) =>
    client.once("delta", (step: { rows: readonly unknown[] }) => resolve(step.rows.length)),
  );
  client.disconnect();
  if (rows !== 210) throw new Error(`socket.io sent ${rows} rows a step`);
}

function kilobytes(octets: number): string {
  return `${(octets / 1000).toFixed(1)} KB/s`;
}
