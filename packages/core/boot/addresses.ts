import { formatIpv4, parseCidr } from "../cluster/index.ts";
import type { Ipv4 } from "./dhcp/message.ts";

/** A network's mask and broadcast address, as options 1 and 28 tell them; null when the text is no network. */
export function maskOf(cidr: string): { readonly mask: Ipv4; readonly broadcast: Ipv4 } | null {
  const network = parseCidr(cidr);
  if (network === null) return null;
  return { mask: formatIpv4(2 ** 32 - network.size), broadcast: formatIpv4(network.first + network.size - 1) };
}
