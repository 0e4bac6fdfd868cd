import type { Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import type { Clock, Logger } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Beacon } from "@bramble/core/discover";
import { encodeBeacon } from "@bramble/core/discover";
import { sparingly } from "../observe/sparingly.ts";

/** Where beacons go. */
export type BeaconTarget = { readonly address: string; readonly port: number };

/** Tell boards where the head is: at once, and every five seconds. A target that cannot be reached harms no other. */
export async function startBeacon(parts: {
  readonly beacon: Beacon;
  readonly targets: readonly BeaconTarget[];
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<AsyncDisposable> {
  const { beacon, targets, clock, log } = parts;
  const datagram = encodeBeacon(beacon);
  const socket = await openSocket();
  const faults = sparingly(clock, 60_000);
  const onFault = (target: BeaconTarget | null, error: Error): void => {
    const quiet = faults.due();
    if (quiet !== null) log.warn({ target, error: messageOf(error), quiet }, "beacon not sent");
  };
  socket.on("error", (error) => onFault(null, error));
  const send = (): void => {
    for (const target of targets)
      socket.send(datagram, target.port, target.address, (error) => {
        if (error !== null && error !== undefined) onFault(target, error);
      });
  };
  send();
  const sending = clock.every(periodMs, send);
  return {
    async [Symbol.asyncDispose]() {
      sending.cancel();
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

/** The broadcast address of a network: `172.20.0.0/16` gives `172.20.255.255`. */
export function broadcastOf(cidr: string): string {
  const [address = "", bits = "32"] = cidr.split("/");
  const host = 2 ** (32 - Number(bits)) - 1;
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const last = Math.floor(number / (host + 1)) * (host + 1) + host;
  return [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join(".");
}

const periodMs = 5000;

function openSocket(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    socket.once("error", reject);
    socket.bind(0, () => {
      socket.off("error", reject);
      socket.setBroadcast(true);
      resolve(socket);
    });
  });
}
