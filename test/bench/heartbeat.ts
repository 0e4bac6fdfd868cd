import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { type BoardMessage, readBoardMessage } from "@bramble/core/api";
import { decodeSamples } from "@bramble/core/observe";
import { type WebSocket, WebSocketServer } from "ws";
import { programArguments } from "../../apps/cli/src/programs.ts";
import { corpus } from "../support/corpus.ts";
import { pause, start } from "./process.ts";
import type { Bench, Row } from "./row.ts";
import { quantile, reachedOrNot } from "./row.ts";

/** How late the agent's heartbeats are, in ms; and what it ran meanwhile. */
export type Heartbeats = {
  readonly idle: Lateness;
  readonly busy: Lateness;
  /** Programs that ended meanwhile, by the class that they ended with. */
  readonly ended: ReadonlyMap<string, number>;
};
type Lateness = { readonly beats: number; readonly median: number; readonly late: number; readonly worst: number };

/** The agent's heartbeat while strangers' worst programs keep every core of it busy. */
export const heartbeatBench: Bench = {
  name: "heartbeat",
  run: async (): Promise<readonly Row[]> => {
    const { idle, busy, ended } = await measureHeartbeats(15);
    const count = [...ended.values()].reduce((sum, each) => sum + each, 0);
    return [
      {
        what: "a heartbeat while the worst programs run",
        measured: `late by ${describe(busy)}; ${count} programs ended`,
        peer: `the same agent idle: ${describe(idle)}`,
        budget: "<= 50 ms late, never more",
        ...reachedOrNot(busy.worst <= 50, "whatever else this machine does delays it too: look at the idle agent"),
      },
    ];
  },
};

/** One agent, a process of its own, linked to a head that only listens: idle for so many seconds, then as busy as can be. */
export async function measureHeartbeats(seconds: number): Promise<Heartbeats> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const ended = new Map<string, number>();
  const programs = hostile();
  let beats: number[] = [];
  let board: WebSocket | null = null;
  let lease = 0;
  let isBusy = false;
  const give = (): void => {
    const [post, spread] = [programs[lease % programs.length]!, lease % 2 === 0];
    const known = { user: "ann", saved: {}, data: {}, seed: lease, nowMs: Date.now(), timeoutMs: 10_000 };
    board?.send(JSON.stringify({ type: "run", lease: `l${lease++}`, post, ...known, spread }));
  };
  const hear = (socket: WebSocket, message: BoardMessage | null): void => {
    if (message?.type === "hello") {
      const terms = { epoch: "bench", intervalMs: 5000, heartbeatMs, cpuLimit: 100, board: 0, boards: 1 };
      socket.send(JSON.stringify({ type: "welcome", name: "b0001", place: null, ...terms }));
      board = socket;
    }
    if (message?.type === "fold") {
      // Nobody helps: it computes everything itself.
      const { lease: waiting, fold } = message;
      socket.send(JSON.stringify({ type: "folded", lease: waiting, fold, answers: [], isLast: true }));
    }
    if (message?.type !== "result") return;
    const kind = message.outcome.error?.class ?? "none";
    ended.set(kind, (ended.get(kind) ?? 0) + 1);
    socket.send(JSON.stringify({ type: "taken", lease: message.lease }));
    if (isBusy) give();
  };
  server.on("connection", (socket) => {
    socket.on("ping", () => beats.push(performance.now()));
    socket.on("message", (data, isBinary) => {
      if (isBinary)
        socket.send(JSON.stringify({ type: "stored", upTo: decodeSamples(data as Buffer).at(-1)?.at ?? 0 }));
      else hear(socket, readBoardMessage(String(data)));
    });
  });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const flags = ["--head", url, "--no-web", "--log-level", "info"];
  try {
    await using _agent = await start(process.execPath, [...programArguments("agent"), ...flags], /"linked"/);
    const during = async (): Promise<Lateness> => {
      beats = [];
      await pause(seconds * 1000);
      return latenessOf(beats);
    };
    const idle = await during();
    isBusy = true;
    for (let each = 0; each < Math.min(14, 2 * availableParallelism() + 2); each++) give();
    const busy = await during();
    isBusy = false;
    return { idle, busy, ended };
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
}

/** The shortest that the head may ask for, so that there are many to look at. */
const heartbeatMs = 100;

/** Programs that try each limit, and sums that are as large as can be. */
function hostile(): readonly string[] {
  return [
    ...corpus("limit").map(({ source }) => source),
    "#pi{WHILE(1){}}",
    "#pi{SUM(k,1,10^12,SIN(k))}",
    "#pi{a=[1]FOR(i=0;i<99;i++){a=[a,a]}PRINT(a)}",
    "#pi{a=2^3999999 WHILE(1){a=a*a//a}}",
    "#pi{PREC(100000)WHILE(1){x=EXP(1/3)}}",
    "#pi{s='ab'WHILE(1){s=s+s}}",
    "#pi{WHILE(1){a[i]=ARRAY(65000,i)i++}}",
    "#pi{f(n)=f(n+1)+f(n+2)f(0)}",
  ];
}

/** How much later than asked each heartbeat came after the one before. */
function latenessOf(beats: readonly number[]): Lateness {
  const late = beats.slice(1).map((at, i) => Math.max(0, at - beats[i]! - heartbeatMs));
  late.sort((a, b) => a - b);
  return { beats: beats.length, median: quantile(late, 0.5), late: quantile(late, 0.99), worst: late.at(-1) ?? 1e9 };
}

function describe({ beats, median, late, worst }: Lateness): string {
  return `${median.toFixed(1)} ms in the middle, ${late.toFixed(1)} in a hundredth, ${worst.toFixed(1)} at most, of ${beats}`;
}
