import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeReply, encodeReply, parseCommand } from "./words.ts";

test.each([
  ["on b[0001-0042]", { kind: "on", set: "b[0001-0042]" }],
  ["OFF b0001,b0002 ", { kind: "off", set: "b0001,b0002" }],
  ["cycle  @k01", { kind: "cycle", set: "@k01" }],
  ["reset b1", { kind: "reset", set: "b1" }],
  ["status", { kind: "status", set: null }],
  ["status b1", { kind: "status", set: "b1" }],
  ["temp", { kind: "temp", set: null }],
  ["device b1", { kind: "device", set: "b1" }],
  ["nodes", { kind: "nodes" }],
  ["flash b1", { kind: "beacon" }],
  ["quit", { kind: "quit" }],
  ["on", { kind: "unknown" }],
  ["onward b1", { kind: "unknown" }],
  ["", { kind: "unknown" }],
  ["POST /off HTTP/1.1", { kind: "foreign" }],
  ["GET / http/1.0", { kind: "foreign" }],
  ["\x16\x03\x01\x02", { kind: "foreign" }],
])("%j is read", (line, command) => {
  expect(parseCommand(line)).toEqual(command);
});

test("any line is read as something, and only a set that was written is one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii", maxLength: 200 }), (line) => {
      const command = parseCommand(line);
      if ("set" in command && command.set !== null) expect(line).toContain(command.set);
    }),
  );
});

const anyText = fc
  .array(fc.integer({ min: 0, max: 0x2fff }), { maxLength: 60 })
  .map((points) => String.fromCodePoint(...points));

test("what is encoded is decoded, as one line, whatever the text holds", () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 399 }), anyText, (code, text) => {
      const line = encodeReply(code, text);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(decodeReply(line)?.code).toBe(code);
      if (/^[\x20-\x7e]+$/.test(text)) expect(decodeReply(line)?.text).toBe(text);
    }),
  );
});

test("what is no answer is decoded as none", () => {
  expect(decodeReply("powerman> ")).toBeNull();
  expect(decodeReply("10")).toBeNull();
});
