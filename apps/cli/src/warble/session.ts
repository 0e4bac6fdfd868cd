import type { Effect, Environment, Limits, RunResult, WarbleError } from "@bramble/warble";

/** What one line of a session did. */
export type Answer = {
  /** The lines that it printed; earlier ones are not told again. */
  readonly out: readonly string[];
  readonly effects: readonly Effect[];
  readonly warnings: readonly string[];
  /** Why the line was not taken over: `pos` counts in `text`. */
  readonly error: (WarbleError & { readonly text: string }) | null;
};

type Warble = Pick<typeof import("@bramble/warble"), "format" | "run" | "publicLimits">;

const longestSession = 4000;

/**
 * A program that grows line by line. Each line is added to those before it and the whole is run again from the start,
 * which is exact: every name, list, random number and precision is what it would be in one program. So all lines
 * together have the limits of one program, and a line that took long takes that long again. A line with an error is
 * forgotten.
 */
export class Session {
  readonly #warble: Warble;
  readonly #environment: Environment;
  readonly #limits: Limits;
  #functions = new Map<string, string>();
  #statements: readonly string[] = [];
  #last: RunResult | null = null;

  constructor(warble: Warble, environment: Environment) {
    this.#warble = warble;
    this.#environment = environment;
    this.#limits = { ...warble.publicLimits, postLength: longestSession };
  }

  /** All that was accepted so far, as one post. */
  get post(): string {
    return written(this.#functions, this.#statements);
  }

  /** What SAVE and SETDATA of the accepted lines left. */
  get kept(): Pick<RunResult, "saves" | "data"> {
    return this.#last ?? { saves: {}, data: {} };
  }

  /** Add one line to the program and tell what it did. */
  add(line: string): Answer {
    const program = inner(line);
    if (program.trim() === "") return { out: [], effects: [], warnings: [], error: null };
    const others = new Map([...this.#functions].filter(([name]) => !defines(program, name)));
    const before = [...others.values()].join("\n");
    const head = `{${before}${before === "" ? "" : "\n"}`;
    const laid = this.#warble.format(`${head}${program}`);
    if ("error" in laid) {
      const pos = Math.max(1, laid.error.pos - [...head].length);
      return silent({ ...laid.error, pos, text: program.trimEnd() });
    }
    const parts = chunksOf(laid.post);
    if (parts === null) {
      const message = "A } ends the program here; write what follows on a line of its own.";
      return silent({ class: "SYNTAX", pos: [...program].indexOf("}") + 1, message, text: program });
    }
    const functions = parts.functions;
    const redefined = [...functions].some(
      ([name, text]) => this.#functions.has(name) && this.#functions.get(name) !== text,
    );
    const last = redefined ? this.#run(functions, this.#statements) : this.#last;
    const statements = [...this.#statements, ...parts.statements];
    const result = this.#run(functions, statements);
    const answer = answerOf(last, result, written(functions, statements));
    if (answer.error !== null) return answer;
    this.#functions = functions;
    this.#statements = statements;
    this.#last = result;
    return answer;
  }

  #run(functions: ReadonlyMap<string, string>, statements: readonly string[]): RunResult {
    return this.#warble.run(written(functions, statements), this.#environment, this.#limits);
  }
}

function answerOf(last: RunResult | null, result: RunResult, text: string): Answer {
  const known = new Set(last?.warnings.map(({ message }) => message));
  return {
    out: newLines(last?.out ?? [], result.out),
    effects: result.effects.slice(last?.effects.length ?? 0),
    warnings: result.warnings.map(({ message }) => message).filter((message) => !known.has(message)),
    error: result.error === null ? null : { ...result.error, text },
  };
}

function written(functions: ReadonlyMap<string, string>, statements: readonly string[]): string {
  return `{\n${[...functions.values(), ...statements].join("\n")}\n}`;
}

function silent(error: WarbleError & { readonly text: string }): Answer {
  return { out: [], effects: [], warnings: [], error };
}

/** What stands between the braces of a whole post, or the line as it is. */
function inner(line: string): string {
  const mark = /^\s*(?:[#＃]\s*pi\s*)?\{/i.exec(line);
  if (mark === null) return line;
  const rest = line.slice(mark[0].length);
  return line.trimEnd().endsWith("}") ? rest.slice(0, rest.lastIndexOf("}")) : rest;
}

/** Whether a program gives the function `name` a new meaning. */
function defines(program: string, name: string): boolean {
  const plain = name.replace(/[^\p{L}\p{M}\p{N}_]/gu, "");
  return new RegExp(`(?<![\\p{L}\\p{N}_])${plain}\\s*\\([\\p{L}\\p{M}\\p{N}_,\\s]*\\)\\s*(?:=(?!=)|\\{)`, "u").test(
    program,
  );
}

/** The top-level parts of a program that `format` laid out; null when something stands behind it. */
function chunksOf(post: string): { readonly functions: Map<string, string>; readonly statements: string[] } | null {
  const lines = post.split("\n");
  const functions = new Map<string, string>();
  const statements: string[] = [];
  if (lines.length === 1) return { functions, statements };
  let chunk: string[] = [];
  const close = (): void => {
    if (chunk.length === 0) return;
    const text = chunk.join("\n");
    const name = /^ {2}([\p{L}_][\p{L}\p{M}\p{N}_]*)\([^()"']*\) (?:=|\{)/u.exec(text)?.[1];
    if (name === undefined) statements.push(text);
    else functions.set(name, text);
    chunk = [];
  };
  for (const line of lines.slice(1, -1)) {
    if (/^ {2}[^\s}]/.test(line) && !/^ {2}ELSE\b/.test(line)) close();
    chunk.push(line);
  }
  close();
  return lines.at(-1) === "}" && lines.indexOf("}") === lines.length - 1 ? { functions, statements } : null;
}

/** The lines of `now` that were not there before; of a line that PUT went on with, what was added. */
function newLines(before: readonly string[], now: readonly string[]): string[] {
  const last = before.length - 1;
  if (last >= 0 && now[last] !== before[last]) {
    const grown = now[last] ?? "";
    const added = grown.startsWith(before[last]!) ? grown.slice(before[last]!.length) : grown;
    return [added, ...now.slice(before.length)];
  }
  return now.slice(before.length);
}
