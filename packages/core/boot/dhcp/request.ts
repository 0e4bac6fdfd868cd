import type { DhcpMessage, Ipv4 } from "./message.ts";
import { addressOf, optionCodes } from "./options.ts";

/** What a REQUEST asks, told apart by what it fills in (RFC 2131 §4.3.2, table 4). */
export type RequestAsk =
  /** It takes up the offer of `server`. */
  | { readonly kind: "selecting"; readonly address: Ipv4; readonly server: Ipv4 }
  /** It has started again and remembers an address. */
  | { readonly kind: "init-reboot"; readonly address: Ipv4 }
  /** It uses the address and wants to go on: renewing or rebinding, which are answered alike. */
  | { readonly kind: "renewing"; readonly address: Ipv4 };

/** What a REQUEST asks; null when it names no address at all. */
export function readRequest(message: DhcpMessage): RequestAsk | null {
  const requested = addressOf(message, optionCodes.requested);
  const server = addressOf(message, optionCodes.server);
  const address = requested ?? (message.ciaddr === "0.0.0.0" ? null : message.ciaddr);
  if (address === null) return null;
  if (server !== null) return { kind: "selecting", address, server };
  return message.ciaddr === "0.0.0.0"
    ? { kind: "init-reboot", address }
    : { kind: "renewing", address: message.ciaddr };
}
