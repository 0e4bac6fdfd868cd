import fc from "fast-check";
import { expect, test } from "vitest";
import { nameOfUser, parseUser, userText } from "./user.ts";

test.each([
  ["ada", "web:ada"],
  ["web:ada", "web:ada"],
  ["cli:ada", "cli:ada"],
  ["mastodon:ada@example.org", "mastodon:ada@example.org"],
  ["  Ada Lovelace ", "web:Ada Lovelace"],
  ["Zoe\u0308", "web:Zo\u00eb"],
])("%j is the user %s", (typed, stored) => {
  expect(userText(parseUser(typed)!)).toBe(stored);
});

test.each([
  ["nothing", ""],
  ["a scheme alone", "web:"],
  ["two schemes", "web:cli:ada"],
  ["a line end", "ada\nbob"],
  ["a NUL", "ada\0"],
  ["an invisible letter", "ada\u200b"],
  ["a text that runs backwards", "\u202eada"],
  ["markup", "<b>ada</b>"],
  ["a path", "../ada"],
  ["sixty-five letters", "a".repeat(65)],
])("%s is no user", (_case, typed) => {
  expect(parseUser(typed)).toBeNull();
});

test("a program knows its user without the scheme", () => {
  expect(nameOfUser("web:ada")).toBe("ada");
  expect(nameOfUser("mastodon:ada@example.org")).toBe("ada@example.org");
});

test("whatever is typed is nobody or a user that reads back from its one word", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 70 }),
    fc
      .tuple(fc.constantFrom("", "web:", "cli:", "Web:", "x:"), fc.string({ maxLength: 20 }))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (typed) => {
      const user = parseUser(typed);
      if (user === null) return;
      expect(parseUser(userText(user))).toEqual(user);
      expect(nameOfUser(userText(user))).toBe(user.name);
      expect(user.name.length).toBeLessThanOrEqual(64);
      expect(user.name).not.toMatch(/[:\n\t]|^ | $/);
    }),
    { numRuns: 500 },
  );
});
