import type { Clock, Logger, Mac, Random } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { Bus, HeadEvents } from "../bus.ts";
import { createClosing } from "../closing.ts";
import { isLoopbackHost } from "../http/security.ts";
import type { Registry } from "../register/registry.ts";
import type { BootPlanStore } from "../store/boot-plans.ts";
import type { LeaseStore } from "../store/leases.ts";
import { type Alarms, createAlarms } from "./alarms.ts";
import { type Image, type Images, openImages } from "./files/images.ts";
import { noLoaders, openLoaders } from "./files/loaders.ts";
import { pretendImages } from "./files/pretend-image.ts";
import { createTree, type Tree } from "./files/tree.ts";
import { watchImages } from "./files/watch-images.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { createPlans, type Plans } from "./plans.ts";
import { type BootConfig, type BootServers, bootAddress, type ServerParts, startServers } from "./servers.ts";
import { createServing } from "./serving.ts";
import { tellStopped } from "./stopped-news.ts";
import { createWhereabouts } from "./whereabouts.ts";

/** Everything about booting: the servers, what they serve to whom, and how each board does. */
export type BootRoom = AsyncDisposable & {
  readonly kind: BootConfig["boot"]["kind"];
  readonly lanes: Lanes;
  readonly plans: Plans;
  readonly alarms: Alarms;
  /** Null when this head serves no boots. */
  readonly servers: BootServers | null;
  readonly images: Images | null;
  /** News of files that belong to no board that we know. */
  dropped(): number;
};

/** What the boot room is made of. */
export type BootRoomParts = {
  readonly config: BootConfig;
  readonly cluster: Cluster;
  readonly registry: Pick<Registry, "roster" | "apply" | "bootStep" | "discover" | "reportBoot">;
  readonly boardsOf: (nodeSet: string) => readonly string[];
  readonly planStore: BootPlanStore;
  readonly leases: LeaseStore;
  /** URL of the API, as boards reach it. */
  readonly api: () => string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

/**
 * Build the boot room and start its servers.
 *
 * @throws ClusterError `boot.images` when the folder of images cannot be read, `input.invalid` when a port cannot be had.
 */
export async function createBootRoom(parts: BootRoomParts): Promise<BootRoom> {
  const { config, cluster, registry, bus, clock, log } = parts;
  const closing = createClosing();
  const alarms = createAlarms({ bus, clock });
  const plans = createPlans({ cluster, store: parts.planStore, boardsOf: parts.boardsOf, clock });
  // The servers tell the lanes and the lanes ask the servers; the tree names a port that is known once its server listens.
  let servers: BootServers | null = null;
  let tree: Tree | null = null;
  let dropped = 0;
  try {
    const lanes = closing.add(
      createLanes({
        ...{ cluster, registry, bus, clock, pace: { speed: config.speed, leastMs } },
        rogues: () => servers?.dhcp?.rogues() ?? [],
        began: (mac) => tree?.begin(mac),
      }),
    );
    closing.add(tellStopped({ bus, clock }));
    const room = {
      ...{ kind: config.boot.kind, lanes, plans, alarms, dropped: () => dropped },
      [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
    };
    if (config.boot.kind === "none") return { ...room, servers, images: null };

    const images = closing.add(await imagesOf(config, log));
    const loaders = config.boot.kind === "images" ? await openLoaders([config.boot.dir, ...loaderFolders]) : noLoaders;
    const holderOf = (address: string): Mac | null => servers?.holderOf(address) ?? null;
    const isGiver = config.dhcp === "authoritative";
    const where = closing.add(createWhereabouts({ cluster, roster: registry.roster, bus, holderOf, isGiver }));
    const bootUrl = (): string => `http://${bootAddress(config, cluster)}:${servers?.http.port ?? config.bootHttpPort}`;
    const serving = createServing({ ...parts, images, loaders, lanes, plans, where, alarms, bootUrl });

    const tellFile: ServerParts["tellFile"] = (by, from, board, path, news) => {
      const mac = board ?? where.boardAt(from.address);
      if (mac !== null) return lanes.tell(mac, { kind: "file", path, by, ...news });
      dropped++;
      log.debug({ from: from.address, path, news: news.news }, "a file for a board that nobody knows");
    };
    servers = closing.add(
      await startServers({
        ...{ ...parts, ...serving, tellFile, tellBoard: lanes.tell, place: where.place, alarm: alarms.raise },
        resolve: (request) => tree?.resolve(request) ?? null,
      }),
    );
    tree = createTree({
      ...{ images, loaders, log, boot: bootUrl(), image: cluster.boot.image },
      ...{ bootOf: serving.boardBoot, boardAt: where.boardAt, boardBySerial: where.boardBySerial },
      learned(mac, serial) {
        where.learn(mac, serial);
        // The register takes it down when it can; until then it is known here.
        registry
          .discover({ mac, serial })
          .catch((thrown) => log.warn({ mac, error: messageOf(thrown) }, "serial not kept"));
      },
    });
    closing.add(vacating(bus, where.addressOf, registry, servers));
    if (config.boot.kind === "images")
      closing.add(watchImages({ images, clock, log, ready: (image) => alarms.raise(newsOf(image)) }));
    for (const alarm of doubts(config, images)) {
      log.error({}, alarm.message);
      alarms.raise(alarm);
    }
    return { ...room, servers, images };
  } catch (thrown) {
    await closing[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** What will keep boards from coming up, known at the start. */
function doubts({ boot, listen }: BootConfig, images: Images): HeadEvents["event"][] {
  if (boot.kind !== "images") return [];
  const alarm = (kind: string, message: string) => ({ kind, level: "error", board: null, message }) as const;
  const none = `${boot.dir} holds no image that can be served: build one with bramble image build`;
  const deaf = `boards that boot cannot reach this head, which listens on ${listen} alone: start it with --listen ADDRESS and tokens`;
  return [
    ...(images.all().length === 0 ? [alarm("boot.no-image", none)] : []),
    ...(isLoopbackHost(listen) ? [alarm("boot.loopback", deaf)] : []),
  ];
}

/** Ends the alarm that there is none. */
function newsOf({ manifest: { name, arch } }: Image): HeadEvents["event"] {
  const message = `image ${name} for ${arch} was found: boards boot it from their next boot on`;
  return { kind: "boot.image", level: "info", board: null, message };
}

/** However fast simulated boards are, the servers' own time is no faster, and a thousand boards may wait for each other. */
const leastMs = 10_000;
/** Where Debian's packages put boot programs: ipxe, grub-efi-amd64-signed, grub-efi-arm64-signed. */
const loaderFolders = ["/usr/lib/ipxe", "/usr/lib/grub/x86_64-efi-signed", "/usr/lib/grub/arm64-efi-signed"];

async function imagesOf({ boot }: BootConfig, log: Logger): Promise<Images> {
  switch (boot.kind) {
    case "simulated":
      return pretendImages({ full: boot.full });
    case "images":
      return openImages(boot.dir, { log });
    case "none":
      throw new ClusterError("internal", "a head that boots nobody has no images");
  }
}

/** A board without power lives at no address: another may have it at once. */
function vacating(
  bus: Bus,
  addressOf: (mac: Mac) => string | null,
  { roster }: Pick<Registry, "roster">,
  { dhcp }: BootServers,
): Disposable {
  const end = bus.on("power.switched", ({ on, boards }) => {
    if (on || dhcp === null) return;
    for (const name of boards) {
      const mac = roster.byName(name)?.record?.mac;
      const address = mac === undefined ? null : addressOf(mac);
      if (address !== null) dhcp.vacate(address);
    }
  });
  return { [Symbol.dispose]: end };
}
