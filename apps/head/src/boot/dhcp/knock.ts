import { createConnection, type Socket } from "node:net";
import type { Clock, Millis } from "@bramble/core/base";
import type { Occupancy } from "./occupancy.ts";

/**
 * Ask behind a router, where no ARP goes: a system that lives takes a TCP connection or refuses it, and where nobody does
 * the router says so or nothing comes back. What this machine cannot even try to reach counts as taken: nothing is known.
 */
export function occupancyByKnock(parts: {
  readonly clock: Clock;
  readonly ports?: readonly number[];
  readonly connect?: (at: { readonly host: string; readonly port: number }) => Socket;
}): Occupancy {
  const { clock, ports = knocked, connect = createConnection } = parts;
  const answers = (host: string, port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ host, port });
      const told = (isTaken: boolean): void => {
        late.cancel();
        socket.destroy();
        resolve(isTaken);
      };
      const late = clock.after(answerMs, () => told(false));
      socket.once("connect", () => told(true));
      socket.on("error", ({ code }: NodeJS.ErrnoException) => told(code !== "EHOSTUNREACH" && code !== "ETIMEDOUT"));
    });
  return async (address) => (await Promise.all(ports.map((port) => answers(address, port)))).some(Boolean);
}

/** SSH, and discard, which a system without it refuses. */
const knocked = [22, 9];
/** A SYN that is lost is sent again after one second. */
const answerMs: Millis = 2500;
