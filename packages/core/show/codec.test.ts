import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter, DecodeError } from "../base/index.ts";
import { stateKinds } from "../observe/index.ts";
import { applyDelta } from "./apply.ts";
import { decodeFrame, encodeFrame } from "./codec.ts";
import type { BoardRow, Delta, Frame, Light, Snapshot } from "./frame.ts";

const percent = fc.option(fc.integer({ min: 0, max: 100 }), { nil: null });
const row: fc.Arbitrary<BoardRow> = fc.record({
  state: fc.constantFrom(...stateKinds),
  cpu: percent,
  memory: percent,
  temperatureC: fc.option(
    fc.integer({ min: 0, max: 240 }).map((steps) => steps / 2),
    { nil: null },
  ),
  isSimulated: fc.boolean(),
  isWorking: fc.boolean(),
  isThrottled: fc.boolean(),
});
const octet = fc.integer({ min: 0, max: 255 });
const lights: fc.Arbitrary<Light[]> = fc.array(fc.tuple(octet, octet, octet), { maxLength: 40 });
const counters = fc.record({
  samplesPerSecond: fc.integer({ min: 0, max: 1e7 }).map((tenths) => tenths / 10),
  warblesDone: fc.nat(1e9),
  warblesQueued: fc.nat(1e6),
});
const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  kind: fc.constant("snapshot" as const),
  sequence: fc.nat(),
  at: fc.nat({ max: 8_640_000_000_000 }),
  rows: fc.array(row, { maxLength: 60 }),
  lights,
  counters,
});
const delta: fc.Arbitrary<Delta> = fc
  .record({
    base: fc.nat(),
    step: fc.nat(100),
    at: fc.nat({ max: 8_640_000_000_000 }),
    rows: fc.uniqueArray(fc.record({ index: fc.nat(10_000), row }), { selector: ({ index }) => index, maxLength: 60 }),
    lights: fc.option(lights, { nil: null }),
    counters: fc.option(counters, { nil: null }),
  })
  .map(({ base, step, rows, ...rest }) => ({
    kind: "delta",
    base,
    sequence: base + step,
    rows: rows.toSorted((a, b) => a.index - b.index),
    ...rest,
  }));
const frame: fc.Arbitrary<Frame> = fc.oneof(snapshot, delta);

const idle: BoardRow = {
  state: "up",
  cpu: 3,
  memory: 25,
  temperatureC: 41.5,
  isSimulated: true,
  isWorking: false,
  isThrottled: false,
};

test("decoding undoes encoding", () => {
  fc.assert(
    fc.property(frame, (value) => {
      expect(decodeFrame(encodeFrame(value))).toEqual(value);
    }),
  );
});

test("encoding undoes decoding of what was encoded", () => {
  fc.assert(
    fc.property(frame, (value) => {
      const bytes = encodeFrame(value);
      expect(encodeFrame(decodeFrame(bytes))).toEqual(bytes);
    }),
  );
});

test("a cut or flipped frame gives a frame or a decode error, never anything else", () => {
  fc.assert(
    fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (value, where, mask, isCut) => {
      const bytes = encodeFrame(value);
      const at = where % bytes.length;
      const hurt = isCut ? bytes.slice(0, at) : bytes.map((octet, i) => (i === at ? octet ^ mask : octet));
      expectFrameOrDecodeError(hurt);
    }),
    { numRuns: 500 },
  );
});

test("any octets give a frame or a decode error", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), expectFrameOrDecodeError), { numRuns: 500 });
});

test("a changed board costs at most eight octets, also the last of ten thousand", () => {
  const one = (rows: Delta["rows"]): number =>
    encodeFrame({ kind: "delta", base: 9, sequence: 10, at: 1, rows, lights: null, counters: null }).length;
  const empty = one([]);
  expect(one([{ index: 9_999, row: idle }]) - empty).toBeLessThanOrEqual(8);
  const all = Array.from({ length: 1050 }, (_, index) => ({ index, row: idle }));
  expect((one(all) - empty) / 1050).toBeLessThanOrEqual(5.01);
});

test("readings are rounded and clamped to what a picture needs", () => {
  const rows = [{ ...idle, cpu: 101.2, memory: -3, temperatureC: 41.26 }];
  const read = decodeFrame(
    encodeFrame({ kind: "snapshot", sequence: 1, at: 1, rows, lights: [], counters: noCounters }),
  );
  expect(read.kind === "snapshot" && read.rows[0]).toMatchObject({ cpu: 100, memory: 0, temperatureC: 41.5 });
});

test("a frame that announces more rows than it holds is refused before any is made", () => {
  const bytes = encodeFrame({ kind: "snapshot", sequence: 0, at: 0, rows: [], lights: [], counters: noCounters });
  const lie = Uint8Array.from([...bytes.slice(0, 4), 0xff, 0xff, 0x03, ...bytes.slice(5)]);
  expect(() => decodeFrame(lie)).toThrow(/too few octets/);
});

test("a picture with its deltas is the picture that the head has", () => {
  fc.assert(
    fc.property(snapshot, fc.array(row, { minLength: 1, maxLength: 60 }), lights, (picture, rows, lamp) => {
      const next: Delta = {
        kind: "delta",
        base: picture.sequence,
        sequence: picture.sequence + 1,
        at: picture.at + 1,
        rows: rows.map((each, index) => ({ index, row: each })),
        lights: lamp,
        counters: null,
      };
      const applied = applyDelta(picture, next);
      expect(applied).toEqual({
        ...picture,
        sequence: next.sequence,
        at: next.at,
        lights: lamp,
        rows: [...rows, ...picture.rows.slice(rows.length)],
      });
    }),
  );
});

test("a delta on another sequence, or with a hole before its board, is a gap", () => {
  const picture: Snapshot = { kind: "snapshot", sequence: 4, at: 0, rows: [idle], lights: [], counters: noCounters };
  const next: Delta = { kind: "delta", base: 5, sequence: 6, at: 1, rows: [], lights: null, counters: null };
  expect(applyDelta(picture, next)).toEqual({ kind: "gap", picture: 4, base: 5 });
  expect(applyDelta(picture, { ...next, base: 4, rows: [{ index: 2, row: idle }] }).kind).toBe("gap");
});

test("a delta that stands on a frame before the first is refused", () => {
  const of = (back: number) => new ByteWriter(32).u8(1).u8(1).varint(0).varint(back).varint(0).varint(0).u8(0).finish();
  expect(decodeFrame(of(0))).toMatchObject({ kind: "delta", base: 0, sequence: 0 });
  expect(() => decodeFrame(of(1))).toThrow("a delta on a base before the first frame");
});

test("a delta leaves as it was what it does not speak of", () => {
  const lamp: Snapshot["lights"] = [[1, 2, 3]];
  const picture: Snapshot = { kind: "snapshot", sequence: 4, at: 0, rows: [idle], lights: lamp, counters: noCounters };
  const next: Delta = { kind: "delta", base: 4, sequence: 5, at: 1, rows: [], lights: null, counters: null };
  expect(applyDelta(picture, next)).toEqual({ ...picture, sequence: 5, at: 1 });
  const counters = { ...noCounters, warblesDone: 9 };
  expect(applyDelta(picture, { ...next, counters })).toMatchObject({ lights: lamp, counters, rows: [idle] });
});

const noCounters = { samplesPerSecond: 0, warblesDone: 0, warblesQueued: 0 };

function expectFrameOrDecodeError(bytes: Uint8Array): void {
  try {
    const read = decodeFrame(bytes);
    expect(read.rows.length).toBeLessThan(70_000);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(DecodeError);
    expect((thrown as DecodeError).code).toBe("show.decode");
  }
}
