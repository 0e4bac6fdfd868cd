import { nearest } from "../base/index.ts";
import { offsetOf, type Path, pathText, type SourceFile } from "./document.ts";
import { expandNames } from "./names.ts";
import type { Problem, ProblemCode } from "./problem.ts";
import type { ClusterFile } from "./schema.ts";

/** What a name of the file belongs to. */
export type ThingKind = "rack" | "half" | "switch" | "bank" | "supply" | "PDU" | "circuit" | "device" | "role";

/** A model of the file of one kind. */
export type Model<Kind> = Extract<ClusterFile["models"][string], { kind: Kind }>;

/** More than a message: what was expected, and the right name most likely meant. */
export type Hint = { readonly expected?: string; readonly nearest?: string | null };

/** How large a file in the folder of the cluster file or below is, or why it cannot be had. */
export type Beside = (
  from: string,
) => { readonly kind: "file"; readonly bytes: number } | { readonly kind: "none"; readonly why: string };

/** One file while it is being resolved: its names, and what was found wrong so far. */
export class Resolving {
  readonly file: ClusterFile;
  readonly variables: Readonly<Record<string, string>>;
  readonly beside: Beside | null;
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #source: SourceFile;
  readonly #things = new Map<string, { kind: ThingKind; path: Path }>();

  constructor(
    file: ClusterFile,
    source: SourceFile,
    variables: Readonly<Record<string, string>>,
    beside: Beside | null = null,
  ) {
    this.file = file;
    this.#source = source;
    this.variables = variables;
    this.beside = beside;
  }

  error(code: ProblemCode, path: Path, message: string, hint: Hint = {}): void {
    if (this.errors.length < maxProblems) this.errors.push(this.#problem(code, path, message, hint));
  }

  warn(code: ProblemCode, path: Path, message: string, hint: Hint = {}): void {
    if (this.warnings.length < maxProblems) this.warnings.push(this.#problem(code, path, message, hint));
  }

  offset(path: Path): number {
    return offsetOf(this.#source.root, path);
  }

  lineOf(path: Path): number {
    return this.#source.position(this.offset(path)).line;
  }

  /** Make a name known. The first owner keeps it. */
  declare(name: string, kind: ThingKind, path: Path): boolean {
    const taken = this.#things.get(name);
    if (taken === undefined && !reserved.has(name)) {
      this.#things.set(name, { kind, path });
      return true;
    }
    const owner = taken === undefined ? "the language itself" : `a ${taken.kind} on line ${this.lineOf(taken.path)}`;
    this.error("cluster.name-twice", path, `"${name}" is already the name of ${owner}`, {
      expected: "a name of its own",
    });
    return false;
  }

  kindOf(name: string): ThingKind | null {
    return this.#things.get(name)?.kind ?? null;
  }

  /** True when `name` is known and of one of these kinds; otherwise the problem is told. */
  demand(name: string, kinds: readonly ThingKind[], path: Path): boolean {
    const kind = this.kindOf(name);
    if (kind !== null && kinds.includes(kind)) return true;
    const candidates = [...this.#things].filter(([, thing]) => kinds.includes(thing.kind)).map(([known]) => known);
    const list = candidates.length > 0 && candidates.length <= 8 ? `: ${candidates.join(", ")}` : "";
    const expected = `the name of a ${kinds.join(" or ")}${list}`;
    const near = nearest(name, candidates);
    const hint = near === null ? "" : `; did you mean "${near}"?`;
    if (kind === null)
      this.error("cluster.unknown-name", path, `nothing is called "${name}"${hint}`, { expected, nearest: near });
    else
      this.error("cluster.wrong-kind", path, `"${name}" is a ${kind}, not a ${kinds.join(" or ")}${hint}`, {
        expected,
        nearest: near,
      });
    return false;
  }

  /** The model called `name`, when it is of this kind. */
  model<Kind extends "board" | "supply" | "switch" | "bank" | "pdu">(
    name: string,
    kind: Kind,
    path: Path,
  ): Model<Kind> | null {
    const models = this.file.models;
    const found = Object.hasOwn(models, name) ? models[name] : undefined;
    if (found?.kind === kind) return found as Model<Kind>;
    const candidates = Object.keys(models).filter((known) => models[known]?.kind === kind);
    const near = nearest(name, candidates);
    const hint = near === null ? "" : `; did you mean "${near}"?`;
    const known = candidates.length === 0 ? "none is defined" : `known: ${candidates.join(", ")}`;
    if (found === undefined)
      this.error("cluster.unknown-name", path, `no model is called "${name}"${hint} (${known})`, {
        expected: `a model of kind ${kind}`,
        nearest: near,
      });
    else
      this.error("cluster.wrong-kind", path, `the model "${name}" is of kind ${found.kind}, not ${kind}${hint}`, {
        expected: `a model of kind ${kind}`,
        nearest: near,
      });
    return null;
  }

  /** All names that a text with ranges stands for; none when it cannot be spelled out, and the problem is told. */
  spell(text: string, path: Path): readonly string[] {
    const spelled = expandNames(text, maxNames);
    if (spelled.kind === "ok") return spelled.names;
    this.error("cluster.range", path, `"${text}": ${spelled.message}`, {
      expected: "a range like k[01-50] or k[01-49/2]",
    });
    return [];
  }

  /** A list of names, each perhaps with ranges, as one flat list. */
  spellAll(texts: readonly string[], path: Path): readonly { readonly name: string; readonly path: Path }[] {
    return texts.flatMap((text, i) => this.spell(text, [...path, i]).map((name) => ({ name, path: [...path, i] })));
  }

  /**
   * The names of a text in step with the `count` things of its entry: one name is the same for all,
   * a range must have exactly as many names.
   */
  inStep(text: string, count: number, path: Path): (i: number) => string | null {
    const spelled = this.spell(text, path);
    if (!text.includes("[")) return () => spelled[0] ?? null;
    if (spelled.length !== count && spelled.length > 0)
      this.error("cluster.range", path, `"${text}" has ${spelled.length} names, but the entry is about ${count}`, {
        expected: `one name, or a range of ${count}`,
      });
    return (i) => spelled[i] ?? null;
  }

  /** An address with its variable filled in; null when the variable is not set. */
  address(text: string | undefined, path: Path): string | null {
    if (text === undefined) return null;
    const variable = /^\$\{(.*)\}$/.exec(text)?.[1];
    if (variable === undefined) return text;
    const value = Object.hasOwn(this.variables, variable) ? this.variables[variable] : undefined;
    if (value === undefined || value === "") return null;
    if (/^[A-Za-z0-9.:[\]_-]{1,253}$/.test(value)) return value;
    // A path is a program's, for the driver that runs one: the site names it, the file never does.
    if (value.length <= 253 && /^(?:\/[A-Za-z0-9._+-]+)+$/.test(value)) return value;
    this.error(
      "cluster.address",
      path,
      `the variable ${variable} is set to "${value.slice(0, 40)}", which is no address`,
      {
        expected: "an address or host name, perhaps with a port, or the absolute path of a program",
      },
    );
    return null;
  }

  #problem(code: ProblemCode, path: Path, message: string, hint: Hint): Problem {
    const { line, column } = this.#source.position(offsetOf(this.#source.root, path));
    return {
      code,
      line,
      column,
      path: pathText(path),
      message,
      expected: hint.expected ?? null,
      nearest: hint.nearest ?? null,
    };
  }
}

/** One entry stands for at most this many things. */
const maxNames = 20_000;
const maxProblems = 1000;
/** Words of the node-set language and of `power`. */
const reserved = new Set(["all", "poe"]);
