import fc from "fast-check";
import { expect, test } from "vitest";
import { optionCodes, textOctets } from "./options.ts";
import { portOf, relayOctets, relayOf } from "./relay.ts";
import { bareMessage, packetOf } from "./testing.ts";

const text = textOctets;
const octets = (...values: number[]) => Uint8Array.from(values);
const nobody = "0.0.0.0";

test("what a relay adds is read from a relayed packet", () => {
  const message = packetOf("pi3b-plus-relayed");
  const relay = relayOf(message);
  expect(relay).toEqual({ circuit: text("s01/13"), remote: text("s01") });
  expect(message.options.get(optionCodes.relay)).toEqual(relayOctets(text("s01/13"), text("s01")));
  expect(portOf(relay, message.giaddr)).toEqual({ switch: "s01", port: 13 });
});

test("a packet that no relay touched tells no place", () => {
  expect(relayOf(packetOf("pi3b-plus-discover"))).toBeNull();
  expect(portOf(null, "10.0.0.9")).toBeNull();
});

test.each<[string, Uint8Array | null, Uint8Array | null, string, unknown]>([
  ["text with the switch in it", text("s01/13"), null, nobody, { switch: "s01", port: 13 }],
  ["text with a colon", text("s01:13"), null, "10.0.0.9", { switch: "s01", port: 13 }],
  ["an interface, and text for the switch", text("Gi1/0/13"), text("s02"), nobody, { switch: "s02", port: 13 }],
  ["an interface, and the relay's address", text("ge-0/0/7"), null, "10.0.0.9", { switch: "10.0.0.9", port: 7 }],
  ["an interface and nothing else", text("ge-0/0/7"), null, nobody, { switch: null, port: 7 }],
  ["only a number", text("13"), text("s02"), nobody, { switch: "s02", port: 13 }],
  ["Cisco's VLAN, module and port", octets(0, 4, 0, 7, 1, 13), text("s02"), nobody, { switch: "s02", port: 13 }],
  ["Cisco's text", octets(1, 6, ...text("s01/13")), octets(1, 3, ...text("s09")), nobody, { switch: "s09", port: 13 }],
  [
    "a MAC in octets",
    text("p13"),
    octets(0x00, 0x1b, 0x21, 1, 2, 0xff),
    nobody,
    { switch: "00:1b:21:01:02:ff", port: 13 },
  ],
  [
    "Cisco's MAC",
    text("p13"),
    octets(0, 6, 0x00, 0x1b, 0x21, 1, 2, 3),
    nobody,
    { switch: "00:1b:21:01:02:03", port: 13 },
  ],
  ["a MAC in text", text("p13"), text("001b.2101.0203"), nobody, { switch: "00:1b:21:01:02:03", port: 13 }],
  ["no circuit", null, text("s02"), nobody, { switch: "s02", port: null }],
  ["octets that nobody knows", octets(9, 9, 0), octets(9, 9, 9), nobody, null],
  ["octets that nobody knows, by a relay", octets(9, 9, 0), null, "10.0.0.9", { switch: "10.0.0.9", port: null }],
  ["nothing in both", octets(), octets(), nobody, null],
])("a place is read from %s", (_, circuit, remote, giaddr, place) => {
  expect(portOf({ circuit, remote }, giaddr)).toEqual(place);
});

test("other sub-options are passed over, cut ones are no relay's", () => {
  const holding = (...value: number[]) => bareMessage({ options: new Map([[optionCodes.relay, octets(...value)]]) });
  expect(relayOf(holding(5, 1, 9, 2, 1, 65))).toEqual({ circuit: null, remote: octets(65) });
  for (const cut of [[1], [1, 3, 65], [2, 1]]) expect(relayOf(holding(...cut))).toBeNull();
  expect(relayOf(holding(5, 1, 9))).toBeNull();
  expect(relayOf(holding())).toBeNull();
});

test("whatever stands in option 82, the place is a value and the port a port's number", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (value) => {
      const place = portOf(relayOf(bareMessage({ options: new Map([[optionCodes.relay, value]]) })), nobody);
      if (place?.port != null) expect(place.port).toBeLessThan(100_000);
    }),
  );
});
