import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter, DecodeError } from "../base/index.ts";
import { decodeSamples, encodeSamples, maxSamplesPerFrame } from "./codec.ts";
import { readingRanges } from "./range.ts";
import type { Readings, Sample } from "./sample.ts";

/** A reading as the codec can carry it: a whole number of steps. */
const steps: Record<keyof Readings, number> = {
  ...{ cpu: 10, load: 100, memoryUsedMb: 10, memoryTotalMb: 10, diskUsedGb: 10, diskTotalGb: 10 },
  ...{ temperatureC: 10, throttled: 1, rxKbps: 1, txKbps: 1, uptimeS: 1 },
};
const reading = (key: keyof Readings) => {
  const [least, most] = readingRanges[key];
  return fc.option(
    fc
      .oneof(
        fc.integer({ min: least * steps[key], max: Math.min(most * steps[key], 2 ** 31 - 1) }),
        fc.constantFrom(least * steps[key], most * steps[key]),
      )
      .map((whole) => whole / steps[key]),
  );
};
const process = fc.record({
  pid: fc.nat(4_194_304),
  name: fc.string({ maxLength: 32 }),
  user: fc.string({ maxLength: 32 }),
  cpu: fc.nat(4000).map((tenths) => tenths / 10),
  memory: fc.nat(1000).map((tenths) => tenths / 10),
});
const sample: fc.Arbitrary<Sample> = fc.record({
  at: fc.nat(8_640_000_000_000),
  ...(Object.fromEntries(Object.keys(steps).map((key) => [key, reading(key as keyof Readings)])) as {
    [K in keyof Readings]: fc.Arbitrary<number | null>;
  }),
  processes: fc.array(process, { maxLength: 5 }),
});
const empty: Sample = {
  ...{ at: 0, cpu: null, load: null, memoryUsedMb: null, memoryTotalMb: null, diskUsedGb: null, diskTotalGb: null },
  ...{ temperatureC: null, throttled: null, rxKbps: null, txKbps: null, uptimeS: null, processes: [] },
};

test("samples read back as they were written, in any order of time, whatever is not measured", () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 30 }), (samples) => {
      expect(decodeSamples(encodeSamples(samples))).toEqual(samples);
    }),
  );
});

test("a frame that was read is written again in the very same octets", () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 10 }), (samples) => {
      const bytes = encodeSamples(samples);
      expect(encodeSamples(decodeSamples(bytes))).toEqual(bytes);
    }),
  );
});

test("a cut or flipped frame, or noise, gives samples or a decode error", () => {
  const attempt = (bytes: Uint8Array): void => {
    try {
      decodeSamples(bytes);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(DecodeError);
      expect((thrown as DecodeError).code).toBe("samples.decode");
    }
  };
  fc.assert(
    fc.property(
      fc.array(sample, { maxLength: 5 }),
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(),
      fc.nat(255),
      (samples, noise, place, octet) => {
        const bytes = encodeSamples(samples);
        const at = place % bytes.length;
        attempt(noise);
        attempt(Uint8Array.of(1, ...noise));
        if (at > 0) expect(() => decodeSamples(bytes.subarray(0, at))).toThrow(DecodeError);
        const flipped = bytes.slice();
        flipped[at] = octet;
        attempt(flipped);
      },
    ),
  );
});

test("values are rounded to their step, once", () => {
  const [read] = decodeSamples(encodeSamples([{ ...empty, at: 5, cpu: 9.7123, load: 0.456, temperatureC: -12.34 }]));
  expect(read).toMatchObject({ at: 5, cpu: 9.7, load: 0.46, temperatureC: -12.3 });
});

test("what is no number at all is not measured", () => {
  const [read] = decodeSamples(
    encodeSamples([{ ...empty, cpu: Number.NaN, load: Number.POSITIVE_INFINITY, rxKbps: 1 }]),
  );
  expect(read).toMatchObject({ cpu: null, load: null, rxKbps: 1 });
});

test("long names are cut, processes beyond five left out", () => {
  const busy = { pid: 1, name: "n".repeat(100), user: "ü".repeat(100), cpu: 1, memory: 1 };
  const [read] = decodeSamples(encodeSamples([{ ...empty, processes: new Array(9).fill(busy) }]));
  expect(read?.processes).toHaveLength(5);
  expect(read?.processes[0]).toMatchObject({ name: "n".repeat(32), user: "ü".repeat(32) });
});

test("a frame that claims more samples than one holds is refused before anything is made", () => {
  expect(() => decodeSamples(Uint8Array.of(1, 0xff, 0xff, 0xff, 0x7f))).toThrow(/at most 2000/);
  expect(decodeSamples(encodeSamples(new Array(maxSamplesPerFrame).fill(empty)))).toHaveLength(maxSamplesPerFrame);
});

test("a frame of another version is told apart from a damaged one", () => {
  expect(() => decodeSamples(Uint8Array.of(2, 0))).toThrow(/version 2/);
});

test("an hour of a quiet board takes few octets", () => {
  const hour = Array.from({ length: 720 }, (_, i) => ({ ...empty, at: 1.8e12 + i * 5000, cpu: 3, temperatureC: 41.5 }));
  expect(encodeSamples(hour).length / hour.length).toBeLessThan(10);
});

test("a reading that runs past what a number can hold is refused with its name", () => {
  const bytes = new ByteWriter(64).u8(1).varint(3);
  for (let n = 0; n < 3; n++)
    bytes
      .zigzag(1000)
      .varint(1)
      .zigzag(2 ** 52 - 1)
      .varint(0);
  expect(() => decodeSamples(bytes.finish())).toThrow("cpu is out of range");
});
