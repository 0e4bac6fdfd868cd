import type { Clock, Logger, Mac, Random } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { Lease } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import { type Closing, createClosing } from "../closing.ts";
import type { HeadConfig } from "../config.ts";
import type { LeaseStore } from "../store/leases.ts";
import { type DhcpParts, type DhcpServer, startDhcp } from "./dhcp/server.ts";
import { type BootHttp, type BootHttpParts, startBootHttp } from "./files/http.ts";
import type { TftpParts, TftpServer } from "./tftp/server.ts";
import { startTftpThread } from "./threads/file-threads.ts";

/** How a head is told to boot boards. */
export type BootConfig = Pick<
  HeadConfig,
  "boot" | "bootListen" | "dhcp" | "dhcpPort" | "tftpPort" | "bootHttpPort" | "speed" | "listen"
>;

/** The servers that run; null where another machine does it. */
export type BootServers = AsyncDisposable & {
  readonly dhcp: DhcpServer | null;
  readonly tftp: TftpServer;
  readonly http: BootHttp;
  leases(): Iterable<Lease>;
  /** Who was given this address. */
  holderOf(address: string): Mac | null;
};

/** What the three servers ask of the head. */
export type ServerParts = Pick<BootHttpParts, "resolve" | "discovered" | "told"> &
  Pick<DhcpParts, "place" | "bootOf" | "seen" | "alarm"> & {
    readonly cluster: Cluster;
    readonly config: BootConfig;
    readonly leases: LeaseStore;
    readonly tellBoard: DhcpParts["tell"];
    readonly tellFile: (by: "tftp" | "http", ...news: Parameters<TftpParts["tell"]>) => void;
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
  const { cluster, config, resolve, clock, random, log } = parts;
  const address = bootAddress(config, cluster);
  const { network, boards, switches, pdus, devices } = cluster;
  const http = await named("--boot-http-port", "the boot server for HTTP", address, config.bootHttpPort, () =>
    startBootHttp({ ...parts, bind: { address, port: config.bootHttpPort }, tell: parts.tellFile.bind(null, "http") }),
  );
  closing.add(http);
  const tftp = await named("--tftp-port", "TFTP", address, config.tftpPort, () =>
    startTftpThread({
      ...{ bind: { address, port: config.tftpPort }, resolve: (request) => resolve(request) ?? missing },
      ...{ tell: parts.tellFile.bind(null, "tftp"), clock, random, log },
      // Pretend boards fetch little; a second thread would only cost memory and time at the start.
      ...(config.boot.kind === "simulated" ? { threads: 1 } : {}),
    }),
  );
  closing.add(tftp);
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

/** Says in a sentence what keeps a server from its port, and which flag gives it another. */
async function named<T>(
  flag: string,
  what: string,
  address: string,
  port: number,
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (thrown) {
    const why: Record<string, string> = {
      EADDRINUSE: `port ${port} of ${address} is taken, so ${what} cannot be served; end what has it, or give another with ${flag} N`,
      EACCES: `port ${port} needs root or CAP_NET_BIND_SERVICE: start the head with sudo, give its Node that right (setcap cap_net_bind_service+ep), or give another port with ${flag} N`,
      EADDRNOTAVAIL: `this machine has no address ${address}, where ${what} is to listen; give one that it has with --boot-listen ADDRESS`,
    };
    const sentence = why[(thrown as NodeJS.ErrnoException).code ?? ""];
    throw sentence === undefined ? thrown : new ClusterError("input.invalid", sentence, { cause: thrown });
  }
}
