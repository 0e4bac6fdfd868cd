/** An IPv4 network: its first address and how many leading bits it fixes. */
export type Ipv4Network = { readonly first: number; readonly bits: number; readonly size: number };

/** The 32 bits of `172.20.0.1`; null when the text is no IPv4 address (leading zeros are refused, they mean octal to some). */
export function parseIpv4(text: string): number | null {
  // Letter by letter: servers ask this for every packet.
  let value = 0;
  let dots = 0;
  let octet = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (octet === -1 || ++dots > 3) return null;
      value = value * 256 + octet;
      octet = -1;
    } else {
      if (code < 0x30 || code > 0x39 || octet === 0) return null;
      octet = octet === -1 ? code - 0x30 : octet * 10 + code - 0x30;
      if (octet > 255) return null;
    }
  }
  return dots === 3 && octet !== -1 ? value * 256 + octet : null;
}

/** An address as people write it. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** The network `172.20.0.0/16`; null when the text is none, or names an address inside rather than the network. */
export function parseCidr(text: string): Ipv4Network | null {
  const [address = "", bitsText = ""] = text.split("/");
  const first = parseIpv4(address);
  if (first === null || !/^\d{1,2}$/.test(bitsText)) return null;
  const bits = Number(bitsText);
  if (bits > 30) return null;
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, bits, size } : null;
}

/** Whether a host may have this address: inside, and neither the network's own nor its broadcast address. */
export function isHostOf(network: Ipv4Network, address: number): boolean {
  return address > network.first && address < network.first + network.size - 1;
}

/** The numbers that an address rule may use; null where a board has none. */
type RulePlaces = {
  readonly switch: number | null;
  readonly bank: number | null;
  readonly port: number | null;
  readonly slot: number;
  readonly board: number;
};

/** A rule made ready: gives a board's address, or null when a place it uses has no number for this board. */
export type AddressRule = (places: RulePlaces) => string | null;

/** Read `172.20.<10+switch>.<port>`. */
export function parseAddressRule(
  text: string,
): { readonly kind: "ok"; readonly rule: AddressRule } | { readonly kind: "invalid"; readonly place: string } {
  const parts: (string | { plus: number; place: keyof RulePlaces })[] = [];
  let position = 0;
  for (const match of text.matchAll(/<([^<>]*)>/g)) {
    parts.push(text.slice(position, match.index));
    position = match.index + match[0].length;
    const [, plus = "0", place = ""] = /^(?:(\d{1,5})\+)?([a-z]+)$/.exec(match[1] ?? "") ?? [];
    if (!isPlace(place)) return { kind: "invalid", place: match[1] ?? "" };
    parts.push({ plus: Number(plus), place });
  }
  parts.push(text.slice(position));
  const rest = parts.filter((part) => typeof part === "string").join("");
  if (!/^[0-9.]*$/.test(rest)) return { kind: "invalid", place: rest };
  return {
    kind: "ok",
    rule: (places) => {
      let address = "";
      for (const part of parts) {
        const number = typeof part === "string" ? null : places[part.place];
        if (typeof part === "string") address += part;
        else if (number === null) return null;
        else address += String(number + part.plus);
      }
      return address;
    },
  };
}

/** The places an address rule may use. */
export const rulePlaceNames = ["switch", "bank", "port", "slot", "board"] as const;

function isPlace(text: string): text is keyof RulePlaces {
  return (rulePlaceNames as readonly string[]).includes(text);
}
