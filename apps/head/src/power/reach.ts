import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import type { Clock, Logger } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { PowerDriver } from "@bramble/core/power";
import { checkPowerConfig } from "@bramble/core/power";
import { powerTransport } from "@bramble/drivers/transport";
import type { Probe } from "./conditions.ts";

/** How a plan reaches what is no outlet: a server that should answer, a box that presses its buttons. */
export type Reach = {
  readonly probe: Probe;
  readonly press: (device: string, button: string, signal: AbortSignal) => Promise<void>;
};

/** What it is made of. */
export type ReachParts = {
  readonly cluster: Cluster;
  /** In a simulation servers and boxes stand where the simulator puts them. */
  readonly isSimulated: boolean;
  /** Addresses of boxes, before the file's. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly pduPort: number;
  readonly drivers: readonly PowerDriver[];
  readonly clock: Clock;
  readonly log: Logger;
};

/** Reaches servers by TCP and button boxes by their driver. */
export function createReach(parts: ReachParts): Reach {
  const { cluster, isSimulated, addresses, pduPort, clock, log } = parts;
  return {
    async probe(address, port, signal) {
      const place = isSimulated ? standInOf(cluster, address, port) : -1;
      if (place >= 0) return answers(`127.30.255.${place + 1}`, pduPort, signal);
      // The server that others need may be this very machine; then it is up, for we are.
      return isOwn(address) || answers(address, port, signal);
    },
    async press(id, button, signal) {
      const at = cluster.devices.findIndex((each) => each.id === id);
      const device = cluster.devices[at];
      const address =
        addresses.get(id) ?? (isSimulated ? `127.30.254.${at + 1}:${pduPort}` : (device?.address ?? null));
      if (device === undefined || address === null)
        throw new ClusterError("power.config", `${id} has no address; say --power-map ${id}=host:port`);
      const named = isSimulated ? usualBox : (device.driver ?? usualBox);
      const driver = parts.drivers.find((each) => each.id === named);
      if (driver === undefined) throw new ClusterError("power.config", `${id}: no driver "${named}" in this version`);
      const number = buttons.indexOf(button) + 1;
      if (number === 0)
        throw new ClusterError("power.config", `${id} has no button "${button}"; it has ${buttons.join(" and ")}`);
      const settings = isSimulated ? {} : device.settings;
      const config = { pdu: id, address, outlets: buttons.length, settings, secret: null };
      const [problem] = checkPowerConfig(driver, config);
      if (problem !== undefined) throw new ClusterError("power.config", `${id}: ${problem}`);
      const transport = powerTransport(id, clock);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(pressMs)]);
      await using box = await driver.open(config, { transport, clock, log }, limit);
      await box.set(number, true, limit);
    },
  };
}

/** Which of the file's things with a port it is: the simulator numbers them in the order of the file. */
function standInOf(cluster: Cluster, address: string, port: number): number {
  return cluster.needs
    .filter(({ ready }) => ready !== null)
    .findIndex(({ ready }) => ready === `tcp ${address}:${port}`);
}

function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address));
}

function answers(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = connect({ host, port, timeout: answerMs });
    const settle = (isThere: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(isThere);
    };
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}

const usualBox = "arduino-buttons";
/** As the box numbers them. */
const buttons = ["power", "reset"];
const answerMs = 2000;
const pressMs = 5000;
