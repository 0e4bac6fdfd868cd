import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { parseCluster } from "./parse.ts";
import { clusterJsonSchema } from "./schema.ts";
import { type ExampleName, exampleNames, exampleSource } from "./testing.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const isAllowed = new Ajv({ strict: true, allowUnionTypes: true }).compile(clusterJsonSchema());
const structural = new Set(["cluster.unknown-key", "cluster.missing-key", "cluster.type", "cluster.value"]);
const load = (name: ExampleName) => parseDocument(exampleSource(name)).toJS() as Json;

/** What our own validator says about the form alone. */
function isWellFormed(value: Json): boolean {
  const result = parseCluster(stringify(value, { aliasDuplicateObjects: false }));
  return result.kind === "ok" || !result.problems.some((problem) => structural.has(problem.code));
}

test.each(exampleNames)("%s follows the JSON Schema", (name) => {
  expect(isAllowed(load(name)), JSON.stringify(isAllowed.errors)).toBe(true);
});

test("the schema beside the examples is the one the code makes", () => {
  const shipped = JSON.parse(readFileSync(new URL("../../../examples/cluster.schema.json", import.meta.url), "utf8"));
  const { $comment, ...rest } = shipped;
  expect($comment).toContain("write-schema.ts");
  expect(rest, "run: node packages/core/cluster/write-schema.ts").toEqual(clusterJsonSchema());
});

test.each(exampleNames)("%s tells editors where its schema is", (name) => {
  expect(exampleSource(name)).toMatch(/^# yaml-language-server: \$schema=cluster\.schema\.json\n/);
});

test.each<[ExampleName, number]>([
  ["desk-5", 100],
  ["mini-84", 30],
  ["police-box-garage", 6],
])("whatever happens to %s, the JSON Schema and the validator agree", (name, numRuns) => {
  const original = load(name);
  const paths = pathsOf(original, []);
  const scalar = fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1.5,
    7,
    1e12,
    "",
    "k01",
    "b[1-2",
    "poe",
    "all",
    "10.0.0.1",
    "é".repeat(70),
    [],
    {},
    ["k01"],
    { kind: "pdu" },
  );
  const change = fc.record({
    path: fc.constantFrom(...paths),
    act: fc.constantFrom("drop", "replace", "rename", "extra", "swap"),
    value: scalar,
    other: fc.constantFrom(...paths),
  });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const mutant = structuredClone(original);
      for (const { path, act, value, other } of changes)
        mutate(mutant, path, act, act === "swap" ? valueAt(original, other) : value);
      const allowed = isAllowed(mutant);
      if (!allowed) refused++;
      expect(isWellFormed(mutant), JSON.stringify({ changes, errors: isAllowed.errors })).toBe(allowed);
    }),
    { numRuns },
  );
  expect(refused).toBeGreaterThan(0);
});

type Step = string | number;

function pathsOf(value: Json, path: Step[]): Step[][] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Array.isArray(value) ? value.map((item, i): [Step, Json] => [i, item]) : Object.entries(value);
  const below = inside.flatMap(([step, item]) => pathsOf(item, [...path, step]));
  return path.length === 0 ? below : [path, ...below];
}

function valueAt(root: Json, path: readonly Step[]): Json {
  return path.reduce<Json>((value, step) => (value as Record<Step, Json>)?.[step] ?? null, root);
}

function mutate(root: Json, path: readonly Step[], act: string, value: Json): void {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1)!;
  if (typeof parent !== "object" || parent === null) return;
  const map = parent as Record<Step, Json>;
  const own = map[last] ?? null;
  if (act === "replace" || act === "swap") map[last] = structuredClone(value);
  else if (act === "extra" && typeof own === "object" && own !== null && !Array.isArray(own)) own.colour = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else {
    delete map[last];
    if (act === "rename") map[`${last}s`] = own;
  }
}
