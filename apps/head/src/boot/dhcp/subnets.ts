import { ClusterError } from "@bramble/core/base";
import { createLeaseBook, type Ipv4, type LeaseBook, type LeaseTerms } from "@bramble/core/boot";
import { formatIpv4, parseCidr, parseIpv4 } from "@bramble/core/cluster";

/** A network that boards are on. */
export type SubnetPlan = {
  readonly cidr: string;
  readonly gateway: Ipv4 | null;
  /** Addresses for boards that nobody knows. */
  readonly pool: readonly Ipv4[];
};

/** One network, with its own book of leases. */
export type Subnet = {
  readonly cidr: string;
  readonly mask: Ipv4;
  readonly broadcast: Ipv4;
  readonly gateway: Ipv4 | null;
  readonly book: LeaseBook;
  /** Addresses for boards that nobody knows. */
  readonly poolSize: number;
  /** Whether a board may have this address here. */
  has(address: Ipv4): boolean;
};

/** All networks that are served; the first is the head's own. */
export type Subnets = {
  readonly all: readonly Subnet[];
  /** The one that a relay's address lies in (RFC 2131 §4.3.1); null when none is served there. */
  of(giaddr: Ipv4): Subnet | null;
  /** The one that an address lies in. */
  holding(address: Ipv4): Subnet | null;
};

/**
 * The networks, each with an empty book.
 *
 * @throws ClusterError `input.invalid` for a text that is no network.
 */
export function createSubnets(plans: readonly SubnetPlan[], terms: Omit<LeaseTerms, "pool">): Subnets {
  const all = plans.map((plan) => createSubnet(plan, terms));
  const holding = (address: Ipv4): Subnet | null => all.find((subnet) => subnet.has(address)) ?? null;
  return {
    all,
    // Simulated relays live on loopback and stand in the head's own network.
    of: (giaddr) => (giaddr === "0.0.0.0" || isLoopback(giaddr) ? all[0]! : holding(giaddr)),
    holding,
  };
}

/** Whether an address is one of loopback. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}

function createSubnet({ cidr, gateway, pool }: SubnetPlan, terms: Omit<LeaseTerms, "pool">): Subnet {
  const network = parseCidr(cidr);
  if (network === null) throw new ClusterError("input.invalid", `"${cidr}" is no network`);
  const last = network.first + network.size - 1;
  return {
    cidr,
    mask: formatIpv4(2 ** 32 - network.size),
    broadcast: formatIpv4(last),
    gateway,
    poolSize: pool.length,
    book: createLeaseBook({ ...terms, pool }),
    has(address) {
      const value = parseIpv4(address);
      return value !== null && value > network.first && value < last;
    },
  };
}
