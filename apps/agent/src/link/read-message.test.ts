import { readHeadMessage } from "@bramble/core/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chunkAnswer, foldOrder, order, welcome } from "../fake-parts.ts";
import { readMessage } from "./read-message.ts";

const messages: Record<string, unknown>[] = [
  welcome,
  { ...welcome, place: { rack: "r1", bank: "k01", slot: 3 } },
  { type: "refused", code: "link.refused", message: "no", retryAfterMs: 5 },
  { type: "stored", upTo: 1_793_000_000_000 },
  { ...order("a"), saved: { x: "1", __proto__: null } },
  { ...order("a"), spread: true },
  { type: "chunks", lease: "a", post: "{1}", order: foldOrder, from: 0, count: 5, budget: 1e6, timeoutMs: 9 },
  { type: "folded", lease: "a", fold: 0, answers: [null, chunkAnswer], isLast: true },
  { type: "taken", lease: "a" },
  { type: "cancel", lease: "a" },
  { ...welcome, role: null },
  { ...welcome, role: { id: "worker", checksum: "aa", bytes: 3 } },
  { type: "role", role: { id: "worker", checksum: "aa", bytes: 3 } },
  { type: "role", role: null },
  { type: "halt", reason: "its power goes off" },
  { type: "halt", reason: "an operator asks for it", restart: true },
];

test.each(messages)("a message of the head is read: $type", (message) => {
  expect(readMessage(JSON.stringify(message))).toEqual(JSON.parse(JSON.stringify(message)));
});

test("exactly what the schema allows is read", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(0, -1, 1.5, 1e300, "", "a", null, {}, [], [[1, "1"]], [[1, 1]], [[1]], { x: 1 }, { x: "1" }),
  );
  /** A right message with one of its fields, or of its place's, gone, replaced or added. */
  const nearly = fc.constantFrom(...messages).chain((message) =>
    fc
      .tuple(
        fc.constantFrom(
          ...Object.keys(message),
          "at",
          "globals",
          "value",
          "made",
          "rack",
          "slot",
          "role",
          "checksum",
          "bytes",
          "more",
        ),
        value,
        fc.constantFrom("gone", "new", "inner"),
      )
      .map(([field, put, how]) => {
        if (how === "inner" && "order" in message) return { ...message, order: { ...foldOrder, [field]: put } };
        if (how === "inner" && "answers" in message) return { ...message, answers: [{ ...chunkAnswer, [field]: put }] };
        if (how === "inner" && "role" in message && message.role !== null)
          return { ...message, role: { id: "worker", checksum: "aa", bytes: 3, [field]: put } };
        if (how === "inner") return { ...message, place: { rack: "r", bank: "k", slot: 1, [field]: put } };
        const { [field]: _old, ...rest } = message;
        return how === "gone" ? rest : { ...rest, [field]: put };
      }),
  );
  const text = fc.oneof(
    nearly.map((message) => JSON.stringify(message)),
    fc.json(),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (frame) => {
      expect(readMessage(frame)).toEqual(readHeadMessage(frame));
    }),
    { numRuns: 2000 },
  );
});

test("a number too large for JSON's reader is no number", () => {
  expect(readMessage('{"type":"stored","upTo":1e999}')).toBeNull();
});
