import type { SimStatus } from "@bramble/core/api";
import { type Clock, messageOf } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { type PduStandIn, standInPdu } from "@bramble/drivers/stand-ins";
import { StartError } from "./start-error.ts";
import type { World } from "./world.ts";

/** The PDUs of the pretend cluster, each on its own loopback address. */
export type Pdus = AsyncDisposable & { status(): SimStatus["pdus"] };

/**
 * Open one stand-in for each PDU of the file: the n-th on 127.30.0.n.
 *
 * @param port 0: any free one each.
 * @throws StartError when an address is taken, naming the flag.
 */
export async function openPdus(parts: { cluster: Cluster; world: World; clock: Clock; port: number }): Promise<Pdus> {
  const { cluster, world, clock } = parts;
  const open: { id: string; host: string; standIn: PduStandIn; outlets: readonly string[]; numbers: number[] }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map(({ standIn }) => standIn[Symbol.asyncDispose]()));
  };
  for (const [index, pdu] of cluster.pdus.entries()) {
    const outlets = cluster.outlets.filter((outlet) => outlet.pdu === pdu.id);
    const byNumber = new Map(outlets.map((outlet) => [outlet.number, outlet.id]));
    const host = `127.30.${(index + 1) >> 8}.${(index + 1) & 255}`;
    try {
      const standIn = await standInPdu({
        outlets: pdu.outlets,
        host,
        port: parts.port,
        clock,
        on: outlets.filter((outlet) => world.isOn(outlet.id)).map((outlet) => outlet.number),
        onSwitch(number, on) {
          const outlet = byNumber.get(number);
          if (outlet !== undefined) world.turn(pdu.id, outlet, on);
        },
        watts(number) {
          const outlet = byNumber.get(number);
          return outlet === undefined ? 0 : world.watts(outlet);
        },
      });
      open.push({ id: pdu.id, host, standIn, outlets: outlets.map((one) => one.id), numbers: [...byNumber.keys()] });
    } catch (error) {
      await close();
      throw new StartError(whyNot(error, host, parts.port), error);
    }
  }
  return {
    status: () =>
      open.map(({ id, host, standIn, outlets, numbers }) => ({
        id,
        address: `${host}:${standIn.port}`,
        outlets: outlets.length,
        on: numbers.filter((number) => standIn.isOn(number)).length,
        watts: Math.round(outlets.reduce((sum, outlet) => sum + world.watts(outlet), 0)),
        isLying: world.isLying(id),
      })),
    [Symbol.asyncDispose]: close,
  };
}

function whyNot(error: unknown, host: string, port: number): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE")
    return `port ${port} of ${host} is busy (another simulator?): choose another with --pdu-port PORT`;
  if (code === "EADDRNOTAVAIL")
    return `${host} is no loopback address here; on macOS run: sudo ifconfig lo0 alias ${host} up`;
  return `no PDU on ${host}:${port}: ${messageOf(error)}`;
}
