import type { Agent, Connect, Hardware, Runner } from "@bramble/agent";
import { connectWebSocket, startAgent } from "@bramble/agent";
import { seededRandom, silentLog } from "@bramble/core/base";
import { trueClock } from "./clock.ts";
import { addressOf, macOf } from "./fleet.ts";
import type { HeadProcess } from "./head-process.ts";
import { startHeadProcess } from "./head-process.ts";
import { cpuMs, pause } from "./process.ts";
import type { Row } from "./row.ts";
import { sampleOf } from "./samples.ts";

/** 1050 real agents (their link, their patience, their buffer) and a head that is killed and started again. */
export async function restart(): Promise<readonly Row[]> {
  await using head = await startHeadProcess();
  const count = 1050;
  const traffic = countTraffic();
  const stop = new AbortController();
  const agents = Array.from({ length: count }, (_, index) => agentOf(index, head.url, traffic.connect, stop.signal));
  try {
    await allLinked(agents);
    await pause(2000);
    const steady = await steadyOf(head, traffic);
    const from = performance.now();
    const second = traffic.seconds();
    await head.killAndStart();
    const startedMs = performance.now() - from;
    await allLinked(agents);
    const backMs = performance.now() - from;
    const peak = second.most();
    const times = peak.frames / steady.frames;
    return [
      {
        what: "killed head: all 1050 live again",
        measured: `${(backMs / 1000).toFixed(1)} s, of which its start ${(startedMs / 1000).toFixed(1)} s`,
        peer: null,
        budget: "<= 10 s",
        isReached: backMs <= 10_000,
      },
      {
        what: "the busiest second of that",
        measured: `${peak.frames} frames (${times.toFixed(2)} times steady), ${peak.connects} connections`,
        peer: `steady: ${steady.frames.toFixed(0)} frames/s, ${steady.cpu.toFixed(1)} % of a core`,
        budget: "<= 2 times steady",
        isReached: times <= 2,
      },
    ];
  } finally {
    stop.abort();
    await Promise.all(agents.map((agent) => agent.stop("the bench is over")));
  }
}

type Traffic = { frames: number; connects: number };

/** Counts what boards send: connection attempts, and frames of all kinds. */
function countTraffic(): { connect: Connect; seconds(): { readonly now: Traffic; most(): Traffic } } {
  let now: Traffic = { frames: 0, connects: 0 };
  return {
    connect(url, events) {
      now.connects++;
      now.frames++;
      const socket = connectWebSocket(url, events);
      return {
        ...socket,
        send(frame) {
          now.frames++;
          socket.send(frame);
        },
        ping() {
          now.frames++;
          socket.ping();
        },
      };
    },
    /** From now on, second by second. */
    seconds() {
      const all: Traffic[] = [];
      const turn = (): void => {
        now = { frames: 0, connects: 0 };
        all.push(now);
      };
      turn();
      const timer = setInterval(turn, 1000);
      return {
        get now() {
          return now;
        },
        most() {
          clearInterval(timer);
          return all.reduce((most, each) => (each.frames > most.frames ? each : most), { frames: 0, connects: 0 });
        },
      };
    },
  };
}

async function steadyOf(
  head: HeadProcess,
  traffic: ReturnType<typeof countTraffic>,
): Promise<{ frames: number; cpu: number }> {
  const windowS = 5;
  const seconds = traffic.seconds();
  const before = cpuMs(head.pid);
  let frames = 0;
  for (let second = 0; second < windowS; second++) {
    await pause(995);
    frames += seconds.now.frames;
    await pause(5);
  }
  seconds.most();
  return { frames: frames / windowS, cpu: (cpuMs(head.pid) - before) / windowS / 10 };
}

async function allLinked(agents: readonly Agent[]): Promise<void> {
  const from = performance.now();
  while (agents.some((agent) => agent.state() !== "linked")) {
    if (performance.now() - from > 60_000) throw new Error("not every board was linked within a minute");
    await pause(20);
  }
}

function agentOf(index: number, url: string, connect: Connect, signal: AbortSignal): Agent {
  const random = seededRandom(`restart-${index}`);
  const startedAt = trueClock.now();
  const hardware: Hardware = {
    identity: async () => ({
      ...{ mac: macOf(index), serial: null, model: "Raspberry Pi 3 Model B Plus Rev 1.3", address: addressOf(index) },
      ...{ cores: 4, memoryMb: 877.6, bootId: `bench-${index}`, isSimulated: true },
    }),
    read: async () => sampleOf(random, trueClock.now(), (trueClock.now() - startedAt) / 1000),
  };
  const findHead = async () => ({ url });
  const parts = { hardware, runner: noRunner, findHead, connect, clock: trueClock, random, log: silentLog };
  return startAgent({ ...parts, version: "0.1.0" }, signal);
}

const noRunner: Runner = {
  slots: 1,
  run: () => Promise.reject(new Error("nobody posts here")),
  [Symbol.asyncDispose]: async () => {},
};
