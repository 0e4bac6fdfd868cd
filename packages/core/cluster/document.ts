import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { messageOf } from "../base/index.ts";
import type { Problem, ProblemCode } from "./problem.ts";

/** A value of the file that remembers where it stands; `at` is an offset into the text. */
export type Located =
  | { readonly kind: "scalar"; readonly at: number; readonly value: string | number | boolean | null }
  | { readonly kind: "list"; readonly at: number; readonly items: readonly Located[] }
  | { readonly kind: "map"; readonly at: number; readonly entries: ReadonlyMap<string, Entry> };

/** One key of a map with its value. */
type Entry = { readonly keyAt: number; readonly value: Located };

/** Steps from the top of the file to a value: keys and list positions. */
export type Path = readonly (string | number)[];

/** The text read as YAML, and everything that was wrong with it. */
export type SourceFile = {
  readonly root: Located | null;
  readonly problems: readonly Problem[];
  /** Line and column, both from 1. */
  position(at: number): { readonly line: number; readonly column: number };
};

/** Larger files are refused unread: the thousand-board box needs 20 kB. */
const maxSourceLength = 1_000_000;

/** Read YAML into located values. Never throws: bombs, binaries and broken text become problems. */
export function readSource(source: string): SourceFile {
  const lines = new LineCounter();
  const position = (at: number) => {
    const { line, col } = lines.linePos(Math.max(0, at));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refused = (code: ProblemCode, message: string, at = 0): SourceFile => ({
    root: null,
    position,
    problems: [{ code, ...position(at), path: "", message, expected: "a cluster file in YAML", nearest: null }],
  });
  lines.addNewLine(0);
  if (source.length > maxSourceLength)
    return refused(
      "cluster.too-large",
      `the file has ${source.length} characters; at most ${maxSourceLength} are read`,
    );
  const control = source.search(CONTROL);
  if (control >= 0) return refused("cluster.not-text", `the file holds a control character at offset ${control}`);
  if (nestsTooDeep(source)) return refused("cluster.too-deep", `more than ${maxBrackets} brackets are open at once`);
  lines.lineStarts.length = 0;
  try {
    const document = parseDocument(source, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      // Not "silent": that would also swallow the error about a second document.
      logLevel: "error",
      stringKeys: false,
    });
    const problems = [...document.errors, ...document.warnings].map(
      (error): Problem => ({
        code: "cluster.syntax",
        ...position(error.pos[0]),
        path: "",
        message: error.message,
        expected: "YAML, indented by spaces",
        nearest: null,
      }),
    );
    // The library recurses, and passes on what the engine says when it falls over a tower of brackets or dashes.
    if (problems.some((problem) => /stack/i.test(problem.message))) return refused("cluster.too-deep", tooDeep);
    if (problems.length > 0) return { root: null, problems: problems.slice(0, maxSyntaxProblems), position };
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
      return refused("cluster.empty", "the file is empty; the smallest cluster file is in docs/cluster-file.md");
    return convert(document.contents, position);
  } catch (thrown) {
    const isStack = thrown instanceof RangeError;
    return refused(
      "cluster.too-deep",
      isStack ? tooDeep : `the file could not be read: ${messageOf(thrown).slice(0, 200)}`,
    );
  }
}

/** The value as plain data, for code that knows its type already. Maps have no prototype to pollute. */
export function plain(node: Located): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

/** `banks[3].ports`, as people read a path. */
export function pathText(path: Path): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : `${i === 0 ? "" : "."}${step}`)).join("");
}

/** Where the value at `path` stands; the nearest enclosing value when the path leads nowhere. */
export function offsetOf(root: Located | null, path: Path): number {
  let node = root;
  for (const step of path) {
    let next: Located | undefined;
    if (node?.kind === "map") next = node.entries.get(String(step))?.value;
    if (node?.kind === "list" && typeof step === "number") next = node.items[step];
    if (next === undefined) break;
    node = next;
  }
  return node?.at ?? 0;
}

const maxDepth = 64;
const maxBrackets = 1000;
const maxNodes = 200_000;
const maxSyntaxProblems = 100;
const tooDeep = "the file is nested deeper than any cluster needs";
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/;

function convert(contents: unknown, position: SourceFile["position"]): SourceFile {
  const problems: Problem[] = [];
  // Kept here because asking the library for an alias walks the whole document each time.
  const anchors = new Map<string, unknown>();
  let nodes = 0;
  let isRefused = false;
  const report = (code: ProblemCode, at: number, path: Path, message: string, expected: string | null) =>
    problems.push({ code, ...position(at), path: pathText(path), message, expected, nearest: null });

  const visit = (node: unknown, path: Path): Located => {
    nodes++;
    const at = rangeStart(node);
    const nothing: Located = { kind: "scalar", at, value: null };
    if (isRefused) return nothing;
    if (nodes > maxNodes || path.length > maxDepth) {
      isRefused = true;
      report("cluster.too-deep", at, [], "aliases or nesting spell out more than a cluster file may hold", null);
      return nothing;
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) return visit(target, path);
      report("cluster.syntax", at, path, `the alias *${node.source} has no anchor`, `&${node.source} before it`);
      return nothing;
    }
    if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) return { kind: "list", at, items: node.items.map((item, i) => visit(item, [...path, i])) };
    if (isScalar(node)) return { kind: "scalar", at, value: scalar(node.value) };
    if (!isMap(node)) return nothing;
    const entries = new Map<string, Entry>();
    for (const { key, value } of node.items) {
      if (!isScalar(key)) {
        report("cluster.type", rangeStart(key ?? node), path, "a key must be a word or a number", "a word");
        continue;
      }
      const name = String(key.value);
      const keyAt = rangeStart(key);
      const earlier = entries.get(name);
      if (earlier !== undefined) {
        const first = position(earlier.keyAt);
        report(
          "cluster.key-twice",
          keyAt,
          [...path, name],
          `"${name}" stands twice in one map; the first is on line ${first.line}`,
          "each key once",
        );
        continue;
      }
      const located: Located =
        value === null ? { kind: "scalar", at: keyAt, value: null } : visit(value, [...path, name]);
      entries.set(name, { keyAt, value: located });
    }
    return { kind: "map", at, entries };
  };
  const root = visit(contents, []);
  return { root: isRefused ? null : root, problems, position };
}

function rangeStart(node: unknown): number {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? 0;
}

/** The schema knows only these four; of others the core schema of YAML has none. */
function scalar(value: unknown): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}

/** A cheap count of open brackets, so that the recursive parser never meets a tower of them. */
function nestsTooDeep(source: string): boolean {
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    const char = source.charCodeAt(i);
    if (char === 0x5b || char === 0x7b) depth++;
    else if ((char === 0x5d || char === 0x7d) && depth > 0) depth--;
    if (depth > maxBrackets) return true;
  }
  return false;
}
