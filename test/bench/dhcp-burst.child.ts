/**
 * A relay whose boards all ask in one instant: DISCOVERs of a Pi 3B+ with the xid that they all have, no REQUEST, no second
 * try. Writes how many were answered, how long the slowest took, and how many addresses were told twice, as JSON.
 */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Mac } from "@bramble/core/base";
import { decodeDhcp, encodeDhcp } from "@bramble/core/boot";
import { repository } from "../support/demo-process.ts";
import { macOf, plan } from "./dhcp-net.ts";

const hex = readFileSync(join(repository, "test/packets/pi3b-plus-discover.hex"), "utf8");
const octets = Uint8Array.from(hex.replaceAll(/^#.*$/gm, "").match(/[0-9a-f]{2}/g)!, (pair) =>
  Number.parseInt(pair, 16),
);
const discover = { ...decodeDhcp(octets), giaddr: plan.relay, hops: 1 };
const boards = Array.from({ length: plan.boards }, (_, n) => macOf(n) as Mac);
const packets = boards.map((chaddr) => encodeDhcp({ ...discover, chaddr }));

const sentAt = new Map<Mac, number>();
const tookMs = new Map<Mac, number>();
const told = new Set<string>();
const lookup = (name: string, _: unknown, done: (error: null, address: string, family: number) => void): void =>
  done(null, name, 4);
const socket = createSocket({ type: "udp4", recvBufferSize: 4 << 20, lookup });
socket.on("message", (bytes) => {
  const { chaddr, yiaddr } = decodeDhcp(bytes);
  const from = sentAt.get(chaddr);
  if (from === undefined || tookMs.has(chaddr)) return;
  tookMs.set(chaddr, performance.now() - from);
  told.add(yiaddr);
  if (tookMs.size === plan.boards) end();
});
socket.bind(67, plan.relay, () => {
  const from = performance.now();
  for (const [n, packet] of packets.entries()) {
    sentAt.set(boards[n]!, performance.now());
    socket.send(packet, 67, plan.server);
  }
  const sendingMs = performance.now() - from;
  setTimeout(end, 4000, sendingMs);
});

function end(): void {
  const times = [...tookMs.values()].sort((a, b) => a - b);
  const worst = times.at(-1) ?? Number.NaN;
  const middle = times[Math.floor(times.length / 2)] ?? Number.NaN;
  process.stdout.write(
    `${JSON.stringify({ answered: times.length, worst, middle, doubled: times.length - told.size })}\n`,
  );
  process.exit(0);
}
