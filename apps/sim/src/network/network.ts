import { type Clock, type Logger, messageOf } from "@bramble/core/base";
import type { FirmwareParts, Peer, Verdict } from "../firmware/script.ts";
import { createServerFinder, type Get } from "./boot-servers.ts";
import { type NetbootParts, netboot } from "./netboot.ts";
import { openRelays, type Relays } from "./relays.ts";

/** A board that asks the network for its boot. */
export type NetworkBoard = Omit<FirmwareParts, "tftpPort"> & Pick<NetbootParts, "jack" | "loss">;

/** The network between the boards and the head's boot servers. */
export type BootNetwork = AsyncDisposable & {
  /**
   * Boots one board. Null: the head runs no boot servers, nothing was asked. Waits for a head; rejects with the signal's
   * reason when the board's power goes.
   */
  boot(board: NetworkBoard, signal: AbortSignal): Promise<Verdict | null>;
  /** A second DHCP server answers every board, or does so no longer. */
  setRogue(isOn: boolean): void;
};

/** The network of all boards: finds the servers when the first board boots, and opens the relay agents then. */
export function createBootNetwork(parts: {
  readonly get: Get;
  readonly switches: readonly string[];
  readonly clock: Clock;
  readonly paced: Clock;
  readonly speed: number;
  readonly log: Logger;
}): BootNetwork {
  const { get, switches, clock, paced, speed, log } = parts;
  const finder = createServerFinder({ get, clock, log });
  let server: Peer | null = null;
  let relays: Promise<Relays> | null = null;
  let isWarned = false;
  let isRogue = false;

  const relaysTo = (dhcp: Peer): Promise<Relays> => {
    if (relays !== null && server?.address === dhcp.address && server.port === dhcp.port) return relays;
    const old = relays;
    server = dhcp;
    // A head on another port: its relay agents move there, one after the other, for an address may be the same.
    relays = closed(old).then(() => openRelays({ switches, server: dhcp, isRogue: () => isRogue, log }));
    relays.catch(() => {
      relays = null;
    });
    return relays;
  };

  /** A cable without a relay agent is dead: its board waits, as long as it has power, and so do all others with it. */
  const opened = async (dhcp: Peer, signal: AbortSignal): Promise<Relays> => {
    for (;;) {
      const open = await relaysTo(dhcp).catch((error: unknown) => {
        if (!isWarned) log.error({ why: messageOf(error) }, "no relay agents: does another simulator run?");
        isWarned = true;
        return null;
      });
      signal.throwIfAborted();
      if (open !== null) return open;
      await clock.sleep(againMs, signal);
    }
  };

  return {
    async boot(board, signal) {
      const servers = await finder.find(signal);
      if (servers === null) return null;
      const open = await opened(servers.dhcp, signal);
      const { jack, loss, ...firmware } = board;
      return netboot(
        {
          firmware: { ...firmware, tftpPort: servers.tftp.port },
          jack,
          loss,
          relays: open,
          http: servers.http,
          clock,
          paced,
          speed,
        },
        signal,
      );
    },
    setRogue(isOn) {
      isRogue = isOn;
    },
    async [Symbol.asyncDispose]() {
      finder[Symbol.dispose]();
      await closed(relays);
    },
  };
}

async function closed(relays: Promise<Relays> | null): Promise<void> {
  const open = await relays?.catch(() => null);
  await open?.[Symbol.asyncDispose]();
}

const againMs = 3_000;
