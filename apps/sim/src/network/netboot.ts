import type { Clock, Timer } from "@bramble/core/base";
import type { Ipv4 } from "@bramble/core/boot";
import { createFirmware } from "../firmware/firmware.ts";
import type { FirmwareAct, FirmwareEvent, FirmwareParts, Peer, Verdict } from "../firmware/script.ts";
import { type BootHttp, openBootHttp } from "./boot-http.ts";
import { openPorts, type Ports } from "./ports.ts";
import type { Jack } from "./relay.ts";
import type { Drop, Relays } from "./relays.ts";

/** One boot over the network. */
export type NetbootParts = {
  readonly firmware: FirmwareParts;
  readonly jack: Jack;
  readonly relays: Relays;
  /** The boot server for HTTP. */
  readonly http: Peer;
  readonly clock: Clock;
  /** The same time at the simulator's speed. */
  readonly paced: Clock;
  readonly speed: number;
  /** Part of its packets that is lost, either way, now. */
  readonly loss: () => number;
};

/**
 * Powers the firmware of one board on and carries what it says to the head's boot servers and back, until it is up or has
 * stopped. Rejects with the signal's reason when its power goes.
 */
export function netboot(parts: NetbootParts, signal: AbortSignal): Promise<Verdict> {
  const { jack, relays, clock, paced, speed, loss } = parts;
  const { facts, quirks, random } = parts.firmware;
  const firmware = createFirmware(parts.firmware);
  return new Promise((resolve, reject) => {
    let timer: Timer | null = null;
    let ports: Ports | null = null;
    let http: BootHttp | null = null;
    let address: Ipv4 = "";

    const drop: Drop = relays.plug(facts.mac, jack, {
      dhcp: (bytes, from) => hear({ kind: "dhcp", bytes, from }),
      frame: quirks.holdsOffers ? () => hear({ kind: "frame" }) : null,
    });
    const end = (): void => {
      signal.removeEventListener("abort", onAbort);
      timer?.cancel();
      drop[Symbol.dispose]();
      ports?.[Symbol.dispose]();
      http?.[Symbol.dispose]();
    };
    const onAbort = (): void => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const isLost = (): boolean => {
      const part = loss();
      return part > 0 && random.chance(part);
    };
    const hear = (event: FirmwareEvent): void => {
      if (!isLost()) feed(event);
    };
    const feed = (event: FirmwareEvent): void => {
      if (signal.aborted) return;
      for (const act of firmware.feed(event)) perform(act);
    };
    const wait = (act: FirmwareAct & { readonly kind: "timer" }): void => {
      timer?.cancel();
      const onTime = (): void => feed({ kind: "time" });
      // The head answers in true time, however fast the boards live: their patience with it has a floor.
      timer =
        act.waits === "work"
          ? paced.after(act.ms, onTime)
          : clock.after(Math.max(act.ms / speed, Math.min(act.ms, leastPatienceMs)), onTime);
    };

    function perform(act: FirmwareAct): void {
      switch (act.kind) {
        case "timer":
          wait(act);
          return;
        case "dhcp":
          if (!isLost()) drop.send(act.bytes);
          return;
        case "configured":
          if (act.address === address) return;
          address = act.address;
          ports?.[Symbol.dispose]();
          http?.[Symbol.dispose]();
          ports = openPorts(pretended(address), (port, from, bytes) => hear({ kind: "tftp", port, from, bytes }));
          http = openBootHttp(parts.http, pretended(address), feed);
          return;
        case "tftp":
          if (!isLost()) ports?.send(act.port, act.to, act.bytes);
          return;
        case "get":
          http?.get(act.path, act.first, act.last);
          return;
        case "post":
          http?.post(act.path, act.body);
          return;
        case "step":
          return;
        case "end":
          end();
          resolve(act.verdict);
      }
    }
    feed({ kind: "power" });
  });
}

/** Where a board with this address speaks from: the last two octets on loopback. */
function pretended(address: Ipv4): Ipv4 {
  return `127.20.${address.split(".").slice(2).join(".")}`;
}

const leastPatienceMs = 3_000;
