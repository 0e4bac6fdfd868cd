import { readFileSync } from "node:fs";
import { mac } from "../../base/index.ts";
import { decodeDhcp } from "./codec.ts";
import type { DhcpMessage } from "./message.ts";

/** The octets of `test/packets/<name>.hex`. For tests. */
export function packetOctets(name: string): Uint8Array {
  const text = readFileSync(new URL(`../../../../test/packets/${name}.hex`, import.meta.url), "utf8");
  const digits = text.replaceAll(/^#.*$/gm, "").replaceAll(/\s/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The message of `test/packets/<name>.hex`, with changes. For tests. */
export function packetOf(name: string, changes: Partial<DhcpMessage> = {}): DhcpMessage {
  return { ...decodeDhcp(packetOctets(name)), ...changes };
}

/** A message without any option, with changes. For tests. */
export function bareMessage(changes: Partial<DhcpMessage> = {}): DhcpMessage {
  return {
    op: "request",
    hops: 0,
    xid: 0x26f30339,
    secs: 0,
    isBroadcast: false,
    ciaddr: "0.0.0.0",
    yiaddr: "0.0.0.0",
    siaddr: "0.0.0.0",
    giaddr: "0.0.0.0",
    chaddr: mac("b8:27:eb:00:00:01"),
    sname: "",
    file: "",
    options: new Map(),
    ...changes,
  };
}

/** A message's options with some put in or, by null, taken out. For tests. */
export function withOptions(message: DhcpMessage, changes: Readonly<Record<number, Uint8Array | null>>): DhcpMessage {
  const options = new Map(message.options);
  for (const [code, value] of Object.entries(changes)) {
    if (value === null) options.delete(Number(code));
    else options.set(Number(code), value);
  }
  return { ...message, options };
}
