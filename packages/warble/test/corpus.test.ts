import { expect, test } from "vitest";
import { type RunResult, run } from "../index.ts";
import { type CorpusCase, corpus, environment } from "./world.ts";

test("the corpus has all its 164 programs", () => {
  expect(corpus()).toHaveLength(164);
});

test.each(corpus().map((entry) => [`${entry.tag} ${entry.name}`, entry] as const))("corpus: %s", (_, entry) => {
  const result = runCase(entry);
  if (entry.prefix !== true) expect(result.out).toEqual(entry.expect.out);
  if (entry.expect.error === undefined) expect(result.error).toBeNull();
  else expect(entry.expect.error).toContain(result.error?.class);
  if (entry.pos !== undefined) expect(result.error?.pos).toBe(entry.pos);
  if (entry.effects !== undefined) expect(result.effects).toEqual(entry.effects);
});

/** Runs what goes before, each program as its own user on one store, then the program itself. */
function runCase(entry: CorpusCase): RunResult {
  const shelves = new Map<string, { saved: Record<string, string>; data: Record<string, string> }>();
  const runAs = (user: string, source: string): RunResult => {
    const { saved, data } = shelves.get(user) ?? { saved: {}, data: {} };
    const result = run(source, environment({ user, saved, data }));
    shelves.set(user, { saved: { ...saved, ...result.saves }, data: { ...data, ...result.data } });
    return result;
  };
  for (const { user, source } of entry.before ?? []) runAs(user, source);
  return runAs(entry.user ?? "ada", entry.source);
}
