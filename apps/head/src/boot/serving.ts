import type { Clock, Logger, Mac } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { BootClient, BootTerms } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import { sparingly } from "../observe/sparingly.ts";
import type { Registry } from "../register/registry.ts";
import type { Alarms } from "./alarms.ts";
import { chooseImage, type Image, type Images } from "./files/images.ts";
import type { Loaders } from "./files/loaders.ts";
import type { ReportParts } from "./files/reports.ts";
import type { BoardBoot } from "./files/session.ts";
import { archOf, firstFile } from "./first-file.ts";
import type { Lanes } from "./lanes.ts";
import type { Plans } from "./plans.ts";
import { type BootConfig, bootAddress, type ServerParts } from "./servers.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** What the servers ask about each board: what it boots, who it is, what it says. */
export type Serving = Pick<ServerParts, "bootOf" | "seen" | "discovered" | "told"> & {
  /** What a board boots now; null for one that nobody has heard of. */
  boardBoot(mac: Mac): BoardBoot | null;
};

/** Answers for the servers out of plans, images and register. */
export function createServing(parts: {
  readonly config: BootConfig;
  readonly cluster: Cluster;
  readonly registry: Pick<Registry, "roster" | "discover" | "reportBoot">;
  readonly images: Images;
  readonly loaders: Loaders;
  readonly lanes: Pick<Lanes, "clientOf">;
  readonly plans: Plans;
  readonly where: Whereabouts;
  readonly alarms: Alarms;
  readonly api: () => string;
  readonly bootUrl: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}): Serving {
  const { config, cluster, registry, images, loaders, lanes, plans, where, alarms, api, bootUrl, clock, log } = parts;
  const server = bootAddress(config, cluster);
  const lacking = sparingly(clock, 60_000);

  const imageFor = (mac: Mac): Image | null => chooseImage(images, cluster.boot.image, archOf(lanes.clientOf(mac)));
  const nfsFor = (image: Image | null, plan: BoardBoot["plan"]): string | null => {
    if (image === null || plan === "local" || cluster.boot.root === "http") return null;
    const { root } = image.manifest.plans[plan];
    if (root.kind === "nfs") return `${cluster.network.head}:${root.export}`;
    const isAsked = cluster.boot.root === "nfs" && root.kind === "http";
    return isAsked && image.nfsRoot !== null ? `${cluster.network.head}:${image.nfsRoot}` : null;
  };

  return {
    boardBoot(mac) {
      if (!where.knows(mac)) return null;
      const name = where.nameOf(mac);
      const { plan } = plans.planOf(name);
      const image = imageFor(mac);
      return {
        ...{ plan, image, nfs: nfsFor(image, plan), isStranger: where.slotOf(mac) === null },
        facts: {
          ...{ name, mac, serial: where.serialOf(mac), address: where.addressOf(mac) },
          ...{ head: api(), boot: bootUrl() },
        },
      };
    },
    bootOf(mac, client): BootTerms | null {
      const name = where.nameOf(mac);
      const { plan } = plans.planOf(name);
      if (plan === "local") return null;
      if (client.kind !== "os" && chooseImage(images, cluster.boot.image, archOf(client)) === null) {
        const quiet = lacking.due();
        if (quiet !== null) {
          const message = `${name} asks to boot, and there is no image for its processor (${archOf(client)}): build one with bramble image build`;
          log.warn({ mac, name, client, quiet }, "no image suits a board that asks to boot");
          alarms.raise({ kind: "boot.no-image", level: "warn", board: name, message });
        }
      }
      return { server, ...firstFile(client, mac, loaders.names(), bootUrl()) };
    },
    async seen(sighting) {
      if (sighting.serial !== null) where.learn(sighting.mac, sighting.serial);
      await registry.discover(sighting);
    },
    async discovered(report, from) {
      const { mac, serial, model, memoryMb, linkPartner } = report;
      const own = where.slotOf(mac);
      const port = linkPartner === null ? null : Number(/\d+$/.exec(linkPartner.port)?.[0] ?? Number.NaN);
      const plugged =
        linkPartner === null || port === null || Number.isNaN(port)
          ? null
          : where.slotAt({ switch: linkPartner.switch, port }, "0.0.0.0");
      // Where it is plugged in names its place, as its address would.
      const address = own === null ? (plugged?.address ?? report.address) : own.address;
      const { name } = await registry.discover({
        mac,
        serial,
        model,
        address,
        ...(memoryMb === null ? {} : { memoryMb }),
      });
      log.info({ mac, name, serial, model, memoryMb, linkPartner, from: from.address }, "board discovered");
      const { plan } = plans.planOf(name);
      return plan === "discovery" ? { plan, seconds: askAgainSeconds } : { plan, reboot: true };
    },
    async told(mac, report, from) {
      const holder = where.boardAt(from.address);
      if (holder !== null && holder !== mac)
        throw new ClusterError("auth.forbidden", `${from.address} is the address of ${holder}, not of ${mac}`);
      if (!where.knows(mac)) throw new ClusterError("board.unknown", `nobody has heard of ${mac}`);
      await registry.reportBoot({ mac }, report);
    },
  } satisfies Serving & Partial<ReportParts> & { bootOf: (mac: Mac, client: BootClient) => BootTerms | null };
}

/** A board that is to be discovered asks so often whether it is known now. */
const askAgainSeconds = 30;
