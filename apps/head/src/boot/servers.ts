import type { Clock, Logger, Mac, Random } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { FileRoute, Lease } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import { type Closing, createClosing } from "../closing.ts";
import type { HeadConfig } from "../config.ts";
import type { LeaseStore } from "../store/leases.ts";
import { type DhcpParts, type DhcpServer, startDhcp } from "./dhcp/server.ts";
import { type ReportParts, takeReports } from "./files/reports.ts";
import { type FileThreadParts, type FileThreads, type PortFault, startFileThreads } from "./threads/file-threads.ts";

/** How a head is told to boot boards. */
export type BootConfig = Pick<
  HeadConfig,
  "boot" | "bootListen" | "dhcp" | "dhcpPort" | "tftpPort" | "bootHttpPort" | "speed" | "listen"
>;

/** The servers that run; null where another machine does it. */
export type BootServers = AsyncDisposable & {
  readonly dhcp: DhcpServer | null;
  readonly tftp: FileThreads["tftp"];
  readonly http: FileThreads["http"];
  leases(): Iterable<Lease>;
  /** Who was given this address. */
  holderOf(address: string): Mac | null;
};

/** What the three servers ask of the head. */
export type ServerParts = Pick<ReportParts, "discovered" | "told"> &
  Pick<DhcpParts, "place" | "bootOf" | "seen" | "alarm"> & {
    readonly cluster: Cluster;
    readonly config: BootConfig;
    readonly leases: LeaseStore;
    readonly tellBoard: DhcpParts["tell"];
    readonly resolve: FileRoute;
    readonly tellFile: FileThreadParts["tell"];
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Logger;
  };

/** Where the boot servers listen. */
export function bootAddress({ boot, bootListen }: BootConfig, cluster: Cluster): string {
  return bootListen ?? (boot.kind === "simulated" ? "127.0.0.1" : cluster.network.head);
}

/**
 * Start the servers: files first, then the addresses that send boards to them.
 *
 * @throws ClusterError `input.invalid` naming the port, what is wrong with it and its flag.
 */
export async function startServers(parts: ServerParts): Promise<BootServers> {
  const closing = createClosing();
  try {
    return await open(parts, closing);
  } catch (thrown) {
    await closing[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function open(parts: ServerParts, closing: Closing): Promise<BootServers> {
  const { cluster, config, resolve, clock, log } = parts;
  const address = bootAddress(config, cluster);
  const { network, boards, switches, pdus, devices } = cluster;
  const files = await startFileThreads({
    binds: { tftp: { address, port: config.tftpPort }, http: { address, port: config.bootHttpPort } },
    ...{
      resolve: (request) => resolve(request) ?? missing,
      tell: parts.tellFile,
      post: takeReports(parts),
      clock,
      log,
    },
    // Pretend boards fetch little; a second thread would only cost memory and time at the start.
    ...(config.boot.kind === "simulated" ? { threads: 1 } : {}),
  }).catch((thrown: PortFault) => {
    const { flag, what } = doors[thrown.server] ?? doors.tftp;
    const port = thrown.server === "http" ? config.bootHttpPort : config.tftpPort;
    throw inWords(thrown, { flag, what, address, port });
  });
  closing.add(files);
  const { tftp, http } = files;
  const { dhcp: mode } = config;
  const dhcp =
    mode === "off"
      ? null
      : await startDhcp({
          ...parts,
          bind: { address, port: config.dhcpPort },
          network,
          reserved: new Set([
            network.head,
            ...[network, ...boards, ...switches, ...pdus, ...devices].flatMap(addressIn),
          ]),
          mode,
          tell: parts.tellBoard,
          // A thousand true boards may wake at once; pretended ones come in waves and their demo starts sooner.
          isWarmed: config.boot.kind !== "simulated",
        });
  if (dhcp !== null) closing.add(dhcp);
  return {
    ...{ dhcp, tftp, http },
    leases: () => dhcp?.book.all() ?? [],
    holderOf(address) {
      const lease = dhcp?.book.byAddress(address) ?? null;
      return lease === null || lease.state === "declined" ? null : lease.mac;
    },
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

const missing = { kind: "missing", board: null } as const;

/** The address of a thing of the cluster file, without its port. */
function addressIn(thing: { readonly address?: string | null; readonly gateway?: string | null }): string[] {
  return [thing.address, thing.gateway].flatMap((said) => said?.split(":")[0] ?? []);
}

const doors = {
  tftp: { flag: "--tftp-port", what: "TFTP" },
  http: { flag: "--boot-http-port", what: "the boot server for HTTP" },
} as const;

/** Says in a sentence what keeps a server from its port, and which flag gives it another. */
function inWords(
  thrown: Error & { readonly code?: string },
  at: { readonly flag: string; readonly what: string; readonly address: string; readonly port: number },
): Error {
  const { flag, what, address, port } = at;
  const why: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${address} is taken, so ${what} cannot be served; end what has it, or give another with ${flag} N`,
    EACCES: `port ${port} needs root or CAP_NET_BIND_SERVICE: start the head with sudo, give its Node that right (setcap cap_net_bind_service+ep), or give another port with ${flag} N`,
    EADDRNOTAVAIL: `this machine has no address ${address}, where ${what} is to listen; give one that it has with --boot-listen ADDRESS`,
  };
  const sentence = why[thrown.code ?? ""];
  return sentence === undefined ? thrown : new ClusterError("input.invalid", sentence, { cause: thrown });
}
