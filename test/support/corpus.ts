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
};

/** The programs with one of the tags. */
export function corpus(...tags: string[]): CorpusProgram[] {
  return readFileSync(join(repository, "packages/warble/test/corpus.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CorpusProgram)
    .filter(({ tag }) => tags.includes(tag));
}
