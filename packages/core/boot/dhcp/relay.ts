import { parseMac } from "../../base/index.ts";
import type { DhcpMessage, Ipv4 } from "./message.ts";
import { optionCodes } from "./options.ts";

/** What a relay agent added to a board's message (option 82, RFC 3046): the port that it came in by, and who the relay is. */
export type RelayInfo = { readonly circuit: Uint8Array | null; readonly remote: Uint8Array | null };

/** Where a board is plugged in. */
export type SwitchPort = { readonly switch: string | null; readonly port: number | null };

/** Circuit-id and remote-id; null when no relay added any, or what it added is cut. */
export function relayOf(message: DhcpMessage): RelayInfo | null {
  const value = message.options.get(optionCodes.relay);
  if (value === undefined) return null;
  let circuit: Uint8Array | null = null;
  let remote: Uint8Array | null = null;
  for (let at = 0; at < value.length; ) {
    const length = value[at + 1];
    if (length === undefined || at + 2 + length > value.length) return null;
    const sub = value.subarray(at + 2, at + 2 + length);
    if (value[at] === circuitId) circuit = sub;
    else if (value[at] === remoteId) remote = sub;
    at += 2 + length;
  }
  return circuit === null && remote === null ? null : { circuit, remote };
}

/** Option 82 as a relay agent adds it; text is UTF-8. */
export function relayOctets(circuit: Uint8Array, remote: Uint8Array): Uint8Array {
  return Uint8Array.of(circuitId, circuit.length, ...circuit, remoteId, remote.length, ...remote);
}

/**
 * The switch and its port, from the forms that switches write.
 *
 * Circuit-id: text that ends in the port (`s01/13`, `Gi1/0/13`, `vlan7:13`), or Cisco's octets (00 04, VLAN, module, port;
 * 01, length, text). The switch is named by the remote-id (text, or a MAC in text or octets), else by a circuit-id of the
 * form `switch/port`, else by the relay's address. Null when nothing tells the place.
 */
export function portOf(relay: RelayInfo | null, giaddr: Ipv4): SwitchPort | null {
  if (relay === null) return null;
  const text = relay.circuit === null ? null : textIn(relay.circuit);
  const named = /^([^/:]+)[/:]\d{1,5}$/.exec(text ?? "")?.[1] ?? null;
  const last = /(\d{1,5})$/.exec(text ?? "")?.[1];
  const port = last === undefined ? portInOctets(relay.circuit) : Number(last);
  const name = (relay.remote === null ? null : nameIn(relay.remote)) ?? named ?? (giaddr === "0.0.0.0" ? null : giaddr);
  return port === null && name === null ? null : { switch: name, port };
}

function nameIn(remote: Uint8Array): string | null {
  const octets = remote.length === 8 && remote[0] === 0 && remote[1] === 6 ? remote.subarray(2) : remote;
  const text = textIn(remote);
  if (text !== null) return parseMac(text) ?? text;
  if (octets.length !== 6) return null;
  return parseMac(Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(":"));
}

function portInOctets(circuit: Uint8Array | null): number | null {
  return circuit?.length === 6 && circuit[0] === 0 && circuit[1] === 4 ? circuit[5]! : null;
}

/** The text that octets are, bare or with Cisco's type and length before it; null when they are none. */
function textIn(octets: Uint8Array): string | null {
  const isTyped = octets[0] === 1 && octets[1] === octets.length - 2;
  const text = String.fromCharCode(...(isTyped ? octets.subarray(2) : octets)).trim();
  return /^[\x20-\x7e]+$/.test(text) ? text : null;
}

const circuitId = 1;
const remoteId = 2;
