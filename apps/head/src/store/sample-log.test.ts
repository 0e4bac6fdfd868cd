import type { Mac } from "@bramble/core/base";
import { DecodeError, mac } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRecent } from "./recent.ts";
import { decodeRecord, encodeRecord } from "./sample-log.ts";

const sample = (at: number): Sample => ({
  ...{ at, cpu: (at % 1000) / 10, load: null, memoryUsedMb: null, memoryTotalMb: null, diskUsedGb: null },
  ...{ diskTotalGb: null, temperatureC: 40, throttled: null, rxKbps: null, txKbps: null, uptimeS: null, processes: [] },
});
const anyMac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map(
    (octets) =>
      [octets[0]! & 0xfe, ...octets.slice(1)].map((octet) => octet.toString(16).padStart(2, "0")).join(":") as Mac,
  );
const anyRecord = fc.array(
  fc.record({ mac: anyMac, samples: fc.array(fc.nat(1e13).map(sample), { minLength: 1, maxLength: 5 }) }),
);

test("a record reads back as it was written", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      expect(decodeRecord(encodeRecord(record))).toEqual(record);
    }),
  );
});

test("a long backlog of one board is split into frames", () => {
  const samples = Array.from({ length: 4500 }, (_, i) => sample(i));
  const read = decodeRecord(encodeRecord([{ mac: mac("b8:27:eb:00:00:01"), samples }]));
  expect(read.map((part) => part.samples.length)).toEqual([2000, 2000, 500]);
  expect(read.flatMap((part) => part.samples)).toEqual(samples);
});

test("a cut or flipped record, or noise, is read or refused with a decode error", () => {
  fc.assert(
    fc.property(anyRecord, fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat(255), (record, noise, place, octet) => {
      const bytes = encodeRecord(record).slice();
      const attempt = (damaged: Uint8Array): void => {
        try {
          decodeRecord(damaged);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DecodeError);
        }
      };
      attempt(noise);
      attempt(bytes.subarray(0, place % bytes.length));
      bytes[place % bytes.length] = octet;
      attempt(bytes);
    }),
  );
});

test("the newest hour answers like a plain list of all samples", () => {
  const board = mac("b8:27:eb:00:00:01");
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(2000), { maxLength: 200 }),
      fc.nat(2000),
      fc.nat(2000),
      fc.integer({ min: 1, max: 50 }),
      (ats, from, to, limit) => {
        const recent = createRecent();
        for (const at of ats) recent.add(board, [sample(at)]);
        const sorted = ats.toSorted((a, b) => a - b);
        const expected = sorted.filter((at) => at >= from && at <= to).slice(0, limit);
        expect(recent.read(board, from, to, limit).map(({ at }) => at)).toEqual(expected);
        expect(recent.newest(board)?.at ?? null).toBe(sorted.at(-1) ?? null);
        for (const at of [from, to]) expect(recent.has(board, at)).toBe(ats.includes(at));
      },
    ),
  );
});

test("a board that sends far too many samples keeps its newest", () => {
  const recent = createRecent({ perBoard: 100, open: 60_000, octets: 1e9 });
  const board = mac("b8:27:eb:00:00:01");
  recent.add(
    board,
    Array.from({ length: 10_000 }, (_, i) => sample(i)),
  );
  const kept = recent.read(board, 0, 1e9, 1e9);
  expect(kept.length).toBeLessThanOrEqual(130);
  expect(kept.at(-1)?.at).toBe(9999);
});

test("memory is bounded whoever sends: the oldest blocks go first, and every board keeps its newest sample", () => {
  const recent = createRecent({ perBoard: 5000, open: 40, octets: 5000 });
  const boards = Array.from({ length: 20 }, (_, n) => mac(`b8:27:eb:00:01:${n.toString(16).padStart(2, "0")}`));
  for (let at = 1; at <= 100; at++) for (const each of boards) recent.add(each, [sample(at)]);
  const kept = boards.flatMap((each) => recent.read(each, 0, 1e9, 1e9));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(60);
  expect(Math.min(...kept.map(({ at }) => at))).toBeGreaterThan(90);
  for (const each of boards) expect(recent.newest(each)?.at).toBe(100);
});
