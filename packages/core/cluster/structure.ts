import { nearest } from "../base/index.ts";
import { type Located, type Path, pathText, type SourceFile } from "./document.ts";
import type { Problem, ProblemCode } from "./problem.ts";

/** The part of JSON Schema that our schema uses. */
export type SchemaNode = {
  readonly type?: string;
  readonly title?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[] | undefined;
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
};

/**
 * Everything in the file that its schema forbids, each with its place.
 * Agrees with the JSON Schema on what is valid; says more than it on what is not.
 */
export function checkStructure(
  file: SourceFile,
  schema: SchemaNode,
): { readonly problems: readonly Problem[]; readonly isUsable: boolean } {
  const problems: Problem[] = [];
  // An unknown key takes nothing away, so the rest can still be resolved; after anything else it would only breed echoes.
  let isUsable = file.root !== null;
  const report: Report = (code, at, path, message, expected, near = null) => {
    if (code !== "cluster.unknown-key") isUsable = false;
    if (problems.length < maxProblems)
      problems.push({ code, ...file.position(at), path: pathText(path), message, expected, nearest: near });
  };
  if (file.root !== null) check(file.root, schema, [], report);
  return { problems, isUsable };
}

type Report = (
  code: ProblemCode,
  at: number,
  path: Path,
  message: string,
  expected: string | null,
  near?: string | null,
) => void;

/** Past this many problems the list helps nobody. */
const maxProblems = 1000;

function check(node: Located, schema: SchemaNode, path: Path, report: Report): void {
  if (schema.anyOf !== undefined) {
    checkUnion(node, schema, schema.anyOf, path, report);
    return;
  }
  const allowed = schema.const !== undefined ? [schema.const] : schema.enum;
  if (allowed !== undefined) {
    checkChoice(node, allowed, path, report);
    return;
  }
  if (schema.type === "object") {
    checkMap(node, schema, path, report);
    return;
  }
  if (schema.type === "array") {
    checkList(node, schema, path, report);
    return;
  }
  checkScalar(node, schema, path, report);
}

function checkMap(node: Located, schema: SchemaNode, path: Path, report: Report): void {
  if (node.kind !== "map") {
    wrongType(node, schema, "a map of keys and values", path, report);
    return;
  }
  const properties = schema.properties ?? {};
  const patterns = Object.entries(schema.patternProperties ?? {});
  const free = Object.keys(properties).filter((key) => !node.entries.has(key));
  let unknown = 0;
  for (const [key, entry] of node.entries) {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const child = known ?? patterns.find(([pattern]) => new RegExp(pattern, "u").test(key))?.[1];
    const inside = [...path, key];
    if (child !== undefined) check(entry.value, child, inside, report);
    else if (patterns.length > 0)
      report(
        "cluster.value",
        entry.keyAt,
        inside,
        `"${short(key)}" cannot be a key here`,
        `a key like ${patterns[0]?.[0]}`,
      );
    else if (unknown++ < maxProblems) unknownKey(key, entry.keyAt, Object.keys(properties), free, inside, report);
  }
  for (const key of schema.required ?? []) {
    if (node.entries.has(key)) continue;
    const title = properties[key]?.title;
    report("cluster.missing-key", node.at, [...path, key], `"${key}" is missing${within(path)}`, title ?? key);
  }
}

function unknownKey(
  key: string,
  at: number,
  known: readonly string[],
  free: readonly string[],
  path: Path,
  report: Report,
): void {
  const near = key.length > 40 ? null : nearest(key, free);
  const hint = near === null ? "" : `; did you mean "${near}"?`;
  report("cluster.unknown-key", at, path, `"${short(key)}" is no key here${hint}`, `one of ${known.join(", ")}`, near);
}

function checkList(node: Located, schema: SchemaNode, path: Path, report: Report): void {
  if (node.kind !== "list") {
    wrongType(node, schema, "a list", path, report);
    return;
  }
  if (node.items.length < (schema.minItems ?? 0))
    report(
      "cluster.value",
      node.at,
      path,
      "the list is empty",
      `${schema.title ?? "a list"}, at least ${schema.minItems}`,
    );
  if (schema.items !== undefined)
    for (const [i, item] of node.items.entries()) check(item, schema.items, [...path, i], report);
}

function checkUnion(
  node: Located,
  schema: SchemaNode,
  branches: readonly SchemaNode[],
  path: Path,
  report: Report,
): void {
  if (branches.some((branch) => isValid(node, branch))) return;
  const kinds = branches.map((branch) => branch.properties?.kind?.const);
  if (node.kind !== "map" || kinds.some((kind) => typeof kind !== "string")) {
    wrongType(node, schema, "a value", path, report);
    return;
  }
  const kind = node.entries.get("kind")?.value;
  const chosen = kind?.kind === "scalar" ? kinds.indexOf(kind.value) : -1;
  const branch = branches[chosen];
  if (branch !== undefined) {
    check(node, branch, path, report);
    return;
  }
  if (kind === undefined) {
    report(
      "cluster.missing-key",
      node.at,
      [...path, "kind"],
      `"kind" is missing${within(path)}`,
      `one of ${kinds.join(", ")}`,
    );
    return;
  }
  checkChoice(kind, kinds, [...path, "kind"], report);
}

function isValid(node: Located, schema: SchemaNode): boolean {
  let valid = true;
  check(node, schema, [], () => {
    valid = false;
  });
  return valid;
}

function checkChoice(node: Located, allowed: readonly unknown[], path: Path, report: Report): void {
  if (node.kind === "scalar" && allowed.includes(node.value)) return;
  const expected = allowed.length === 1 ? `${allowed[0]}` : `one of ${allowed.join(", ")}`;
  const near = node.kind === "scalar" ? nearest(String(node.value), allowed.map(String)) : null;
  const hint = near === null ? "" : `; did you mean "${near}"?`;
  report("cluster.value", node.at, path, `${shown(node)} is not allowed${within(path)}${hint}`, expected, near);
}

function checkScalar(node: Located, schema: SchemaNode, path: Path, report: Report): void {
  const expected = schema.title ?? schema.type ?? "a value";
  const value = node.kind === "scalar" ? node.value : null;
  if (schema.type === "boolean") {
    if (typeof value !== "boolean") wrongType(node, schema, "true or false", path, report);
  } else if (schema.type === "string") {
    if (typeof value !== "string") {
      wrongType(node, schema, "text", path, report);
      return;
    }
    // JSON Schema counts code points, not UTF-16 units.
    const length = [...value].length;
    const fits = length >= (schema.minLength ?? 0) && length <= (schema.maxLength ?? Number.POSITIVE_INFINITY);
    if (!fits || (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)))
      report("cluster.value", node.at, path, `${shown(node)} is not ${expected}`, expected);
  } else {
    const isNumber = typeof value === "number" && Number.isFinite(value);
    if (!isNumber || (schema.type === "integer" && !Number.isInteger(value))) {
      wrongType(node, schema, "a number", path, report);
      return;
    }
    const fits =
      value >= (schema.minimum ?? Number.NEGATIVE_INFINITY) &&
      value <= (schema.maximum ?? Number.POSITIVE_INFINITY) &&
      value > (schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
    if (!fits) report("cluster.value", node.at, path, `${shown(node)} is out of bounds${within(path)}`, bounds(schema));
  }
}

function bounds(schema: SchemaNode): string {
  const low = schema.exclusiveMinimum === undefined ? `from ${schema.minimum}` : `above ${schema.exclusiveMinimum}`;
  return `${schema.title ?? "a number"}, ${low}${schema.maximum === undefined ? "" : ` to ${schema.maximum}`}`;
}

function wrongType(node: Located, schema: SchemaNode, fallback: string, path: Path, report: Report): void {
  const expected = schema.title ?? fallback;
  report("cluster.type", node.at, path, `${shown(node)} stands where ${expected} belongs`, expected);
}

function within(path: Path): string {
  return path.length === 0 ? "" : ` in ${pathText(path)}`;
}

function shown(node: Located): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "a map";
  if (node.value === null) return "nothing";
  return typeof node.value === "string" ? `"${short(node.value)}"` : String(node.value);
}

function short(value: string): string {
  return value.length <= 40 ? value : `${value.slice(0, 39)}…`;
}
