import { expect, test } from "vitest";
import { compose, offsetOf } from "./compose.ts";

test.each([
  ["bare code is wrapped", "PRINT(1)", "#pi{PRINT(1)}", true],
  ["a post stays as it is", "#pi{PRINT(1)}", "#pi{PRINT(1)}", false],
  ["a post with words around it too", "hello #PI {PRINT(1)} @cluster", "hello #PI {PRINT(1)} @cluster", false],
  ["a program in braces too", "{PRINT(1)}", "{PRINT(1)}", false],
  ["spaces around are dropped", "  PRINT(1)\n", "#pi{PRINT(1)}", true],
  ["nothing stays nothing", "  ", "", false],
])("%s", (_, typed, text, isWrapped) => {
  expect(compose(typed)).toMatchObject({ text, isWrapped });
});

test("length counts code points of what is sent, not UTF-16 units", () => {
  expect(compose('PRINT("😀")').length).toBe([...'#pi{PRINT("😀")}'].length);
});

test.each([
  ["in a post", '#pi{PRINT("😀")x}', 15, 15],
  ["in wrapped code", '  PRINT("😀")x', 15, 13],
  ["before everything", "PRINT(1)", 1, 0],
  ["after everything", "PRINT(1)", 900, 8],
])("a position %s points at the right letter", (_, typed, pos, offset) => {
  expect(offsetOf(typed, compose(typed), pos)).toBe(offset);
});
