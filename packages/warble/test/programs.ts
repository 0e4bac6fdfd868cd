import { readdirSync, readFileSync } from "node:fs";
import { type Environment, type Limits, publicLimits, type RunResult, run } from "../index.ts";
import { environment } from "./world.ts";

/** A program that tests itself: its post and the world that it meets, and what it must do there. */
export type TestProgram = {
  /** The file below `programs/`, without its ending: `values/a-quotient-is-always-a-float`. */
  readonly name: string;
  readonly post: string;
  readonly world: Partial<Environment>;
  readonly expect: readonly string[];
  /** `CLASS`, `CLASS @position` or `CLASS @position words of the sentence`; empty when it must end well. */
  readonly error: string;
  readonly warnings: readonly string[];
  readonly effects: readonly string[];
  readonly saves: string;
  readonly data: string;
  /** A flood: what it wrote and did before it was cut is not compared. */
  readonly isCut: boolean;
};

const folder = new URL("./programs/", import.meta.url);
const remark = /^# (note|post|world|expect|error|warning|effect|saves|data|cut):(?: (.*))?$/;
const notes = /^# (?:note|post|world|expect|error|warning|effect|saves|data|cut):/m;

/** All programs below `programs/`, or those of one folder. */
export function testPrograms(of = ""): TestProgram[] {
  const files = readdirSync(new URL(of, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".warble"))
    .map((file) => (of === "" ? file : `${of}/${file}`).replaceAll("\\", "/"))
    .sort()
    .map((file) => readProgram(file.replace(/\.warble$/, ""), readFileSync(new URL(file, folder), "utf8")));
}

/**
 * Read a test program: the post as it is, then what it must do, a remark a line (`programs/README.md`).
 *
 * @throws Error that names the file and the line which is no remark.
 */
export function readProgram(name: string, text: string): TestProgram {
  const at = text.search(notes);
  if (at < 0) throw new Error(`${name}: says nothing of what it must do; end it with a line such as "# expect: 1"`);
  const told = new Map<string, string[]>();
  for (const line of text.slice(at).trimEnd().split("\n")) {
    const [, key = "", value = ""] = remark.exec(line) ?? [];
    if (key === "") throw new Error(`${name}: expected "# expect: …" or another remark, not ${JSON.stringify(line)}`);
    told.set(key, [...(told.get(key) ?? []), value]);
  }
  const all = (key: string): readonly string[] => told.get(key) ?? [];
  const only = (key: string, otherwise: string): string => {
    if (all(key).length > 1) throw new Error(`${name}: "# ${key}:" stands there twice`);
    return all(key)[0] ?? otherwise;
  };
  const written = only("post", "");
  const raw = text.slice(0, at).replace(/\n$/, "");
  if ((written === "") === (raw === "")) throw new Error(`${name}: has no post, or two`);
  return {
    name,
    post: written === "" ? raw : (JSON.parse(written) as string),
    world: JSON.parse(only("world", "{}")) as Partial<Environment>,
    expect: all("expect"),
    error: only("error", ""),
    warnings: all("warning"),
    effects: all("effect"),
    saves: only("saves", "{}"),
    data: only("data", "{}"),
    isCut: told.has("cut"),
  };
}

/** Run a test program under the public limits; gives what it did otherwise than it says, in words. */
export function faultsOf(program: TestProgram, limits: Limits = publicLimits): string[] {
  return differencesOf(program, run(program.post, environment(program.world), limits));
}

/** What a run of a test program, by whatever door, did otherwise than it says. */
export function differencesOf(program: TestProgram, ran: RunResult): string[] {
  const faults: string[] = [];
  const compare = (what: string, wanted: string, found: string): void => {
    if (found !== wanted) faults.push(`${what}: wanted ${wanted || "none"}, found ${found || "none"}`);
  };
  if (!program.isCut) {
    compare("lines", JSON.stringify(program.expect), JSON.stringify(ran.out));
    const effects = program.effects.map((effect) => JSON.stringify(JSON.parse(effect)));
    compare("effects", effects.join(" "), ran.effects.map((effect) => JSON.stringify(effect)).join(" "));
  }
  if (!says(program.error, ran.error === null ? null : { ...ran.error, head: `${ran.error.class} ` })) {
    compare("error", program.error, ran.error === null ? "" : told(`${ran.error.class} `, ran.error));
  }
  const { warnings } = program;
  if (
    warnings.length !== ran.warnings.length ||
    !warnings.every((w, i) => says(w, { ...ran.warnings[i]!, head: "" }))
  ) {
    compare("warnings", warnings.join(" | "), ran.warnings.map((warning) => told("", warning)).join(" | "));
  }
  compare("saves", program.saves, JSON.stringify(ran.saves));
  compare("data", program.data, JSON.stringify(ran.data));
  return faults;
}

type Saying = { readonly head: string; readonly pos: number; readonly message: string };

/** Whether `wanted`, as a file writes it, fits an error or a warning; nothing wanted fits nothing found. */
function says(wanted: string, found: Saying | null): boolean {
  if (wanted === "" || found === null) return wanted === "" && found === null;
  const [, head = "", pos, words = ""] = /^([A-Z0-9]* ?)(?:@(\d+) ?)?(.*)$/.exec(wanted)!;
  return (
    head.trim() === found.head.trim() && (pos ?? `${found.pos}`) === `${found.pos}` && found.message.includes(words)
  );
}

function told(head: string, { pos, message }: Omit<Saying, "head">): string {
  return `${head}@${pos} ${message}`;
}
