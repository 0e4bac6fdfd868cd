import type { Random } from "@bramble/core/base";
import { seededRandom } from "@bramble/core/base";
import type { BoardSample, Sample } from "@bramble/core/observe";
import { encodeSamples } from "@bramble/core/observe";
import type { FleetBoard } from "./fleet.ts";
import { macOf } from "./fleet.ts";

/** One sample of a board that has little to do, processes included. */
export function sampleOf(random: Random, at: number, uptimeS: number): Sample {
  return {
    ...{ at, cpu: random.whole(200) / 10, load: 0.2, memoryUsedMb: 200 + random.whole(50), memoryTotalMb: 877 },
    ...{ diskUsedGb: 1.5, diskTotalGb: 50, temperatureC: 45 + random.whole(30) / 10, throttled: 0 },
    ...{ rxKbps: random.whole(20), txKbps: random.whole(20), uptimeS: Math.round(uptimeS) },
    processes: names.map((name, i) => ({
      ...{ pid: 1 + i * 137, name, user: i === 0 ? "root" : "pi" },
      ...{ cpu: random.whole(30) / 10, memory: 0.8 },
    })),
  };
}

/** The last `rounds` ticks of five seconds of `boards` boards, a batch a tick. */
export function sampleTicks(boards: number, rounds: number): BoardSample[][] {
  const random = seededRandom("bench");
  const start = Date.now() - rounds * 5000;
  return Array.from({ length: rounds }, (_, round) =>
    Array.from({ length: boards }, (_, board) => ({
      mac: macOf(board),
      sample: sampleOf(random, start + round * 5000 + (board % 5000), round * 5),
    })),
  );
}

/** These boards live: a heartbeat each second, a sample every five, each at a phase of its own. */
export function reporting(boards: readonly FleetBoard[]): Disposable {
  const random = seededRandom("reporting");
  const startedAt = Date.now();
  let turn = 0;
  const timer = setInterval(() => {
    turn++;
    for (const [i, { socket }] of boards.entries()) {
      if (i % 10 === turn % 10) socket.ping();
      if (i % 50 !== turn % 50) continue;
      const now = Date.now();
      socket.send(encodeSamples([sampleOf(random, now, (now - startedAt) / 1000)]));
    }
  }, 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

const names = ["systemd", "bramble-agent", "kworker/0:1", "sshd", "journald"];
