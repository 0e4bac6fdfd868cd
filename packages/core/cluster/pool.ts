import { formatIpv4, isHostOf, parseCidr, parseIpv4 } from "./address.ts";
import type { Resolving } from "./context.ts";
import type { Cluster } from "./model.ts";

/**
 * Addresses for boards that nobody knows: those of `network.pool`, or the highest of the network that nothing else has,
 * as many as there are boards and some, and never more than half of what is left.
 */
export function resolvePool(resolving: Resolving, cluster: Cluster): readonly string[] {
  const network = parseCidr(cluster.network.cidr);
  // Told already.
  if (network === null) return [];
  const owners = ownersOf(cluster);
  const text = resolving.file.network.pool;
  if (text === "none") return [];
  if (text === undefined) {
    const free = network.size - 2 - owners.size;
    const most = Math.min(Math.max(leastPool, cluster.boards.length + spare), Math.floor(free / 2));
    const pool: string[] = [];
    for (let at = network.first + network.size - 2; pool.length < most && at > network.first; at--)
      if (!owners.has(formatIpv4(at))) pool.push(formatIpv4(at));
    return pool;
  }
  const path = ["network", "pool"];
  const [first, last] = text.split("-").map(parseIpv4);
  if (first == null || last == null || last < first || last - first >= mostPool) {
    resolving.error("cluster.address", path, `"${text}" is no range of 1 to ${mostPool} addresses`, {
      expected: "a range like 10.0.250.1-10.0.250.254, or none",
    });
    return [];
  }
  if (!isHostOf(network, first) || !isHostOf(network, last)) {
    resolving.error("cluster.address-outside", path, `${text} is not all inside the network ${cluster.network.cidr}`, {
      expected: `addresses from ${formatIpv4(network.first + 1)} to ${formatIpv4(network.first + network.size - 2)}`,
    });
    return [];
  }
  const pool = Array.from({ length: last - first + 1 }, (_, at) => formatIpv4(first + at));
  const owned = pool.find((address) => owners.has(address));
  if (owned !== undefined)
    resolving.error("cluster.address-twice", path, `the pool and ${owners.get(owned)} both have the address ${owned}`, {
      expected: "addresses that nothing else has",
    });
  return pool;
}

/** Everything of the file that has an address of its own. */
function ownersOf({ network, boards, switches, pdus, devices, strays }: Cluster): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const claim = (address: string | null, owner: string): void => {
    const bare = address?.split(":")[0];
    if (bare !== undefined && parseIpv4(bare) !== null) owners.set(bare, owner);
  };
  for (const { address, switch: on } of strays) claim(address, `something on ${on}`);
  for (const each of devices) claim(each.address, `device ${each.id}`);
  for (const each of pdus) claim(each.address, `PDU ${each.id}`);
  for (const each of switches) claim(each.address, `switch ${each.id}`);
  for (const each of boards) claim(each.address, `board ${each.name}`);
  claim(network.gateway, "the gateway");
  claim(network.head, "the head");
  return owners;
}

const leastPool = 64;
const spare = 200;
const mostPool = 4096;
