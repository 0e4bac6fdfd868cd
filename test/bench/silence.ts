import { seededRandom } from "@bramble/core/base";
import { decodeFrame } from "@bramble/core/show";
import { WebSocket } from "ws";
import type { FleetBoard } from "./fleet.ts";
import { linkFleet } from "./fleet.ts";
import { startHeadProcess } from "./head-process.ts";
import { pause } from "./process.ts";
import type { Row } from "./row.ts";
import { quantile } from "./row.ts";

/** Boards that become black holes, each at a moment of its own, until a viewer sees them silent. */
export async function silence(): Promise<Row> {
  await using head = await startHeadProcess();
  using fleet = await linkFleet(head.url, 1050);
  const random = seededRandom("silence");
  const hearts = fleet.boards.map((board) => startHeart(board, random.next() * 1000));
  const dying = Array.from({ length: 210 }, (_, i) => i * 5);
  const diedAt = new Map<number, number>();
  const seen = new Map<number, number>();
  let falseAlarms = 0;
  const viewer = new WebSocket(`${head.url.replace("http", "ws")}/api/v1/live`);
  viewer.on("message", (data, isBinary) => {
    if (!isBinary) return;
    const frame = decodeFrame(data as Buffer);
    if (frame.kind !== "delta") return;
    for (const { index, row } of frame.rows) {
      if (row.state !== "silent" || seen.has(index)) continue;
      const died = diedAt.get(index);
      if (died === undefined) falseAlarms++;
      else seen.set(index, performance.now() - died);
    }
  });
  // The boards live in this process: when it stands still, they are silent in truth.
  let lagMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    lagMs = Math.max(lagMs, performance.now() - last - 50);
    last = performance.now();
  }, 50);
  await pause(1500);
  for (const index of dying) {
    setTimeout(() => {
      const board = fleet.boards[index]!;
      hearts[index]!.stop();
      // Nothing is read any more, nothing is closed: the socket's other end cannot tell.
      board.socket.pause();
      diedAt.set(board.index, performance.now());
    }, random.next() * 5000);
  }
  const from = performance.now();
  while (seen.size < dying.length && performance.now() - from < 15_000) await pause(50);
  for (const heart of hearts) heart.stop();
  clearInterval(watch);
  viewer.terminate();
  const delays = [...seen.values()].sort((a, b) => a - b);
  const p99 = quantile(delays, 0.99);
  return {
    what: "dead board seen by a viewer",
    measured: `p50 ${(quantile(delays, 0.5) / 1000).toFixed(2)} s, p99 ${(p99 / 1000).toFixed(2)} s, worst ${(delays.at(-1)! / 1000).toFixed(2)} s; ${seen.size} of ${dying.length} seen, ${falseAlarms} false alarms`,
    peer: null,
    budget: "p99 <= 3 s",
    isReached: seen.size === dying.length && p99 <= 3000 && falseAlarms === 0,
    note: `true time: 210 of 1050 boards become black holes at random moments. The pretend boards, all in one process, themselves stood still for ${lagMs.toFixed(0)} ms at worst; from 1500 ms on that is what the false alarms tell. Alarms over 10^6 board-hours with packet loss are no matter of a bench`,
  };
}

function startHeart({ socket }: FleetBoard, phaseMs: number): { stop(): void } {
  let beating: NodeJS.Timeout | null = null;
  const first = setTimeout(() => {
    beating = setInterval(() => socket.ping(), 1000);
    socket.ping();
  }, phaseMs);
  return {
    stop() {
      clearTimeout(first);
      if (beating !== null) clearInterval(beating);
    },
  };
}
