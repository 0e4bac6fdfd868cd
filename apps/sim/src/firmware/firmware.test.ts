import { type DhcpMessage, optionCodes, type PiModel, textOctets, typeOctets, typeOf } from "@bramble/core/boot";
import { describe, expect, test } from "vitest";
import { allQuirks, type Lab, type LabRun, labFiles, labMac, labSerial, runLab } from "./lab.ts";

const models: readonly PiModel[] = ["3b", "3b+", "4", "5"];

function having(message: DhcpMessage, options: readonly [number, string | null][]): DhcpMessage {
  const changed = new Map(message.options);
  for (const [code, text] of options) {
    changed.delete(code);
    if (text !== null) changed.set(code, textOctets(text));
  }
  return { ...message, options: changed };
}

function requests(run: LabRun): string[] {
  return run.said.filter((line) => line.startsWith("RRQ")).map((line) => line.split(" ")[1]!);
}

describe.each(models)("a %s", (model) => {
  test("comes up, its steps in order, each file whole", () => {
    const { verdict, steps } = runLab({ model });
    expect(verdict).toMatchObject({ kind: "up", address: "10.0.0.44", hasFixup: true });
    const order = ["discover", "offer", "bootcode", "start", "config", "kernel", "initrd", "root"];
    const without = { "3b": [], "3b+": [], "4": ["bootcode"], "5": ["bootcode", "start"] }[model] as string[];
    expect(steps).toEqual(order.filter((step) => !without.includes(step)));
  });

  test("comes up with every quirk on, where the answer takes its time and the net is never still", () => {
    const run = runLab({ model, quirks: allQuirks, offerAfterMs: 2_100, chatterMs: 700 });
    expect(run.verdict).toMatchObject({ kind: "up" });
  });

  test("asks in the root where its prefix is answered with an error", () => {
    const run = runLab({ model, files: labFiles(model, "") });
    expect(run.verdict).toMatchObject({ kind: "up" });
    expect(requests(run).filter((path) => path.startsWith(labSerial))).toHaveLength(model === "4" ? 2 : 1);
    expect(requests(run).at(-1)).toBe("initrd.img");
  });

  test("asks each file from another port", () => {
    const { ports } = runLab({ model });
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports[0]).toBe(49_152);
  });

  test("stops where it cannot do without a file, and says which", () => {
    const files = labFiles(model);
    files.delete(`${labSerial}/vmlinuz`);
    expect(runLab({ model, files }).verdict).toEqual({
      kind: "stopped",
      step: "kernel",
      file: `${labSerial}/vmlinuz`,
      why: "there is no such file",
    });
  });

  test("gives up when nobody answers, and is not heard of again", () => {
    const run = runLab({ model, dhcp: () => null });
    expect(run.verdict).toMatchObject({ kind: "stopped", step: "discover" });
    expect(run.said.every((line) => line === "DISCOVER")).toBe(true);
    expect(run.said).toHaveLength(model.startsWith("3") ? 5 : 33);
  });

  test.each([
    ["discover", 0],
    ["offer", null],
    ["bootcode", null],
    ["start", null],
    ["config", null],
    ["kernel", null],
    ["initrd", null],
    ["root", null],
    ["agent", null],
  ] as const)("told to stop at %s goes no further", (stopAt, saidMost) => {
    const { verdict, said, steps } = runLab({ model, stopAt });
    expect(verdict).toMatchObject({ kind: "stopped", step: stopAt });
    if (saidMost !== null) expect(said.length).toBeLessThanOrEqual(saidMost);
    if (stopAt !== "agent" && stopAt !== "offer") expect(steps.at(-1) ?? "discover").not.toBe("agent");
    if (stopAt === "initrd") expect(said.some((line) => line.startsWith("GET"))).toBe(false);
    if (stopAt === "root") expect(said.filter((line) => line.startsWith("GET"))).toHaveLength(1);
  });
});

test.each(["3b", "3b+"] as const)(
  "a %s never sends a REQUEST, and says DISCOVER twice with one id for all",
  (model) => {
    const { said, dhcp } = runLab({ model });
    expect(said.filter((line) => line === "REQUEST")).toEqual([]);
    expect(dhcp).toHaveLength(2);
    for (const bytes of dhcp) {
      expect([...bytes.subarray(4, 8)]).toEqual([0x26, 0xf3, 0x03, 0x39]);
      expect(bytes).toHaveLength(model === "3b" ? 320 : 322);
      expect([...bytes.subarray(8, 12)]).toEqual([0, 0, 0, 0]);
    }
  },
);

test("a 3B+ tells its serial four times, a 3B tells nothing of it", () => {
  const uuidOf = (model: PiModel): number[] => {
    const [discover] = runLab({ model }).dhcp;
    const at = discover!.findIndex((octet, i) => octet === 97 && discover![i + 1] === 17 && i >= 240);
    return [...discover!.subarray(at + 2, at + 19)];
  };
  expect(uuidOf("3b")).toEqual([0, ...Array<number>(16).fill(0x44)]);
  expect(uuidOf("3b+").slice(0, 9)).toEqual([0, 0x44, 0x56, 0xef, 0xa2, 0x44, 0x56, 0xef, 0xa2]);
  const four = uuidOf("4");
  expect(String.fromCharCode(...four.slice(1, 5))).toBe("RPi4");
  expect(four.slice(9)).toEqual([0xeb, 0xef, 0x56, 0x44, 0x44, 0x56, 0xef, 0xa2]);
  expect(String.fromCharCode(...uuidOf("5").slice(1, 5))).toBe("RPi5");
});

test.each(["4", "5"] as const)("a %s asks with a new id each time, and its REQUEST has no option 60", (model) => {
  const seen: DhcpMessage[] = [];
  const run = runLab({
    model,
    dhcp: (reply, asked) => {
      seen.push(asked);
      return seen.length < 2 ? null : reply;
    },
  });
  expect(run.verdict).toMatchObject({ kind: "up" });
  const [first, second, request] = seen;
  expect(first!.xid).not.toBe(second!.xid);
  expect(second!.options.has(optionCodes.vendorClass)).toBe(true);
  expect(typeOf(request!)).toBe("request");
  expect(request!.options.has(optionCodes.vendorClass)).toBe(false);
});

const offers: readonly (readonly [string, PiModel, [number, string | null][], boolean])[] = [
  ["the words with three spaces", "3b", [[66, null]], true],
  [
    "the words without spaces",
    "3b",
    [
      [66, null],
      [43, "Raspberry Pi Boot"],
    ],
    false,
  ],
  [
    "the words without spaces within a PXE menu",
    "3b",
    [
      [66, null],
      [43, "\x06\x01\x03\x09\x14\x00\x00\x11Raspberry Pi Boot"],
    ],
    true,
  ],
  ["an address in option 66 alone", "3b", [[43, null]], true],
  [
    "a name in option 66 alone",
    "3b",
    [
      [43, null],
      [66, "tftp.example"],
    ],
    false,
  ],
  [
    "an address that is none",
    "3b+",
    [
      [43, null],
      [66, "10.0.0.256"],
    ],
    false,
  ],
  [
    "the words without spaces",
    "3b+",
    [
      [66, null],
      [43, "Raspberry Pi Boot"],
    ],
    true,
  ],
  [
    "neither, though siaddr and file are there",
    "3b+",
    [
      [43, null],
      [66, null],
      [67, "bootcode.bin"],
    ],
    false,
  ],
  ["an address in option 66 alone", "4", [[43, null]], false],
  [
    "the words and siaddr",
    "4",
    [
      [66, null],
      [43, "Raspberry Pi Boot"],
    ],
    true,
  ],
];
test.each(offers)("an OFFER with %s: model %s", (_, model, options, isTaken) => {
  const run = runLab({ model, dhcp: (reply) => having(reply, options) });
  expect(run.verdict?.kind).toBe(isTaken ? "up" : "stopped");
});

test("of two servers the one named last wins", () => {
  const elsewhere: Lab["dhcp"] = (reply) =>
    having(reply, [
      [optionCodes.tftpName, null],
      [optionCodes.vendor, null],
      [optionCodes.vendor, "Raspberry Pi Boot   "],
      [optionCodes.tftpName, "10.9.9.9"],
    ]);
  // Nobody answers at 10.9.9.9.
  expect(runLab({ model: "3b+", dhcp: elsewhere }).verdict).toMatchObject({ kind: "stopped", step: "bootcode" });
  const back: Lab["dhcp"] = (reply, asked) => {
    const swapped = elsewhere(reply, asked) as DhcpMessage;
    return having(swapped, [[optionCodes.vendor, "Raspberry Pi Boot   "]]);
  };
  expect(runLab({ model: "3b+", dhcp: back }).verdict).toMatchObject({ kind: "up" });
});

test("a 3B refuses what came through a relay that counted itself; a 3B+ does not", () => {
  const hop: Lab["dhcp"] = (reply) => ({ ...reply, hops: 1 });
  expect(runLab({ model: "3b", dhcp: hop }).verdict?.kind).toBe("stopped");
  expect(runLab({ model: "3b+", dhcp: hop }).verdict?.kind).toBe("up");
});

test("a 3B does not notice a quick OFFER until something else passes its cable", () => {
  const quirks = { holdsOffers: true };
  expect(runLab({ model: "3b", quirks }).said.filter((line) => line === "DISCOVER")).toHaveLength(3);
  expect(runLab({ model: "3b", quirks, chatterMs: 600 }).said.filter((line) => line === "DISCOVER")).toHaveLength(2);
  expect(runLab({ model: "3b", quirks, offerAfterMs: 1_500 }).said.filter((line) => line === "DISCOVER")).toHaveLength(
    2,
  );
});

test("a 3B that is answered in haste locks up, and stays so", () => {
  const run = runLab({ model: "3b", quirks: { holdsOffers: true, hasteLocks: 1 } });
  expect(run.verdict).toMatchObject({ kind: "stopped", step: "offer", why: expect.stringContaining("haste") });
  expect(run.said).toEqual(["DISCOVER"]);
});

test("an old Pi 4 ignores a reply with a PAD before its END", () => {
  const padded: Lab["dhcp"] = (reply) => ({ ...reply, options: new Map([...reply.options, [18, new Uint8Array(0)]]) });
  expect(runLab({ model: "4", quirks: { padHidesReply: true }, dhcp: padded }).verdict?.kind).toBe("up");
  const withPad: Lab["dhcp"] = (reply) => {
    const bytes = new Uint8Array(400);
    bytes.set(encodeWithPad(reply));
    return bytes;
  };
  expect(runLab({ model: "4", quirks: { padHidesReply: true }, dhcp: withPad }).verdict?.kind).toBe("stopped");
  expect(runLab({ model: "4", dhcp: withPad }).verdict?.kind).toBe("up");
});

test("a Pi 4 that is refused begins anew", () => {
  let refused = 0;
  const run = runLab({
    model: "4",
    dhcp: (reply, asked) => {
      if (typeOf(asked) !== "request" || refused > 1) return reply;
      refused++;
      return { ...reply, options: new Map([[optionCodes.type, typeOctets("nak")]]) };
    },
  });
  expect(run.said.slice(0, 6)).toEqual(["DISCOVER", "REQUEST", "DISCOVER", "REQUEST", "DISCOVER", "REQUEST"]);
  expect(run.verdict).toMatchObject({ kind: "up" });
});

test("without fixup.dat a board comes up with little memory", () => {
  const files = labFiles("3b+");
  files.delete(`${labSerial}/fixup.dat`);
  expect(runLab({ model: "3b+", files }).verdict).toMatchObject({ kind: "up", hasFixup: false });
});

test("without a command line there is no root", () => {
  const files = labFiles("3b+");
  files.delete(`${labSerial}/cmdline.txt`);
  expect(runLab({ model: "3b+", files }).verdict).toMatchObject({ kind: "stopped", step: "root" });
});

test("a second OACK loses the file on a Pi 3 that has this fault", () => {
  const tftp: Lab["tftp"] = (packet, answer) =>
    answer === null ? [] : answer.kind === "oack" && packet.kind === "read" ? [answer, answer] : [answer];
  expect(runLab({ model: "3b+", tftp }).verdict).toMatchObject({ kind: "up" });
  const run = runLab({ model: "3b+", tftp, quirks: { doubleOackLosesFile: true } });
  expect(run.verdict).toMatchObject({ kind: "stopped", step: "start", file: `${labSerial}/start.elf` });
});

test("a Pi 3 needs the OACK: a server without options has no files for it", () => {
  const tftp: Lab["tftp"] = (packet, answer) => {
    if (packet.kind !== "read" || answer?.kind !== "oack") return answer === null ? [] : [answer];
    return [{ kind: "data", block: 1, bytes: Uint8Array.of(1, 2, 3) }];
  };
  expect(runLab({ model: "3b+", tftp }).verdict).toMatchObject({ kind: "stopped", step: "start" });
});

test("the serial's low digits are those of its MAC", () => {
  expect(labMac.replaceAll(":", "").slice(6)).toBe(labSerial.slice(2));
});

function encodeWithPad(reply: DhcpMessage): Uint8Array {
  const bytes = new Uint8Array(400);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 1, 6, 0]);
  view.setUint32(4, reply.xid);
  bytes.set([10, 0, 0, 44], 16);
  bytes.set(
    labMac.split(":").map((octet) => Number.parseInt(octet, 16)),
    28,
  );
  view.setUint32(236, 0x63825363);
  let at = 240;
  for (const [code, value] of reply.options) {
    bytes.set([code, value.length, ...value], at);
    at += 2 + value.length;
  }
  bytes.set([0, 0, 255], at);
  return bytes;
}
