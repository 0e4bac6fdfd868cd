import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSecrets } from "./secrets.ts";

test("secrets are texts by PDU, in YAML or JSON", () => {
  const secrets = { pdu1: { user: "admin", password: "0123" }, s1: { community: "b#r: amble" } };
  expect(parseSecrets('pdu1: { user: admin, password: "0123" }\ns1:\n  community: "b#r: amble"\n')).toEqual({
    kind: "read",
    secrets,
  });
  expect(parseSecrets(JSON.stringify(secrets))).toEqual({ kind: "read", secrets });
  expect(parseSecrets("# nothing yet\n")).toEqual({ kind: "read", secrets: {} });
});

test.each([
  ["a number", "pdu1: { password: 0123 }", "pdu1: password is not a text"],
  ["an empty text", 'pdu1: { password: "" }', "pdu1: password is not a text"],
  ["a list of PDUs", "- pdu1", "PDUs with their secrets were expected"],
  ["a word", "hunter2", "PDUs with their secrets were expected"],
  ["a PDU without keys", "pdu1: hunter2", "pdu1: keys and texts were expected"],
  ["broken YAML", "pdu1: { password: hunter2", "line 1 is no YAML"],
  ["one PDU twice", "a: { p: x }\na: { p: y }", "line 2 is no YAML"],
  ["an alias", "a: &x { p: hunter2 }\nb: *x", "it has aliases"],
  ["a huge file", "#".repeat(1_000_001), "larger than a megabyte"],
])("%s is refused, without its words", (_, source, why) => {
  const told = parseSecrets(source);
  expect(told).toMatchObject({ kind: "wrong", why: expect.stringContaining(why) });
  expect(JSON.stringify(told)).not.toContain("hunter2");
});

test("whatever stands in the file, it is read or told to be wrong", () => {
  const source = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom("a: &x [*x]", "a: &x {b: *x}", "<<: 1", "%YAML", "a: !!js x"),
  );
  fc.assert(fc.property(source, (text) => ["read", "wrong"].includes(parseSecrets(text).kind)));
});
