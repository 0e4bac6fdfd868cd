import fc from "fast-check";
import { expect, test } from "vitest";
import { readBoardMessage, readHeadMessage } from "./index.ts";

test("a message of the head is read as it was written", () => {
  expect(readHeadMessage('{"type":"stored","upTo":5}')).toEqual({ type: "stored", upTo: 5 });
  expect(readBoardMessage('{"type":"ready","slots":1}')).toEqual({ type: "ready", slots: 1 });
});

test.each([
  ["no JSON", "{"],
  ["another type", '{"type":"drop tables"}'],
  ["a missing field", '{"type":"stored"}'],
  ["a wrong kind of value", '{"type":"taken","lease":7}'],
  ["a list", "[]"],
  ["nothing", "null"],
])("%s is no message", (_what, text) => {
  expect(readHeadMessage(text)).toBeNull();
  expect(readBoardMessage(text)).toBeNull();
});

test("no text makes the readers throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      readHeadMessage(text);
      readBoardMessage(text);
    }),
  );
});
