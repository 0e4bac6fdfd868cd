import fc from "fast-check";
import { expect, test } from "vitest";
import { createLineReader, type LineEvent } from "./lines.ts";

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (most: number, ...pieces: Uint8Array[]): LineEvent[] => {
  const reader = createLineReader(most);
  return pieces.flatMap((piece) => reader.feed(piece));
};

test("lines end in LF or CR LF; what has no end yet is kept", () => {
  expect(read(100, octets("status\r\nnodes\nqu"))).toEqual([
    { kind: "line", text: "status" },
    { kind: "line", text: "nodes" },
  ]);
});

test("a line that is too long is told once and dropped up to its end, and the next is read again", () => {
  expect(read(8, octets("123456789"), octets("0123456789"), octets("\nnodes\r\n"))).toEqual([
    { kind: "too-long" },
    { kind: "line", text: "nodes" },
  ]);
});

test("however a stream is cut, its lines are the same", () => {
  const stream = fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte) => (byte % 9 === 0 ? 10 : byte)));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(300), { maxLength: 20 }), (bytes, cuts) => {
      const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      expect(read(40, ...pieces)).toEqual(read(40, bytes));
    }),
  );
});

test("no stream makes a line longer than the limit, or one with octets beyond ASCII", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), (pieces) => {
      for (const event of read(32, ...pieces))
        if (event.kind === "line") {
          expect(event.text.length).toBeLessThanOrEqual(32);
          expect([...event.text].every((char) => char < "\x80" && char !== "\n")).toBe(true);
        }
    }),
  );
});
