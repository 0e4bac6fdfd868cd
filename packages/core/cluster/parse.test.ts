import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCluster } from "./parse.ts";
import { exampleCluster, exampleNames, exampleSource } from "./testing.ts";

const problemsOf = (source: string) => {
  const result = parseCluster(source);
  if (result.kind === "ok") throw new Error("a broken text was taken for a cluster");
  return result.problems;
};

const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h", "i", "j"]
  .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${"abcdefghij"[i]}`).join(",")}]`)
  .join("\n")}\n`;

test.each([
  ["an empty file", "", "cluster.empty", 1],
  ["a file of comments", "# nothing\n# here\n", "cluster.empty", 1],
  ["a file of null", "null\n", "cluster.empty", 1],
  ["a binary", "schema: \u0000\u0001\u0002", "cluster.not-text", 1],
  ["bytes that are no UTF-8", "schema: \ufffd\ufffd", "cluster.not-text", 1],
  ["ten megabytes", "a: b\n".repeat(2_000_000), "cluster.too-large", 1],
  ["aliases that spell out billions", bomb, "cluster.too-deep", 1],
  ["an alias inside itself", "a: &a [*a]\n", "cluster.too-deep", 1],
  ["a long list of aliases", `a: &a [${"x,".repeat(20)}]\nb: [${"*a,".repeat(10_000)}]`, "cluster.too-deep", 1],
  ["an alias of nothing", "a: *nobody\n", "cluster.syntax", 1],
  ["a tower of brackets", "[".repeat(100_000), "cluster.too-deep", 1],
  ["a tower of block lists", "- ".repeat(20_000), "cluster.too-deep", 1],
  ["a tower of questions", "? ".repeat(20_000), "cluster.too-deep", 1],
  [
    "a deep tower of maps",
    Array.from({ length: 900 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
    "cluster.too-deep",
    1,
  ],
  ["tabs as indentation", "schema: bramble/v1\ncluster:\n\tname: x\n", "cluster.syntax", 3],
  ["an open quote", 'schema: "bramble\n', "cluster.syntax", 1],
  ["two documents", "schema: bramble/v1\n---\nschema: bramble/v1\n", "cluster.syntax", 2],
  ["a list", "- a\n- b\n", "cluster.type", 1],
  ["a word", "hello\n", "cluster.type", 1],
  ["a key that is a list", "? [a, b]\n: c\n", "cluster.type", 1],
  ["JSON with one key twice", '{"schema": "bramble/v1", "schema": "bramble/v1"}', "cluster.key-twice", 1],
  ["a prototype for everybody", "__proto__: { polluted: true }\n", "cluster.unknown-key", 1],
  ["a constructor", "constructor: { prototype: 1 }\n", "cluster.unknown-key", 1],
])("%s is refused as a whole, with a line", (_, source, code, line) => {
  const problems = problemsOf(source);
  const found = problems.find((problem) => problem.code === code);
  expect(found, JSON.stringify(problems.slice(0, 3))).toBeDefined();
  expect(found?.line).toBeGreaterThanOrEqual(line);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("a syntax error names its line and column", () => {
  const [problem] = problemsOf(exampleSource("desk-5").replace("racks:\n", "racks: ]\n"));
  const line = exampleSource("desk-5").split("\n").indexOf("racks:") + 1;
  expect(problem).toMatchObject({ code: "cluster.syntax", line, column: 8 });
});

test("Windows line ends and a byte-order mark change nothing", () => {
  const plain = parseCluster(exampleSource("desk-5"));
  expect(parseCluster(`\ufeff${exampleSource("desk-5").replaceAll("\n", "\r\n")}`)).toEqual(plain);
});

test("a JSON file is a cluster file too", () => {
  const problems = problemsOf('{"schema": "bramble/v1", "cluster": {"name": "x"}}');
  expect(new Set(problems.map((problem) => problem.code))).toEqual(new Set(["cluster.missing-key"]));
});

test("an anchor may say once what stands twice", () => {
  const source = exampleSource("desk-5")
    .replace("thermal_c: { soft: 60", "thermal_c: &heat { soft: 60")
    .replace("thermal_c: { throttle: 80, max: 85 }", "thermal_c: *heat");
  expect(parseCluster(source).kind).toBe("ok");
});

test.each(exampleNames)("%s cut anywhere gives problems or a cluster, never a throw", (name) => {
  const source = exampleSource(name);
  for (let i = 0; i <= 20; i++) {
    const result = parseCluster(source.slice(0, Math.floor((source.length * i) / 21)));
    if (i < 10) expect(result.kind).toBe("invalid");
  }
});

test("an example with any characters changed gives problems or a cluster, with places inside the file", () => {
  const source = exampleSource("desk-5");
  const lines = source.split("\n").length;
  const hit = fc.tuple(fc.nat(source.length - 1), fc.constantFrom(..."[]{}:,-&*!|>'\"#%@`\n\t 0aé\u0000"));
  fc.assert(
    fc.property(fc.array(hit, { minLength: 1, maxLength: 4 }), (hits) => {
      const text = [...source];
      for (const [at, char] of hits) text[at] = char;
      const result = parseCluster(text.join(""));
      if (result.kind === "ok") return;
      expect(result.problems.length).toBeGreaterThan(0);
      for (const problem of result.problems) {
        expect(problem.line).toBeGreaterThanOrEqual(1);
        expect(problem.line).toBeLessThanOrEqual(lines + hits.length + 1);
        expect(problem.column).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 80 },
  );
});

test("any text is a problem", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      expect(parseCluster(text).kind).toBe("invalid");
    }),
    { numRuns: 200 },
  );
});

test("a file of ten thousand wrong keys is told in a bounded list", () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `wrong${i}: 1`).join("\n");
  expect(problemsOf(keys).length).toBeLessThanOrEqual(1000);
});

test("variables give addresses; what is not set stays open", () => {
  const variables = { PDU0: "127.30.0.1:10023", PDU1: "", PDU2: "/usr/sbin/uhubctl" };
  const { pdus } = exampleCluster("police-box", { variables });
  expect(pdus.map((pdu) => pdu.address)).toEqual([
    "127.30.0.1:10023",
    null,
    variables.PDU2,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test.each(["http://x/; rm", "/bin/sh -c", "/", "/a//b", `/${"x".repeat(300)}`])(
  "the variable %j is told at its place",
  (PDU2) => {
    const result = parseCluster(exampleSource("police-box"), { variables: { PDU2 } });
    expect(result).toMatchObject({ kind: "invalid", problems: [{ code: "cluster.address", path: "pdus[2].address" }] });
  },
);

test("a cluster cannot be changed by whoever holds it", () => {
  const cluster = exampleCluster("desk-5");
  expect(() => (cluster.boards as unknown[]).push(1)).toThrow(TypeError);
  expect(() => Object.assign(cluster.boards[0]!.watts, { max: 0 })).toThrow(TypeError);
});

test("ten thousand boards, each on a switch port of its own, are one cluster", () => {
  const switches = Array.from(
    { length: 240 },
    (_, i) => `  - { id: s${String(i + 1).padStart(3, "0")}, model: poe48, rack: desk }`,
  );
  const source = exampleSource("desk-5")
    .replace("cidr: 192.168.77.0/24", "cidr: 192.0.0.0/8")
    .replace("192.168.77.<20+board>", "192.<1+switch>.1.<port>")
    .replace(
      "  poe8:",
      "  bank21: { kind: bank, height_u: 2, slots: 21 }\n  poe48: { kind: switch, ports: 48, poe: { driver: x, watts: 600, per_port: 15 }, watts: { max: 600 } }\n  poe8:",
    )
    .replace("amps: 10, volts: 230", "amps: 1000, volts: 230")
    .replace(/\n {2}- \{ id: s1,.*/, (line) => `${line}\n${switches.join("\n")}`)
    .replace(
      /\n {2}- \{ id: k1,.*/,
      '\n  - { id: "k[001-479/2]", model: bank21, switch: "s[001-240]", ports: 1-41/2, power: poe }\n  - { id: "k[002-480/2]", model: bank21, switch: "s[001-240]", ports: 2-42/2, power: poe }',
    )
    .replace(/\n {2}expected: 5[\s\S]*/, "\n");
  const result = parseCluster(source);
  expect(result.kind === "invalid" ? result.problems : result.cluster.groups.length).toBe(10_080);
});
