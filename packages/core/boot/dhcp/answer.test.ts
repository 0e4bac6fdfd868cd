import { expect, test } from "vitest";
import { mac } from "../../base/index.ts";
import { classify } from "../classify.ts";
import { answerDhcp, type BoardTerms, type DhcpTerms, type DhcpVerdict } from "./answer.ts";
import { decodeDhcp, encodeDhcp } from "./codec.ts";
import type { DhcpMessage } from "./message.ts";
import { addressOf, optionCodes, textOf, typeOf, u16Octets, u32Of } from "./options.ts";
import { bareMessage, packetOf, withOptions } from "./testing.ts";

const terms: DhcpTerms = {
  server: "172.20.0.1",
  mask: "255.255.0.0",
  broadcast: "172.20.255.255",
  gateway: "172.20.0.254",
  dns: ["172.20.0.1", "9.9.9.9"],
  domain: "box.example",
  leaseMs: 3_600_000,
  ports: { server: 67, client: 68 },
  reaches: (address) => address === "172.20.11.13",
};
const board: BoardTerms = {
  hostName: "b0412",
  boot: { server: "172.20.0.2", file: "boot.efi", url: "http://172.20.0.2:8882/ipxe/52-54-00-12-34-56" },
};
const offer: DhcpVerdict = { kind: "offer", address: "172.20.11.13" };
const pc = packetOf("pc-bios-discover");

function answer(message: DhcpMessage, verdict: DhcpVerdict = offer, to: BoardTerms = board, by: DhcpTerms = terms) {
  return answerDhcp(message, classify(message), verdict, to, by);
}

function options(message: DhcpMessage): number[] {
  return [...message.options.keys()];
}

test("an OFFER tells address, lease, network, name and what to boot", () => {
  const { message } = answer(pc);
  expect(message).toMatchObject({
    op: "reply",
    hops: 0,
    xid: pc.xid,
    secs: 0,
    isBroadcast: true,
    ciaddr: "0.0.0.0",
    yiaddr: "172.20.11.13",
    siaddr: "172.20.0.2",
    chaddr: pc.chaddr,
    file: "boot.efi",
  });
  expect(typeOf(message)).toBe("offer");
  expect([54, 1, 3, 6, 28].map((code) => addressOf(message, code))).toEqual([
    "172.20.0.1",
    "255.255.0.0",
    "172.20.0.254",
    "172.20.0.1",
    "172.20.255.255",
  ]);
  expect([51, 58, 59].map((code) => u32Of(message, code))).toEqual([3600, 1800, 3150]);
  expect([12, 15, 66, 67].map((code) => textOf(message, code))).toEqual([
    "b0412",
    "box.example",
    "172.20.0.2",
    "boot.efi",
  ]);
  expect(decodeDhcp(encodeDhcp(message))).toEqual(message);
});

test("what the client asks for comes first, in its order, and what it does not ask for is not told", () => {
  const asks = withOptions(pc, { [optionCodes.wanted]: Uint8Array.of(12, 3, 1, 51, 200, 12) });
  const codes = options(answer(asks).message);
  expect(codes.slice(0, 6)).toEqual([53, 54, 51, 12, 3, 1]);
  for (const code of [optionCodes.dns, optionCodes.domain, optionCodes.broadcast]) expect(codes).not.toContain(code);
});

test("a client without a list is told all there is", () => {
  const codes = options(answer(withOptions(pc, { [optionCodes.wanted]: null })).message);
  for (const code of [1, 3, 6, 12, 15, 28]) expect(codes).toContain(code);
});

test("a network without gateway, name servers and domain, and a board without a name, are told no more than there is", () => {
  const few = { ...terms, gateway: null, dns: [], domain: null };
  const codes = options(answer(withOptions(pc, { 55: null }), offer, { hostName: null, boot: null }, few).message);
  expect(codes).toEqual([53, 54, 51, 58, 59, 1, 28, 97]);
});

test("option 97, the client's name for itself and the relay's words are given back as they came, the relay's last", () => {
  const message = withOptions(packetOf("ipxe-bios-discover"), { [optionCodes.relay]: Uint8Array.of(1, 1, 65) });
  const reply = answer(message).message;
  for (const code of [optionCodes.uuid, optionCodes.clientId, optionCodes.relay])
    expect(reply.options.get(code)).toEqual(message.options.get(code));
  expect(options(reply).at(-1)).toBe(optionCodes.relay);
});

test("an ACK repeats ciaddr; a NAK says why and nothing else", () => {
  const renewing = packetOf("dhclient-request");
  const ack = answer(renewing, { kind: "ack", address: "172.20.200.7" });
  expect(ack.message).toMatchObject({ ciaddr: "172.20.200.7", yiaddr: "172.20.200.7", siaddr: "0.0.0.0", file: "" });
  const nak = answer(withOptions(renewing, { 61: Uint8Array.of(1, 2) }), {
    kind: "nak",
    why: "its address is another",
  });
  expect(nak.message).toMatchObject({ ciaddr: "0.0.0.0", yiaddr: "0.0.0.0", siaddr: "0.0.0.0", isBroadcast: false });
  expect(options(nak.message)).toEqual([53, 54, 56, 61]);
  expect(textOf(nak.message, optionCodes.message)).toBe("its address is another");
});

test("INFORM is told the network, but no lease", () => {
  const inform = answer(bareMessage({ ciaddr: "172.20.9.9" }), { kind: "inform" });
  expect(typeOf(inform.message)).toBe("ack");
  expect(inform.message).toMatchObject({ ciaddr: "172.20.9.9", yiaddr: "0.0.0.0" });
  expect(options(inform.message)).toEqual([53, 54, 1, 3, 12, 6, 15, 28]);
  expect(inform.delivery).toMatchObject({ to: "unicast", address: "172.20.9.9", port: 68 });
});

test("a board that boots from its own disk gets an address and nothing to boot", () => {
  const { message } = answer(packetOf("pi3b-plus-discover"), offer, { ...board, boot: null });
  expect(message).toMatchObject({ yiaddr: "172.20.11.13", siaddr: "0.0.0.0", file: "" });
  for (const code of [43, 66, 67]) expect(options(message)).not.toContain(code);
});

test.each<[string, DhcpMessage, DhcpVerdict, object]>([
  [
    "through its relay, on the server's port",
    packetOf("pi3b-plus-relayed"),
    offer,
    { to: "relay", address: "172.20.0.11", port: 67 },
  ],
  ["to all, when it asks for that", pc, offer, { to: "broadcast", address: "255.255.255.255", port: 68 }],
  [
    "to the address that it is about to have",
    packetOf("pi4-discover"),
    offer,
    { to: "unicast", address: "172.20.11.13", port: 68 },
  ],
  [
    "to all, when nothing knows where that address is",
    packetOf("pi4-discover"),
    { kind: "offer", address: "172.20.11.14" },
    { to: "broadcast" },
  ],
  [
    "to the address that it has",
    packetOf("dhclient-request"),
    { kind: "ack", address: "172.20.200.7" },
    { to: "unicast", address: "172.20.200.7" },
  ],
  ["to all, when it is refused", packetOf("dhclient-request"), { kind: "nak", why: "no" }, { to: "broadcast" }],
  ["through its relay, when it is refused", packetOf("pi3b-plus-relayed"), { kind: "nak", why: "no" }, { to: "relay" }],
  ["to all, when another server gives the address", packetOf("pi4-discover"), { kind: "proxy" }, { to: "broadcast" }],
])("an answer goes %s (RFC 2131 §4.1)", (_, message, verdict, delivery) => {
  expect(answer(message, verdict).delivery).toMatchObject({ ...delivery, delayMs: 0, wakeFrames: [] });
});

test("a relay is told to send a NAK to all", () => {
  expect(answer(packetOf("pi3b-plus-relayed"), { kind: "nak", why: "no" }).message).toMatchObject({
    isBroadcast: true,
    giaddr: "172.20.0.11",
  });
});

test("beside another server only what to boot is told, and no address", () => {
  const offered = answer(packetOf("uefi-amd64-discover"), { kind: "proxy" }).message;
  expect(offered).toMatchObject({ yiaddr: "0.0.0.0", siaddr: "172.20.0.2", file: "boot.efi" });
  expect(typeOf(offered)).toBe("offer");
  expect(options(offered).sort((a, b) => a - b)).toEqual([43, 53, 54, 60, 66, 67, 97]);
  expect(textOf(offered, optionCodes.vendorClass)).toBe("PXEClient");
  expect(offered.options.get(optionCodes.vendor)).toEqual(Uint8Array.of(6, 1, 8, 255));
  const asked = withOptions(packetOf("uefi-amd64-discover"), { 53: Uint8Array.of(3) });
  const acked = answer({ ...asked, ciaddr: "172.20.3.3" }, { kind: "proxy" }, board, {
    ...terms,
    ports: { server: 4011, client: 4011 },
  });
  expect(typeOf(acked.message)).toBe("ack");
  expect(acked.delivery).toMatchObject({ to: "unicast", address: "172.20.3.3", port: 4011 });
});

test("where there is no room, what a client can do without goes first", () => {
  const crowded = withOptions(
    { ...pc, giaddr: "172.20.0.11" },
    {
      [optionCodes.maxSize]: null,
      [optionCodes.relay]: Uint8Array.of(1, 210, ...new Uint8Array(210).fill(65)),
      [optionCodes.wanted]: null,
    },
  );
  const small = answer(crowded).message;
  expect(encodeDhcp(small).length).toBeLessThanOrEqual(548);
  for (const code of [53, 54, 51, 1, 3, 66, 67, 82]) expect(options(small)).toContain(code);
  expect(options(small)).not.toContain(optionCodes.domain);
  const roomy = answer(withOptions(crowded, { [optionCodes.maxSize]: u16Octets(1472) })).message;
  expect(options(roomy)).toContain(optionCodes.domain);
});

test("what has no room at all is sent all the same", () => {
  const crowded = withOptions(pc, {
    [optionCodes.clientId]: new Uint8Array(400),
    [optionCodes.wanted]: Uint8Array.of(1),
  });
  expect(options(answer(crowded).message)).toContain(optionCodes.clientId);
});

test("a file's name that its field cannot hold is told as an option only", () => {
  const long = `http://172.20.0.2/${"x".repeat(130)}`;
  const { message } = answer(packetOf("ipxe-efi-discover"), offer, {
    ...board,
    boot: { server: "172.20.0.2", file: null, url: long },
  });
  expect([message.file, textOf(message, optionCodes.bootFile)]).toEqual(["", long]);
  expect(decodeDhcp(encodeDhcp(message))).toEqual(message);
});

test("every message that comes has an answer that can be encoded", () => {
  const names = ["pi3b-discover", "pi3b-plus-relayed", "pi4-request", "pi5-discover", "ipxe-bios-discover"];
  const others = [
    "uefi-arm64-discover",
    "uefi-http-discover",
    "uboot-arm64-discover",
    "pc-bios-discover",
    "pi-linux-discover",
  ];
  const verdicts: DhcpVerdict[] = [
    offer,
    { kind: "ack", address: "172.20.11.13" },
    { kind: "nak", why: "no" },
    { kind: "inform" },
    { kind: "proxy" },
  ];
  for (const name of [...names, ...others])
    for (const verdict of verdicts) {
      const { message } = answer({ ...packetOf(name), chaddr: mac("02:00:00:00:00:01") }, verdict);
      const octets = encodeDhcp(message);
      expect(octets.length).toBeGreaterThanOrEqual(300);
      expect(decodeDhcp(octets)).toEqual(message);
    }
});
