import { expect, test } from "vitest";
import { definePowerDriver, type PowerConfig } from "./driver.ts";
import { checkPowerConfig, choice, flag, list, pattern, readAddress, readSettings, text, whole } from "./settings.ts";

const settings = {
  name: text("a name"),
  words: list("some words", ["a"]),
  match: pattern("a pattern", /on/),
  count: whole("how many", 1, 4, 2),
  loud: flag("whether", false),
  version: choice("which", ["1", "2c", "3"], "2c"),
};

function config(said: PowerConfig["settings"], more: Partial<PowerConfig> = {}): PowerConfig {
  return { pdu: "pdu1", address: "10.0.0.1", outlets: 4, settings: said, secret: null, ...more };
}

test("what the file is silent about is the fallback", () => {
  expect(readSettings(config({ name: "x" }), settings)).toEqual({
    ...{ name: "x", words: ["a"], match: /on/, count: 2, loud: false, version: "2c" },
  });
});

test("what the file says is read in the kind that is wanted", () => {
  const said = { name: "x", words: ["p", "q"], match: "o(ff)", count: 4, loud: true, version: 1 };
  expect(readSettings(config(said), settings)).toEqual({ ...said, match: /o(ff)/i, version: "1" });
});

test.each([
  ["a key that nobody knows", { name: "x", cuont: 2 }, 'this make has no setting "cuont"; did you mean count?'],
  ["a key far from all", { name: "x", frobnicate: 2 }, "it has name, words, match, count, loud, version"],
  ["a key that is needed", {}, "settings.name is missing; a text was expected"],
  ["a text that is a number", { name: 5 }, "settings.name is 5; a text was expected"],
  ["a text with a line end", { name: "a\nb" }, "a text was expected"],
  ["an empty text", { name: "" }, "a text was expected"],
  ["an empty list", { name: "x", words: [] }, "a list of texts was expected"],
  ["a text for a list", { name: "x", words: "p" }, "a list of texts was expected"],
  ["a pattern that is none", { name: "x", match: "(" }, "a regular expression"],
  ["a pattern that is empty", { name: "x", match: "" }, "a regular expression"],
  ["a number out of range", { name: "x", count: 5 }, "settings.count is 5; a whole number from 1 to 4 was expected"],
  ["half a number", { name: "x", count: 1.5 }, "a whole number from 1 to 4"],
  ["a word for a flag", { name: "x", loud: "yes" }, "true or false was expected"],
  ["another word", { name: "x", version: "4" }, "1, 2c or 3 was expected"],
])("%s is refused with PDU, key and what was expected", (_, said, message) => {
  expect(() => readSettings(config(said), settings)).toThrow(`pdu1: `);
  expect(() => readSettings(config(said), settings)).toThrow(message);
});

test("a check tells all that is wrong at once, and never a secret", () => {
  const driver = definePowerDriver({
    ...{ id: "x", summary: "x", settings, secrets: { password: "its password" } },
    open: () => Promise.reject(new Error("is not opened")),
  });
  const secret = { pasword: "hunter2", password: "hunter3" };
  const told = checkPowerConfig(driver, config({ cuont: 1, loud: 1 }, { secret }));
  expect(told).toEqual([
    'this make has no setting "cuont"; did you mean count?',
    "settings.name is missing; a text was expected",
    "settings.loud is 1; true or false was expected",
    'this make has no secret "pasword"; did you mean password?',
  ]);
  const bare = definePowerDriver({ id: "y", summary: "y", open: driver.open });
  expect(checkPowerConfig(bare, config({}))).toEqual([]);
  expect(checkPowerConfig(bare, config({ a: 1 }))).toEqual(['this make has no setting "a"; it has none']);
});

test.each([
  ["10.0.0.1", 23, { host: "10.0.0.1", port: 23 }],
  ["10.0.0.1:2323", 23, { host: "10.0.0.1", port: 2323 }],
  ["pdu.example", 80, { host: "pdu.example", port: 80 }],
  ["[fe80::1]:80", null, { host: "fe80::1", port: 80 }],
  ["[::1]", 443, { host: "::1", port: 443 }],
])("%s is an address", (address, usual, expected) => {
  expect(readAddress(config({}, { address }), usual)).toEqual(expected);
});

test.each([
  ["", 80],
  ["10.0.0.1", null],
  ["a:0", 80],
  ["a:65536", 80],
  ["::1", 80],
  ["a b", 80],
  ["user@host", 80],
  ["http://a", 80],
])('"%s" is none', (address, usual) => {
  expect(() => readAddress(config({}, { address }), usual)).toThrow(/^pdu1: address .* is not host/);
});
