import { expect, test } from "vitest";
import type { Ipv4 } from "./message.ts";
import { addressOctets, optionCodes } from "./options.ts";
import { readRequest } from "./request.ts";
import { bareMessage } from "./testing.ts";

test.each<[string, Ipv4, Ipv4 | null, Ipv4 | null, unknown]>([
  [
    "takes up an offer",
    "0.0.0.0",
    "10.0.0.7",
    "10.0.0.1",
    { kind: "selecting", address: "10.0.0.7", server: "10.0.0.1" },
  ],
  [
    "names a server and its own address",
    "10.0.0.7",
    null,
    "10.0.0.1",
    { kind: "selecting", address: "10.0.0.7", server: "10.0.0.1" },
  ],
  ["starts again", "0.0.0.0", "10.0.0.7", null, { kind: "init-reboot", address: "10.0.0.7" }],
  ["renews or rebinds", "10.0.0.7", null, null, { kind: "renewing", address: "10.0.0.7" }],
  ["renews and fills in too much", "10.0.0.7", "10.0.0.8", null, { kind: "renewing", address: "10.0.0.7" }],
  ["names no address", "0.0.0.0", null, "10.0.0.1", null],
])("a REQUEST that %s (RFC 2131 §4.3.2)", (_, ciaddr, requested, server, ask) => {
  const options = new Map<number, Uint8Array>();
  if (requested !== null) options.set(optionCodes.requested, addressOctets(requested));
  if (server !== null) options.set(optionCodes.server, addressOctets(server));
  expect(readRequest(bareMessage({ ciaddr, options }))).toEqual(ask);
});
