import { decodeTftp, encodeDhcp, encodeTftp, type PiModel, type TftpPacket } from "@bramble/core/boot";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFirmware } from "./firmware.ts";
import { allQuirks, labMac, labSerial, runLab } from "./lab.ts";
import { type FirmwareEvent, noQuirks } from "./script.ts";

const model = fc.constantFrom<PiModel>("3b", "3b+", "4", "5");
const quirks = fc.record({
  holdsOffers: fc.boolean(),
  hasteLocks: fc.constantFrom(0, 0.5, 1),
  doubleOackLosesFile: fc.boolean(),
  padHidesReply: fc.boolean(),
});

test("whatever a network loses, doubles and reorders, a boot ends: up, or stopped with its step", () => {
  const net = fc.record({
    model,
    quirks,
    seed: fc.integer(),
    loss: fc.constantFrom(0, 0.02, 0.2, 0.6, 1),
    twice: fc.constantFrom(0, 0.1, 0.5),
    late: fc.constantFrom(1, 50, 1_500),
  });
  fc.assert(
    fc.property(net, ({ late, ...lab }) => {
      const { verdict } = runLab({ ...lab, flight: (random) => 1 + late * random.next() });
      expect(verdict).not.toBeNull();
      if (verdict!.kind === "stopped") expect(verdict!.why).not.toBe("");
    }),
    { numRuns: 150 },
  );
});

test("a network that only loses a little keeps nobody from coming up", () => {
  fc.assert(
    fc.property(model, fc.integer(), (model, seed) => {
      const run = runLab({ model, seed, loss: 0.03, twice: 0.03, flight: (random) => 1 + 20 * random.next() });
      expect(run.verdict).toMatchObject({ kind: "up" });
    }),
    { numRuns: 60 },
  );
});

test("answers with flipped octets, cut or grown, break nothing", () => {
  const spoil = (bytes: Uint8Array, at: number, how: number): Uint8Array => {
    if (how % 3 === 0) return bytes.slice(0, at % (bytes.length + 1));
    const spoiled = how % 3 === 1 ? bytes.slice() : new Uint8Array(bytes.length * 3);
    spoiled.set(bytes);
    spoiled[at % spoiled.length]! ^= 1 << (how % 8);
    return spoiled;
  };
  const wrong = fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(model, fc.integer(), wrong, (model, seed, wrong) => {
      let nth = 0;
      const next = (bytes: Uint8Array): Uint8Array => {
        const [at, how] = wrong[nth++ % wrong.length]!;
        return how < 60 ? spoil(bytes, at, how) : bytes;
      };
      const { verdict } = runLab({
        model,
        seed,
        dhcp: (reply) => next(encodeDhcp(reply)),
        tftp: (_, answer) => (answer === null ? [] : [next(encodeTftp(answer))]),
      });
      expect(verdict).not.toBeNull();
    }),
    { numRuns: 150 },
  );
});

test("a server that says the same for ever does not hold a board for ever", () => {
  const first: TftpPacket = { kind: "data", block: 1, bytes: new Uint8Array(512) };
  for (const kept of [first, { kind: "oack", options: new Map([["tsize", "9"]]) } as const]) {
    const { verdict } = runLab({ model: "3b+", tftp: (packet) => (packet.kind === "error" ? [] : [kept]) });
    expect(verdict).toMatchObject({ kind: "stopped", step: "bootcode" });
  }
});

test.each([
  ["an endless bootcode.bin", "data without end", "more octets than fit"],
  ["a tsize as large as the world", "tsize 9e12", "do not fit into its memory"],
  ["a blksize larger than asked", "blksize 9000", "was not asked for"],
  ["an option that nobody asked for", "windowsize 4", "was not asked for"],
] as const)("%s stops a board with its reason", (_, how, why) => {
  const { verdict } = runLab({
    model: how === "data without end" ? "3b" : "4",
    tftp: (packet, answer) => {
      if (how === "data without end") {
        const block = packet.kind === "ack" ? packet.block + 1 : 1;
        return [{ kind: "data", block, bytes: new Uint8Array(512) }];
      }
      if (packet.kind !== "read" || answer?.kind !== "oack") return answer === null ? [] : [answer];
      const [name, value] = how.split(" ") as [string, string];
      return [{ kind: "oack", options: new Map([...answer.options, [name, String(Number(value))]]) }];
    },
  });
  expect(verdict).toMatchObject({ kind: "stopped", why: expect.stringContaining(why) });
});

test("any events in any order: it acts or is silent, and after its end it does nothing", () => {
  const octets = fc.uint8Array({ maxLength: 600 });
  const peer = fc.record({ address: fc.constantFrom("10.0.0.1", "6.6.6.6"), port: fc.nat(65_535) });
  const event = fc.oneof(
    fc.constant<FirmwareEvent>({ kind: "power" }),
    fc.constant<FirmwareEvent>({ kind: "frame" }),
    fc.constant<FirmwareEvent>({ kind: "time" }),
    octets.map((bytes): FirmwareEvent => ({ kind: "dhcp", bytes, from: "10.0.0.1" })),
    fc.record({ kind: fc.constant("tftp" as const), port: fc.constant(49_152), from: peer, bytes: octets }),
    fc.record({
      kind: fc.constant("http" as const),
      status: fc.nat(999),
      bytes: fc.nat(),
      total: fc.option(fc.nat()),
      text: fc.string(),
    }),
  );
  fc.assert(
    fc.property(model, fc.array(event, { maxLength: 200 }), (model, events) => {
      const firmware = createFirmware({
        facts: { model, mac: labMac, serial: labSerial },
        random: { next: () => 0.5, whole: (below) => below >> 1, chance: () => false, fork: () => null as never },
        quirks: model === "3b" ? allQuirks : noQuirks,
        stopAt: null,
        tftpPort: 69,
      });
      let isOver = false;
      for (const one of events) {
        const acts = firmware.feed(one);
        if (isOver) expect(acts).toEqual([]);
        isOver ||= acts.some((act) => act.kind === "end");
        for (const act of acts) if (act.kind === "tftp") decodeTftp(act.bytes);
      }
    }),
    { numRuns: 300 },
  );
});
