import { DecodeError, type Mac } from "@bramble/core/base";
import {
  addressOctets,
  decodeDhcp,
  encodeDhcp,
  type Ipv4,
  optionCodes,
  relayOctets,
  textOctets,
  typeOctets,
} from "@bramble/core/boot";

/** Where a board is plugged in. */
export type Jack = { readonly switch: string | null; readonly port: number | null };

/** A board's broadcast as the relay agent in its switch sends it on: one hop more, its own address, option 82 (RFC 3046). */
export function relayed(bytes: Uint8Array, giaddr: Ipv4, jack: Jack): Uint8Array {
  const message = decodeDhcp(bytes);
  const options = new Map(message.options);
  const { port } = jack;
  if (jack.switch !== null && port !== null)
    options.set(optionCodes.relay, relayOctets(textOctets(`${jack.switch}/${port}`), textOctets(jack.switch)));
  return encodeDhcp({ ...message, hops: message.hops + 1, giaddr, options });
}

/** The board that a reply is for; null for what is no reply. */
export function boardOf(bytes: Uint8Array): Mac | null {
  try {
    const message = decodeDhcp(bytes);
    return message.op === "reply" ? message.chaddr : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** How the rogue server calls itself: a home router that somebody has plugged in. */
export const rogueAddress: Ipv4 = "192.168.1.1";

/** What it offers to a board that asks: an address of another network, and nothing to boot. */
export function rogueOffer(bytes: Uint8Array): Uint8Array {
  const asked = decodeDhcp(bytes);
  const host = 100 + (Number.parseInt(asked.chaddr.slice(-2), 16) % 100);
  return encodeDhcp({
    ...asked,
    op: "reply",
    yiaddr: `192.168.1.${host}`,
    options: new Map([
      [optionCodes.type, typeOctets("offer")],
      [optionCodes.server, addressOctets(rogueAddress)],
      [optionCodes.subnetMask, addressOctets("255.255.255.0")],
      [optionCodes.router, addressOctets(rogueAddress)],
    ]),
  });
}

/** The address of a switch's relay agent: 127.30.1.<n>; the 254th of each octet is for boards on no switch. */
export function relayAddress(number: number | null): Ipv4 {
  if (number === null) return "127.30.1.254";
  return `127.30.${1 + Math.floor((number - 1) / 253)}.${((number - 1) % 253) + 1}`;
}
