import { readFileSync } from "node:fs";
import { type Environment, type Limits, publicLimits, type RunResult, run } from "../index.ts";

/** An environment for tests, with what a test cares about put in. */
export function environment(some: Partial<Environment> = {}): Environment {
  return {
    user: "ada",
    board: 3,
    boards: 1050,
    temperatureC: 42.5,
    nowMs: 1_793_000_000_123,
    seed: 7,
    saved: {},
    data: {},
    ...some,
  };
}

/** Run a post in the test environment. */
export function runPost(post: string, some: Partial<Environment> = {}, limits: Partial<Limits> = {}): RunResult {
  return run(post, environment(some), { ...publicLimits, ...limits });
}

/** What a program prints, as one text; its error, if any, as a last line `CLASS @position`. */
export function printed(post: string, some: Partial<Environment> = {}, limits: Partial<Limits> = {}): string {
  const { out, error } = runPost(post, some, limits);
  return [...out, ...(error === null ? [] : [`${error.class} @${error.pos}`])].join("\n");
}

/** One program of the corpus; corpus.jsonl holds one a line. */
export type CorpusCase = {
  readonly name: string;
  readonly tag: string;
  readonly source: string;
  readonly user?: string;
  readonly before?: readonly { readonly user: string; readonly source: string }[];
  readonly expect: { readonly out: readonly string[]; readonly error?: readonly string[] };
  readonly pos?: number;
  readonly effects?: readonly unknown[];
  readonly prefix?: boolean;
};

/** The corpus: 164 programs with what they print, do and fail with. */
export function corpus(): readonly CorpusCase[] {
  const text = readFileSync(new URL("./corpus.jsonl", import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CorpusCase);
}
