import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./demo-process.ts";

/** One program of the public corpus (packages/warble/test/corpus.jsonl). */
export type CorpusProgram = {
  readonly name: string;
  readonly tag: string;
  readonly source: string;
  readonly user?: string;
  readonly before?: readonly { readonly user: string; readonly source: string }[];
  readonly expect: { readonly out: readonly string[]; readonly error?: readonly string[] };
  readonly effects?: readonly (readonly (string | number)[])[];
  readonly pos?: number;
  /** A flood that is cut: its lines are not compared. */
  readonly prefix?: boolean;
};

/** What a run of a program gave, by whatever door. */
export type Ran = {
  readonly out: readonly string[];
  readonly effects: readonly (readonly (string | number)[])[];
  readonly error: { readonly class: string; readonly pos: number } | null;
};

/** What is wrong with a run, or null when it is as the corpus says, byte for byte. */
export function differenceOf(program: CorpusProgram, ran: Ran): string | null {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const wanted = program.expect.error;
  const told = `${program.name}: ${JSON.stringify(ran).slice(0, 300)}`;
  if (program.prefix !== true && !same(ran.out, program.expect.out)) return told;
  if (wanted === undefined ? ran.error !== null : !wanted.includes(ran.error?.class ?? "")) return told;
  if (program.pos !== undefined && ran.error?.pos !== program.pos) return told;
  return program.effects !== undefined && !same(ran.effects, program.effects) ? told : null;
}

/** The programs with one of the tags; without tags all of them. */
export function corpus(...tags: string[]): CorpusProgram[] {
  return readFileSync(join(repository, "packages/warble/test/corpus.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CorpusProgram)
    .filter(({ tag }) => tags.length === 0 || tags.includes(tag));
}
