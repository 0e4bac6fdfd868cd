import { decodeSamples, encodeSamples } from "@bramble/core/observe";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleAt } from "../fake-parts.ts";
import { SampleBuffer } from "./buffer.ts";

test("a day without a head fits into four megabytes and comes out whole, in order", () => {
  const buffer = new SampleBuffer();
  const day = (24 * 3600) / 5;
  for (let i = 0; i < day; i++) buffer.push(sampleAt(1_793_000_000_000 + i * 5000, i));
  expect(buffer.dropped).toBe(0);
  expect(buffer.bytes).toBeLessThan(4 * 1024 * 1024);
  const times: number[] = [];
  for (let frame = buffer.nextFrame(); frame !== null; frame = buffer.nextFrame()) {
    const samples = decodeSamples(frame);
    times.push(...samples.map(({ at }) => at));
    buffer.stored(samples.at(-1)!.at);
  }
  expect(times).toEqual(Array.from({ length: day }, (_, i) => 1_793_000_000_000 + i * 5000));
  expect(buffer.samples).toBe(0);
});

test("a full buffer gives up its oldest samples and counts them", () => {
  const buffer = new SampleBuffer({ maxBytes: 40_000, chunkSamples: 10, window: 4 });
  for (let i = 0; i < 1000; i++) buffer.push(sampleAt(i * 5000, i));
  expect(buffer.dropped).toBeGreaterThan(0);
  expect(buffer.dropped + buffer.samples).toBe(1000);
  expect(buffer.bytes).toBeLessThanOrEqual(40_000);
  expect(decodeSamples(buffer.nextFrame()!)[0]!.at).toBe(buffer.dropped * 5000);
});

test("the newest sample leaves alone, at once, in the bytes of its frame", () => {
  const buffer = new SampleBuffer();
  const sample = sampleAt(1_793_000_000_000);
  buffer.push(sample);
  expect(buffer.nextFrame()).toEqual(encodeSamples([sample]));
  expect(buffer.nextFrame()).toBeNull();
  expect(buffer.stored(sample.at)).toBe(1);
  expect(buffer.isWaiting).toBe(false);
});

test("an answer frees nothing that was not sent", () => {
  const buffer = new SampleBuffer({ maxBytes: 1e6, chunkSamples: 3, window: 4 });
  for (let i = 0; i < 5; i++) buffer.push(sampleAt(i));
  expect(buffer.stored(1000)).toBe(0);
  buffer.nextFrame();
  expect(buffer.stored(1000)).toBe(3);
  expect(buffer.samples).toBe(2);
});

test("a clock that was set back never lets an old answer free a new sample", () => {
  const buffer = new SampleBuffer();
  buffer.push(sampleAt(1_000_000, 1));
  buffer.nextFrame();
  buffer.push(sampleAt(5000, 2));
  expect(buffer.nextFrame()).toBeNull();
  expect(buffer.stored(1_000_000)).toBe(1);
  expect(decodeSamples(buffer.nextFrame()!)[0]!.uptimeS).toBe(10);
});

/* The buffer beside a plain model of a head, with connections and answers that get lost. */
type Act = { kind: "push"; step: number } | { kind: "send" | "arrive" | "answer" | "cut" };

const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("push" as const), step: fc.integer({ min: -3, max: 20 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("send", "arrive", "answer") }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const) }) },
  ) as fc.Arbitrary<Act>,
  { maxLength: 120 },
);

test("whatever is lost on the way, every sample is stored, or was given up because the buffer was full", () => {
  fc.assert(
    fc.property(
      acts,
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(20_000, 1_000_000),
      (script, chunkSamples, maxBytes) => {
        const buffer = new SampleBuffer({ maxBytes, chunkSamples, window: 2 });
        const stored = new Set<number>();
        let onTheWay: Uint8Array[] = [];
        let answers: number[] = [];
        let at = 1000;
        let count = 0;
        const send = (): boolean => {
          const frame = buffer.nextFrame();
          if (frame !== null) onTheWay.push(frame);
          return frame !== null;
        };
        const arrive = (): boolean => {
          const frame = onTheWay.shift();
          if (frame === undefined) return false;
          const samples = decodeSamples(frame);
          for (const { uptimeS } of samples) stored.add(uptimeS! / 5);
          answers.push(Math.max(...samples.map((sample) => sample.at)));
          return true;
        };
        const answer = (): boolean => {
          const upTo = answers.shift();
          if (upTo !== undefined) buffer.stored(upTo);
          return upTo !== undefined;
        };
        const check = (): void => {
          // Freed without being stored is lost: only what was given up may be missing from both places.
          expect(stored.size + buffer.samples + buffer.dropped).toBeGreaterThanOrEqual(count);
        };
        for (const act of script) {
          if (act.kind === "push") {
            at = Math.max(0, at + act.step);
            buffer.push(sampleAt(at, count++));
          } else if (act.kind === "cut") {
            onTheWay = [];
            answers = [];
            buffer.rewind();
          } else ({ send, arrive, answer })[act.kind]();
          check();
        }
        while (send() || arrive() || answer());
        expect(buffer.samples).toBe(0);
        expect(stored.size).toBeGreaterThanOrEqual(count - buffer.dropped);
        if (maxBytes === 1_000_000) expect(stored.size).toBe(count);
      },
    ),
  );
});
