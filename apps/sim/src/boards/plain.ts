import { ClusterError } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { parseCluster } from "@bramble/core/cluster";

/** A plain cluster of `count` boards in banks of 21, always powered: what `--boards N` means without a cluster file. */
export function plainCluster(count: number): Cluster {
  const last = String(Math.ceil(count / bankSlots)).padStart(2, "0");
  const first = "1".padStart(last.length, "0");
  const text = `schema: bramble/v1
cluster: { name: plain, description: "${count} boards without a cluster file", timezone: UTC }
network: { cidr: 127.20.0.0/16, gateway: 127.20.255.254, head: 127.20.255.253 }
models:
  pi3b+: { kind: board, cpu: { cores: 4, mhz: 1400 }, memory_mb: 1024, watts: { max: 5.0, idle: 1.9, inrush: 7.5 }, netboot: native }
  bank21: { kind: bank, height_u: 2, slots: ${bankSlots}, fan_every: 5 }
limits:
  supply: { amps: 200, volts: 120 }
  load_max: 0.8
  profiles: [{ id: all-on, boards: all }]
  wave: { boards: 42, accept: 37, retries: 3, settle_s: 90 }
  stagger: { outlets_s: 5, watts_per_s: 250 }
  thermal_c: { warn: 70, alarm: 80, cut: 85, sustain_s: 60 }
racks: [{ id: r1 }]
switches: []
supplies: []
pdus: []
circuits: []
banks: [{ id: "k[${first}-${last}]", model: bank21, rack: r1 }]
boards: { model: pi3b+, expected: ${count} }
`;
  const parsed = parseCluster(text);
  if (parsed.kind === "ok") return parsed.cluster;
  throw new ClusterError("internal", `the plain cluster is no cluster: ${parsed.problems[0]?.message}`);
}

/** The same cluster with only its first `count` places; outlets, groups and banks keep what is left of them. */
export function firstPlaces(cluster: Cluster, count: number): Cluster {
  if (count >= cluster.boards.length) return cluster;
  const boards = cluster.boards.slice(0, count);
  const kept = new Set(boards.map((board) => board.name));
  const less = <T extends { readonly boards: readonly string[] }>(all: readonly T[]): T[] =>
    all.map((one) => ({ ...one, boards: one.boards.filter((name) => kept.has(name)) }));
  return {
    ...cluster,
    boards,
    banks: less(cluster.banks),
    supplies: less(cluster.supplies),
    outlets: less(cluster.outlets),
    groups: less(cluster.groups),
  };
}

const bankSlots = 21;
