import { ports } from "@bramble/core/api";
import type { Cluster } from "@bramble/core/cluster";
import type { HeadConfig } from "./config.ts";
import { type BeaconTarget, broadcastOf } from "./discover/beacon.ts";
import { isLoopbackHost } from "./http/security.ts";

/** Where a person on this machine reaches a head that listens on `host`. */
export function urlOf(host: string, port: number): string {
  const name = isEverywhere(host) ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** Where boards reach it: a head that listens everywhere, by its address on their network. */
export function beaconUrl({ listen }: HeadConfig, cluster: Cluster, port: number): string {
  return urlOf(isEverywhere(listen) ? cluster.network.head : listen, port);
}

/** Where beacons go unless told otherwise: to everybody on the cluster's network, or to this machine alone. */
export function beaconTargets({ listen, beacon }: HeadConfig, cluster: Cluster): BeaconTarget[] {
  const everybody = isLoopbackHost(listen) ? "127.0.0.1" : broadcastOf(cluster.network.cidr);
  return (beacon ?? [`${everybody}:${ports.beacon}`]).map((target) => {
    const [address = "", port = ""] = target.split(":");
    return { address, port: Number(port) };
  });
}

function isEverywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
