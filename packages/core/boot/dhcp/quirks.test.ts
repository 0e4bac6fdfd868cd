import { expect, test } from "vitest";
import { classify } from "../classify.ts";
import type { BootClient } from "../client.ts";
import { answerDhcp, type DhcpTerms, type DhcpVerdict } from "./answer.ts";
import { encodeDhcp } from "./codec.ts";
import type { DhcpMessage } from "./message.ts";
import { addressOf, optionCodes, textOf } from "./options.ts";
import { follows, type Quirk, type QuirkId, quirks } from "./quirks.ts";
import { packetOf } from "./testing.ts";

const packets = {
  "3b": "pi3b-discover",
  "3b+": "pi3b-plus-discover",
  "4": "pi4-discover",
  "5": "pi5-discover",
  ipxe: "ipxe-efi-discover",
  uefi: "uefi-amd64-discover",
  http: "uefi-http-discover",
  uboot: "uboot-arm64-discover",
  bios: "pc-bios-discover",
  os: "pi-linux-discover",
} as const;
type Who = keyof typeof packets;
const everybody = Object.keys(packets) as Who[];

const terms: DhcpTerms = {
  server: "172.20.0.1",
  mask: "255.255.0.0",
  broadcast: "172.20.255.255",
  gateway: null,
  dns: [],
  domain: null,
  leaseMs: 3_600_000,
  ports: { server: 67, client: 68 },
  reaches: () => true,
};
const boot = { server: "172.20.0.2", file: "grub.efi", url: "http://172.20.0.2:8882/boot" };

function offerTo(
  who: Who,
  changes: Partial<DhcpMessage> = {},
  verdict: DhcpVerdict = { kind: "offer", address: "172.20.1.1" },
) {
  const message = packetOf(packets[who], changes);
  return answerDhcp(message, classify(message), verdict, { hostName: null, boot }, terms);
}

function codesFor(who: Who): number[] {
  return [...offerTo(who).message.options.keys()];
}

const romAndEeprom: Who[] = ["3b", "3b+", "4", "5"];

test.each<[QuirkId, Who[]]>([
  ["bind-at-offer", ["3b", "3b+"]],
  ["same-xid", ["3b", "3b+"]],
  ["boot-words-with-spaces", ["3b", "3b+"]],
  ["boot-words", ["4", "5"]],
  ["server-in-digits-last", romAndEeprom],
  ["no-file-name", romAndEeprom],
  ["no-pad", ["4", "5"]],
  ["no-hops", ["3b"]],
  ["late-reply", ["3b"]],
  ["no-request-class", ["4", "5"]],
  ["short-server-address", ["4", "5"]],
  ["no-arp", ["3b"]],
  ["no-options-in-rom", ["3b", "3b+"]],
  ["tsize-or-nothing", romAndEeprom],
  ["early-terminate", romAndEeprom],
  ["one-oack", ["3b", "3b+"]],
  ["small-block-numbers", ["4", "5"]],
  ["no-boot-menu", ["ipxe", "uefi", "bios"]],
  ["http-class", ["http"]],
  ["no-proxy-wait", ["ipxe"]],
])("the rule %s holds for whom it was made and for nobody else", (id, whom) => {
  expect(everybody.filter((who) => follows(id, classify(packetOf(packets[who])))).sort()).toEqual(whom.sort());
});

test("every rule says what it is about and where that is known from, and is in the table above", () => {
  const all: Quirk[] = Object.values(quirks);
  expect(all).toHaveLength(20);
  for (const { what, source } of all) {
    expect(what).toMatch(/\.$/);
    expect(source).not.toBe("");
  }
});

test("boot-words-with-spaces: a Pi 3 gets the words with three spaces", () => {
  for (const who of ["3b", "3b+"] as const)
    expect(textOf(offerTo(who).message, optionCodes.vendor)).toBe("Raspberry Pi Boot   ");
});

test("boot-words: a Pi 4 or 5 gets the words, in its ACK too though its REQUEST has no class (no-request-class)", () => {
  for (const who of ["4", "5"] as const)
    expect(textOf(offerTo(who).message, optionCodes.vendor)).toBe("Raspberry Pi Boot");
  const request = packetOf("pi4-request");
  const client: BootClient = classify(request);
  const ack = answerDhcp(request, client, { kind: "ack", address: "172.20.11.13" }, { hostName: null, boot }, terms);
  expect(textOf(ack.message, optionCodes.vendor)).toBe("Raspberry Pi Boot");
});

test("server-in-digits-last: a Pi finds option 66 in digits after option 43, whatever order it asks in", () => {
  for (const who of romAndEeprom) {
    const options = new Map(packetOf(packets[who]).options).set(optionCodes.wanted, Uint8Array.of(66, 43, 1));
    const { message } = offerTo(who, { options });
    expect([...message.options.keys()].at(-1)).toBe(optionCodes.tftpName);
    expect(textOf(message, optionCodes.tftpName)).toBe("172.20.0.2");
    expect(message.siaddr).toBe("172.20.0.2");
  }
});

test("no-file-name: a Pi is told no file", () => {
  for (const who of romAndEeprom) {
    expect(offerTo(who).message.file).toBe("");
    expect(codesFor(who)).not.toContain(optionCodes.bootFile);
  }
});

test("no-pad: no PAD stands before END", () => {
  for (const who of everybody) {
    const octets = encodeDhcp(offerTo(who).message);
    let at = 240;
    while (octets[at] !== 255) {
      expect(octets[at]).not.toBe(0);
      at += 2 + octets[at + 1]!;
    }
    expect(octets.subarray(at + 1).every((octet) => octet === 0)).toBe(true);
  }
});

test("no-hops: a reply counts no hops, though the question came through three relays", () => {
  expect(offerTo("3b", { hops: 3, giaddr: "172.20.0.11" }).message.hops).toBe(0);
});

test("late-reply: a 3B is answered after two seconds and before its next DISCOVER, with frames around the answer", () => {
  const { delivery } = offerTo("3b");
  expect(delivery).toMatchObject({ to: "unicast", address: "172.20.1.1" });
  expect(delivery.delayMs).toBeGreaterThan(2_000);
  expect(delivery.wakeFrames.some((at) => at > delivery.delayMs)).toBe(true);
  const moments = [0, ...delivery.wakeFrames, delivery.delayMs].sort((a, b) => a - b);
  for (const [i, at] of moments.entries()) expect(at - (moments[i - 1] ?? 0)).toBeLessThan(1_000);
  expect(moments.at(-1)).toBeLessThan(5_000);
  expect(offerTo("3b", { isBroadcast: true }).delivery).toMatchObject({
    to: "broadcast",
    wakeFrames: delivery.wakeFrames,
  });
  // Through a relay no frame of ours reaches it.
  expect(offerTo("3b", { giaddr: "172.20.0.11" }).delivery).toMatchObject({
    delayMs: delivery.delayMs,
    wakeFrames: [],
  });
  for (const who of everybody.filter((one) => one !== "3b"))
    expect(offerTo(who).delivery).toMatchObject({ delayMs: 0, wakeFrames: [] });
});

test("no-boot-menu: nobody but a Pi gets the words for a Pi", () => {
  for (const who of everybody.filter((one) => !romAndEeprom.includes(one)))
    expect(codesFor(who)).not.toContain(optionCodes.vendor);
});

test("http-class: UEFI HTTP boot gets its class back and a URL, and nothing to boot where there is none", () => {
  const { message } = offerTo("http");
  expect(textOf(message, optionCodes.vendorClass)).toBe("HTTPClient");
  expect(textOf(message, optionCodes.bootFile)).toBe(boot.url);
  expect(codesFor("http")).not.toContain(optionCodes.tftpName);
  const asked = packetOf(packets.http);
  const none = { hostName: null, boot: { ...boot, url: null } };
  const bare = answerDhcp(asked, classify(asked), { kind: "offer", address: "172.20.1.1" }, none, terms).message;
  expect(bare).toMatchObject({ siaddr: "0.0.0.0", file: "" });
  expect(bare.options.has(optionCodes.vendorClass)).toBe(false);
  expect(textOf(offerTo("http", {}, { kind: "proxy" }).message, optionCodes.vendorClass)).toBe("HTTPClient");
});

test("no-proxy-wait: iPXE is told that no ProxyDHCP server follows, unless we are one; it boots by URL, else by file", () => {
  const { message } = offerTo("ipxe");
  expect(message.options.get(optionCodes.ipxe)).toEqual(Uint8Array.of(176, 1, 1));
  expect(message.file).toBe(boot.url);
  const beside = offerTo("ipxe", {}, { kind: "proxy" }).message;
  expect(beside.options.has(optionCodes.ipxe)).toBe(false);
  const asked = packetOf(packets.ipxe);
  const byFile = { hostName: null, boot: { ...boot, url: null } };
  const verdict = { kind: "offer", address: "172.20.1.1" } as const;
  expect(answerDhcp(asked, classify(asked), verdict, byFile, terms).message.file).toBe("grub.efi");
});

test("U-Boot, UEFI and a PC get their file and server; an operating system gets nothing to boot", () => {
  for (const who of ["uboot", "uefi", "bios"] as const)
    expect(offerTo(who).message).toMatchObject({ siaddr: "172.20.0.2", file: "grub.efi" });
  expect(offerTo("os").message).toMatchObject({ siaddr: "0.0.0.0", file: "" });
  expect(addressOf(offerTo("os").message, optionCodes.server)).toBe("172.20.0.1");
});
